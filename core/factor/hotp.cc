// SPDX-License-Identifier: Apache-2.0
//
// hotp.cc - dynamic truncation, the look-ahead window, and resync.

#include "core/factor/hotp.h"

#include "core/factor/code.h"

namespace twofactor {
namespace {

// All ones when a counter comes after `spent`: one that wrapped would let every
// code in again.
std::uint64_t GrowsMask(std::uint64_t next, std::uint64_t spent) {
  return spent + 1 > next ? ~std::uint64_t{0} : 0;
}

}  // namespace

Result<std::uint32_t> HotpValue(HashAlgorithm algorithm, Bytes key,
                                Counter counter, int digits) {
  if (digits < kMinDigits || digits > kMaxDigits)
    return Fail(ErrorCode::kInvalid, "a code has 6 to 8 digits");
  std::uint8_t message[8];
  ByteWriter(message).U64(Number(counter));

  SecretArray<kMaxDigestSize> digest;
  MutableBytes mac = digest.ExposeMutable().first(DigestSize(algorithm));
  RETURN_IF_ERROR(Hmac(algorithm, key, message, mac));

  // RFC 4226 §5.3: the low four bits of the last byte choose 31 bits.
  const std::size_t offset = mac.back() & 0x0F;
  const std::uint32_t truncated =
      ByteReader(mac.subspan(offset)).U32() & 0x7FFFFFFF;
  std::uint32_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  return truncated % modulus;
}

Result<void> ValidateHotp(const HotpParameters& parameters, Bytes key,
                          std::size_t min_key_size) {
  if (DigestSize(parameters.algorithm) == 0)
    return Fail(ErrorCode::kInvalid, "the hash is one of sha1, sha256, sha512");
  if (parameters.digits < kMinDigits || parameters.digits > kMaxDigits)
    return Fail(ErrorCode::kInvalid, "a code has 6 to 8 digits");
  if (key.size() < min_key_size || key.size() > kMaxKeySize)
    return Fail(ErrorCode::kInvalid,
                "a key has " + std::to_string(min_key_size) + " to " +
                    std::to_string(kMaxKeySize) + " bytes");
  return {};
}

Result<HotpVerification> VerifyHotp(const HotpParameters& parameters, Bytes key,
                                    std::string_view response, Counter next,
                                    int look_ahead) {
  RETURN_IF_ERROR(ValidateHotp(parameters, key, kShortestKeySize));
  if (look_ahead < 1 || look_ahead > kMaxLookAhead)
    return Fail(ErrorCode::kInvalid, "the look-ahead is out of range");

  const std::uint32_t typed = CodeValue(response, parameters.digits);
  // Backwards, so that the lowest counter that fits stays.
  std::uint64_t matched = 0;
  std::uint64_t counter = 0;
  for (int ahead = look_ahead; ahead-- > 0;) {
    const std::uint64_t candidate =
        Number(next) + static_cast<std::uint64_t>(ahead);
    ASSIGN_OR_RETURN(const std::uint32_t code,
                     HotpValue(parameters.algorithm, key, Counter{candidate},
                               parameters.digits));
    const std::uint64_t equal =
        EqualMask(code, typed) & GrowsMask(Number(next), candidate);
    matched |= equal;
    counter = Select(equal, candidate, counter);
  }
  if (!matched) return HotpVerification{Verdict::kRejected, next};
  return HotpVerification{Verdict::kAccepted, Counter{counter + 1}};
}

Result<HotpVerification> ResyncHotp(const HotpParameters& parameters, Bytes key,
                                    std::string_view first,
                                    std::string_view second, Counter next,
                                    int reach) {
  RETURN_IF_ERROR(ValidateHotp(parameters, key, kShortestKeySize));
  if (reach < 1 || reach > kMaxResyncReach)
    return Fail(ErrorCode::kInvalid, "the resync reach is out of range");

  const std::uint32_t typed_first = CodeValue(first, parameters.digits);
  const std::uint32_t typed_second = CodeValue(second, parameters.digits);
  std::uint64_t matched = 0;
  std::uint64_t counter = 0;  // Of the second code.
  std::uint64_t after_is_second = 0;
  for (int ahead = reach + 1; ahead-- > 0;) {
    const std::uint64_t candidate =
        Number(next) + static_cast<std::uint64_t>(ahead);
    ASSIGN_OR_RETURN(const std::uint32_t code,
                     HotpValue(parameters.algorithm, key, Counter{candidate},
                               parameters.digits));
    const std::uint64_t pair = EqualMask(code, typed_first) & after_is_second &
                               GrowsMask(Number(next), candidate + 1);
    matched |= pair;
    counter = Select(pair, candidate + 1, counter);
    after_is_second = EqualMask(code, typed_second);
  }
  if (!matched) return HotpVerification{Verdict::kRejected, next};
  return HotpVerification{Verdict::kAccepted, Counter{counter + 1}};
}

}  // namespace twofactor
