// SPDX-License-Identifier: Apache-2.0
//
// device_codes.h - which codes of a device count here: its own parameters,
// within what the administrator allows.

#ifndef TWOFACTOR_CORE_SESSION_DEVICE_CODES_H_
#define TWOFACTOR_CORE_SESSION_DEVICE_CODES_H_

#include <string_view>

#include "core/base/clock.h"
#include "core/factor/hotp.h"
#include "core/factor/totp.h"
#include "core/session/answer.h"
#include "core/session/config.h"
#include "core/store/enrollment.h"
#include "core/store/login_state.h"

namespace twofactor {

// docs/SECURITY.md, rule 4: with more right codes at a time, guessing pays.
constexpr int kMaxCandidates = 15;

TotpParameters TotpParametersOf(const Device& device);
HotpParameters HotpParametersOf(const Device& device);

// The window is the narrower one of the device's and the administrator's.
TotpTolerance ToleranceOf(const Device& device, const TotpTolerance& allowed);

// Counters that are looked ahead when the token is one of `peers` devices of
// as many digits.
int LookAheadOf(const Config& config, int peers);

// How many codes of the device are right at a time, as above.
int CandidatesOf(const Device& device, const Config& config, int peers);

// Lowest step that a TOTP device may still accept: above what it has used, and
// after a boot above everything that may have been used and lost with the power
// (docs/file-formats.md).
Counter ReplayFloor(const Device& device, const DeviceState& state,
                    const TotpTolerance& tolerance, const Moment& moment);

// The lowest step after all that can be right at `time`.
Counter StepAfterWindow(const Device& device, const DeviceState& state,
                        const TotpTolerance& tolerance, UnixTime time);

// A code within `look_ahead`, or two in a row within the configuration's reach,
// of a HOTP token whose next counter is `next`.  Anything else is rejected.
Result<HotpVerification> VerifyToken(const Config& config, Answer::Kind kind,
                                     std::string_view code,
                                     const Device& device, Counter next,
                                     int look_ahead);

// What was learned, within what is allowed now.
int DriftOf(const DeviceState& state, const TotpTolerance& tolerance);

// Without the id nothing tells later that an unsynced commit was lost.
bool BootIsKnown(const Moment& moment);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_DEVICE_CODES_H_
