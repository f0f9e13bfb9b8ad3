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
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/source.h"
#include "core/session/answer.h"
#include "core/session/comparison.h"
#include "core/session/config.h"
#include "core/store/store.h"

namespace twofactor {

struct Judgement {
  enum class Kind : std::uint8_t {
    kRejected = 0,
    kReplayed,     // A right code that was used, or may have been before boot.
    kExpired,      // A bypass code after its time or its last use.
    kClockBehind,  // The clock stands before the last used step of a device.
    kThrottled,    // Not evaluated.
    kNothingUsable,  // The record holds nothing that could accept.
    kLapsed,  // A recovery that took too long, or that somebody forestalled.
    kAccepted,
  };
  Kind kind = Kind::kRejected;
  Method method = Method::kNone;
  std::string name = {};               // Of what matched: Comparison::name.
  std::optional<int> codes_left = {};  // Of the set that a code was spent from.
  std::chrono::seconds retry_after{};  // When kThrottled.
  bool strangers_exhausted = false;    // Worth an alert.
};

// Who is judged: the user, or for want of a record the stand-in for nobody.
struct Subject {
  UserName user;
  Presence presence = Presence::kRecord;
};

// Compares the code with everything whose form it has and whose budget is open;
// a failure is charged to all of them, and every match is spent.
// `change` comes with the state as it is, and leaves with what to commit.
Result<Judgement> Judge(const Config& config, const Attempt& attempt,
                        const Enrollment& enrollment, const Moment& moment,
                        StateChange& change);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_JUDGEMENT_H_
