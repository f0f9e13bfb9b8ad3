// SPDX-License-Identifier: Apache-2.0
//
// hotp.cc - dynamic truncation.

#include "core/factor/hotp.h"

namespace twofactor {

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

}  // namespace twofactor
