// SPDX-License-Identifier: Apache-2.0
//
// throttle.h - how often may be guessed, and from where.
//
// A source from which this user succeeded in the last 30 days has a budget of
// its own, which nobody else can spend.  All other sources are strangers: each
// has a budget, and all share one more.  A budget allows so many failures in a
// window, and so many in 30 days, past which a few a day remain: never a
// permanent lock.  Everything here is a pure function of its arguments.

#ifndef TWOFACTOR_CORE_SESSION_THROTTLE_H_
#define TWOFACTOR_CORE_SESSION_THROTTLE_H_

#include <chrono>

#include "core/base/clock.h"
#include "core/base/source.h"
#include "core/session/config.h"
#include "core/store/login_state.h"

namespace twofactor {

struct ThrottleRuling {
  enum class Kind : std::uint8_t {
    kRefused = 0,  // Nothing may be evaluated.
    kAllowed = 1,
  };
  Kind kind = Kind::kRefused;
  // When kRefused: how long until an attempt is allowed, if nobody fails
  // until then.
  std::chrono::seconds retry_after{};
};

ThrottleRuling MayAttempt(const LoginState& state, const Source& source,
                          const VerifyLimits& limits, UnixTime now);

// Whether the user succeeded from there in the last 30 days.
bool IsKnownSource(const LoginState& state, const Source& source, UnixTime now);

// Counts one wrong guess.
void RecordFailure(LoginState& state, const Source& source, UnixTime now);

// Makes this source a known one and clears its recent failures, nobody else's.
// Its tally of 30 days stays: others may share the address and the password.
void RecordSuccess(LoginState& state, const Source& source, UnixTime now);

// The same for backup and bypass codes, which cannot be guessed within the life
// of a host: known sources share one budget, strangers another.
ThrottleRuling MayTryCode(const LoginState& state, const Source& source,
                          const RateLimit& limit, UnixTime now);
void RecordCodeFailure(LoginState& state, const Source& source, UnixTime now);

// Something that may happen so often in a window: how long until it may again,
// zero when it may now, and noting that it does.
std::chrono::seconds WaitFor(const RecentTimes& times, const RateLimit& limit,
                             UnixTime now);
void Note(RecentTimes& times, UnixTime now);

// Forgets all failures, recovery requests and codes sent; keeps which sources
// are known.
void ClearFailures(LoginState& state);

// Failures that stand after `now` (the clock was set back) count as of `now`,
// so that they expire; codes that were sent after it are dead.  True when the
// state changed and should be kept.
bool ForgiveTheFuture(LoginState& state, UnixTime now);

// Failures of the last 30 days past the monthly limit: strangers are down to a
// few a day, and somebody should know.
bool StrangersExhausted(const LoginState& state, const VerifyLimits& limits,
                        UnixTime now);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_THROTTLE_H_
