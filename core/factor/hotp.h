// SPDX-License-Identifier: Apache-2.0
//
// hotp.h - counter-based one-time passwords (RFC 4226): which codes come next.
//
// Trust: responses are sent by an unauthenticated peer and may hold any bytes.
// Parameters and key come from a root-owned file that the store has validated.

#ifndef TWOFACTOR_CORE_FACTOR_HOTP_H_
#define TWOFACTOR_CORE_FACTOR_HOTP_H_

#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/counter.h"
#include "core/base/crypto.h"
#include "core/base/result.h"
#include "core/factor/verdict.h"

namespace twofactor {

constexpr int kMinDigits = 6;  // RFC 4226 §5.3
constexpr int kMaxDigits = 8;
constexpr std::size_t kMinKeySize = 16;  // RFC 4226 §4 R6: 128 bits
constexpr std::size_t kMaxKeySize = 128;
// Keys that were imported may be as short as other modules once made them: the
// 80 bits of google-authenticator's first years.
constexpr std::size_t kShortestKeySize = 10;

constexpr int kMaxLookAhead = 10;
constexpr int kMaxResyncReach = 1000;

// HOTP(K, C) of RFC 4226 §5.3 for any hash of RFC 6238 §1.2: a number below
// 10^digits, whose leading zeros are part of the code.
//
//   digits  kMinDigits..kMaxDigits, or kInvalid
//   kCrypto when the library could not compute the HMAC
Result<std::uint32_t> HotpValue(HashAlgorithm algorithm, Bytes key,
                                Counter counter, int digits);

struct HotpParameters {
  HashAlgorithm algorithm = HashAlgorithm::kSha1;
  int digits = 6;

  friend bool operator==(const HotpParameters&,
                         const HotpParameters&) = default;
};

// kInvalid, with the reason, unless every field is in its domain and the key
// has `min_key_size`..kMaxKeySize bytes.
Result<void> ValidateHotp(const HotpParameters& parameters, Bytes key,
                          std::size_t min_key_size = kMinKeySize);

struct [[nodiscard]] HotpVerification {
  Verdict verdict = Verdict::kRejected;  // Never kReplayed.
  // Lowest counter still acceptable.  Unchanged unless kAccepted; then the
  // caller makes it outlast a power cut *before* it grants access.
  Counter next{};
};

// Compares a response with the codes of `look_ahead` counters from `next` on
// (RFC 4226 §7.4, parameter s); the first that fits counts.
//
//   look_ahead  1..kMaxLookAhead
//
// A wrong response is an answer, not an error, and moves nothing.  kInvalid
// for arguments outside of their domain, kCrypto.  Run time depends on
// parameters and look-ahead alone.
Result<HotpVerification> VerifyHotp(const HotpParameters& parameters, Bytes key,
                                    std::string_view response, Counter next,
                                    int look_ahead);

// Two codes in a row, of a token whose button was pressed too often: the first
// pair that fits within `reach` counters from `next` on (RFC 4226 §7.4).
//
//   reach  1..kMaxResyncReach
//
// Errors and run time as above.
Result<HotpVerification> ResyncHotp(const HotpParameters& parameters, Bytes key,
                                    std::string_view first,
                                    std::string_view second, Counter next,
                                    int reach);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_FACTOR_HOTP_H_
