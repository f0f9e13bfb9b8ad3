// SPDX-License-Identifier: Apache-2.0
//
// judgement.h - the decision inside Store::Update: throttle, verify, new state.
//
// Pure: the same enrollment, state, answer and moment give the same judgement.
//
// Trust: `answer` is hostile.  Enrollment and state come from the store.

#ifndef TWOFACTOR_CORE_SESSION_JUDGEMENT_H_
#define TWOFACTOR_CORE_SESSION_JUDGEMENT_H_

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/source.h"
#include "core/factor/verdict.h"
#include "core/session/config.h"
#include "core/store/store.h"

namespace twofactor {

// docs/SECURITY.md, rule 4: with more right codes at a time, guessing pays.
constexpr int kMaxCandidates = 15;

struct Judgement {
  enum class Kind : std::uint8_t {
    kRejected = 0,
    kReplayed,     // A right code that was used, or may have been before boot.
    kClockBehind,  // The clock stands before the last used step of a device.
    kThrottled,    // Not evaluated.
    kNothingUsable,  // The record holds no device that could accept.
    kAccepted,
  };
  Kind kind = Kind::kRejected;
  std::string device;                  // Label of the device that matched.
  std::chrono::seconds retry_after{};  // When kThrottled.
  bool strangers_exhausted = false;    // Worth an alert.
};

struct Attempt {
  std::string_view digits;  // Of an Answer of kind kCode.
  Source source;
};

// Compares the code with every enabled device whose format it fits; a failure
// is charged once to the source's budgets, and every match is spent.
// `change` comes with the state as it is, and leaves with what to commit.
Result<Judgement> Judge(const Config& config, const Attempt& attempt,
                        const Enrollment& enrollment, const Moment& moment,
                        StateChange& change);

// Lowest step that a device may still accept: above what it has used, and
// after a boot above everything that may have been used and lost with the power
// (docs/file-formats.md).
Counter ReplayFloor(const TotpDevice& device, const DeviceState& state,
                    const TotpTolerance& tolerance, const Moment& moment);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_JUDGEMENT_H_
