// SPDX-License-Identifier: Apache-2.0
//
// totp.h - time-based one-time passwords (RFC 6238): which codes count now.
//
// Trust: `response` is sent by an unauthenticated peer and may hold any bytes.
// Parameters and key come from a root-owned file that the store has validated.

#ifndef TWOFACTOR_CORE_FACTOR_TOTP_H_
#define TWOFACTOR_CORE_FACTOR_TOTP_H_

#include <chrono>
#include <optional>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/counter.h"
#include "core/base/crypto.h"
#include "core/base/result.h"
#include "core/factor/hotp.h"
#include "core/factor/verdict.h"

namespace twofactor {

struct TotpParameters {
  HashAlgorithm algorithm = HashAlgorithm::kSha1;
  int digits = 6;                   // 6..8
  std::chrono::seconds period{30};  // X of RFC 6238 §4.1, 15..300 s

  friend bool operator==(const TotpParameters&,
                         const TotpParameters&) = default;
};

// kInvalid, with the reason, unless every field is in its domain and the key
// has `min_key_size`..kMaxKeySize bytes.
Result<void> ValidateTotp(const TotpParameters& parameters, Bytes key,
                          std::size_t min_key_size = kMinKeySize);

// What a device remembers from one login to the next.
struct TotpProgress {
  Counter next{};  // Lowest step still acceptable; below it is replay.
  int drift = 0;   // Steps that the device's clock is known to be ahead.
  int offset = 0;  // Where the last `streak` codes stood in the window ...
  int streak = 0;  // ... as long as that was one same place off its middle.

  friend bool operator==(const TotpProgress&, const TotpProgress&) = default;
};

constexpr int kMaxWindow = 2;
constexpr int kMaxDrift = 2;

// How far codes may be off.  2 * window + 1 codes are right at a time.
struct TotpTolerance {
  int window = 1;  // Steps to either side (RFC 6238 §5.2), to kMaxWindow.
  int max_drift =
      2;  // Steps that `drift` may move (RFC 6238 §6), to kMaxDrift.
};

struct [[nodiscard]] TotpVerification {
  Verdict verdict = Verdict::kRejected;
  // Unchanged unless kAccepted; then the caller commits it *before* it grants
  // access.
  TotpProgress progress;
};

// T of RFC 6238 §4.2, with T0 = 0.
Counter TotpStep(const TotpParameters& parameters, UnixTime time);

// Checks one response.  Pure: no I/O, no clock, no state between calls.
//
//   response  as typed, not NUL-terminated
//   progress  of this device; steps below `next` are replay (RFC 6238 §5.2)
//   now       the time of the attempt
//
// A wrong response is an answer, not an error.  An error means "could not
// decide", and the caller denies: kInvalid for parameters outside of their
// domain, kCrypto when the HMAC could not be computed.
//
// Run time depends on parameters and tolerance alone: every step of the window
// is computed and compared, match or no match.
Result<TotpVerification> VerifyTotp(const TotpParameters& parameters, Bytes key,
                                    std::string_view response,
                                    const TotpProgress& progress,
                                    const TotpTolerance& tolerance,
                                    UnixTime now);

// For an administrator's diagnosis, never for a login: how many steps from now
// the step nearest to now, at most `reach` away, lies for which `response` is
// right.  Empty: for none.
Result<std::optional<std::int64_t>> FindTotpOffset(
    const TotpParameters& parameters, Bytes key, std::string_view response,
    int reach, UnixTime now);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_FACTOR_TOTP_H_
