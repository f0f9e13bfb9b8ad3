// SPDX-License-Identifier: Apache-2.0
//
// notices.h - what a user is told of: remembered in the same commit as the
// event, and mailed later by whoever flushes.
//
// Pure functions of their arguments.

#ifndef TWOFACTOR_CORE_SESSION_NOTICES_H_
#define TWOFACTOR_CORE_SESSION_NOTICES_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/session/config.h"
#include "core/session/pending_code.h"
#include "core/store/store.h"

namespace twofactor {

// After this time a notice that nobody took is given up.
constexpr std::chrono::seconds kNoticeLife = std::chrono::days(7);
// Between notices of a lockout, however many there are.
constexpr std::chrono::seconds kLockoutQuiet = std::chrono::hours(6);

// Remembers the event, unless `notices = off`.
//
//   asker    of a login; the service is empty when an administrator acts
//   subject  the label or reason that it is about; may be cut
void Notify(const Config& config, NoticeKind kind, UnixTime now,
            const Asker& asker, std::string_view subject, LoginState& state);

// The same for a lockout, at most one in kLockoutQuiet.
void NotifyLockout(const Config& config, UnixTime now, const Asker& asker,
                   LoginState& state);

// When they may be tried: at once, and after failures ever later.
bool IsDue(const NoticeRing& ring, UnixTime now);

// How many of `untold` events are older than kNoticeLife; of those that the
// ring had no room for, all once the oldest that it has is.
std::uint32_t CountStale(const NoticeRing& ring, std::uint32_t untold,
                         UnixTime now);

// Where the user's notices go: Enrollment::EmailAddresses, and former ones;
// none twice.
std::vector<std::string> NoticeAddresses(const Record& record);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_NOTICES_H_
