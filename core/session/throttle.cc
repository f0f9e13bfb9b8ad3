// SPDX-License-Identifier: Apache-2.0
//
// throttle.cc - counting failures.

#include "core/session/throttle.h"

#include <algorithm>

namespace twofactor {
namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr seconds kKnownFor = days(30);
constexpr seconds kDay = days(1);

std::uint32_t DayOf(UnixTime time) {
  return static_cast<std::uint32_t>(time.time_since_epoch() / kDay);
}

// Index of `day` in `daily`, kFailureDays when it is out of its reach.
std::size_t IndexOfDay(const FailureHistory& failures, std::uint32_t day) {
  if (day > failures.last_day) return kFailureDays;
  return std::min<std::size_t>(failures.last_day - day, kFailureDays);
}

int FailuresToday(const FailureHistory& failures, UnixTime now) {
  const std::size_t index = IndexOfDay(failures, DayOf(now));
  return index < kFailureDays ? failures.daily[index] : 0;
}

int FailuresIn30Days(const FailureHistory& failures, UnixTime now) {
  const std::uint32_t today = DayOf(now);
  int sum = 0;
  for (std::uint32_t i = 0; i < kFailureDays; ++i) {
    const std::uint32_t day = failures.last_day - i;
    if (failures.last_day >= i && day + kFailureDays > today && day <= today)
      sum += failures.daily[i];
  }
  return sum;
}

void AddToDay(FailureHistory& failures, UnixTime now) {
  const std::uint32_t today = DayOf(now);
  if (today > failures.last_day) {
    const std::size_t shift =
        std::min<std::size_t>(today - failures.last_day, kFailureDays);
    std::shift_right(failures.daily.begin(), failures.daily.end(),
                     static_cast<std::ptrdiff_t>(shift));
    std::fill_n(failures.daily.begin(), shift, std::uint8_t{0});
    failures.last_day = today;
  }
  const std::size_t index = IndexOfDay(failures, today);
  if (index < kFailureDays && failures.daily[index] < kMaxFailuresPerDay)
    ++failures.daily[index];
}

void AddFailure(FailureHistory& failures, UnixTime now) {
  Note(failures.recent, now);
  AddToDay(failures, now);
}

seconds WaitForDays(const FailureHistory& failures, const VerifyLimits& limits,
                    UnixTime now) {
  if (FailuresIn30Days(failures, now) < limits.failures_per_30_days ||
      FailuresToday(failures, now) < limits.failures_per_day)
    return seconds(0);
  return kDay - now.time_since_epoch() % kDay;  // Until the next UTC day.
}

seconds WaitForBudget(const FailureHistory& failures, const RateLimit& limit,
                      const VerifyLimits& limits, UnixTime now) {
  return std::max(WaitFor(failures.recent, limit, now),
                  WaitForDays(failures, limits, now));
}

template <typename State>
auto* FindSource(State& state, const Source& source) {
  for (auto& each : state.sources)
    if (each.source == source) return &each;
  return static_cast<decltype(&state.sources[0])>(nullptr);
}

bool IsKnown(const SourceState& source, UnixTime now) {
  return source.last_success != UnixTime{} &&
         source.last_success + kKnownFor > now;
}

UnixTime LastFailure(const SourceState& source) {
  const auto& recent = source.failures.recent;
  return recent.empty() ? UnixTime{} : recent[recent.size() - 1];
}

// The entry that a new source may take: of the stranger whose last failure is
// oldest.  Its failures stand in the shared count already.  Null: all known.
SourceState* OldestStranger(LoginState& state, UnixTime now) {
  SourceState* oldest = nullptr;
  for (SourceState& source : state.sources) {
    if (IsKnown(source, now)) continue;
    if (!oldest || LastFailure(source) < LastFailure(*oldest)) oldest = &source;
  }
  return oldest;
}

SourceState* OldestKnown(LoginState& state) {
  return std::min_element(state.sources.begin(), state.sources.end(),
                          [](const SourceState& a, const SourceState& b) {
                            return a.last_success < b.last_success;
                          });
}

// The source's entry, a new one if need be.  Null when strangers would have to
// push out a known source.
SourceState* EntryFor(LoginState& state, const Source& source, UnixTime now) {
  if (SourceState* found = FindSource(state, source)) return found;
  const SourceState fresh{source, {}, {}};
  if (state.sources.Add(fresh)) return state.sources.end() - 1;
  SourceState* entry = OldestStranger(state, now);
  if (entry) *entry = fresh;
  return entry;
}

bool ForgiveTheFuture(RecentTimes& times, UnixTime now) {
  bool changed = false;
  for (UnixTime& time : times) {
    if (time <= now) continue;
    time = now;
    changed = true;
  }
  return changed;
}

bool ForgiveTheFuture(FailureHistory& failures, UnixTime now) {
  bool changed = ForgiveTheFuture(failures.recent, now);
  if (failures.last_day > DayOf(now)) {
    failures.last_day = DayOf(now);
    changed = true;
  }
  return changed;
}

template <typename State>
auto& CodeFailuresOf(State& state, const Source& source, UnixTime now) {
  const SourceState* found = FindSource(state, source);
  return found && IsKnown(*found, now) ? state.known_code_failures
                                       : state.strange_code_failures;
}

}  // namespace

seconds WaitFor(const RecentTimes& times, const RateLimit& limit,
                UnixTime now) {
  const auto allowed = static_cast<std::size_t>(limit.failures);
  if (times.size() < allowed) return seconds(0);
  const UnixTime oldest = times[times.size() - allowed];
  return std::max(seconds(0), oldest + limit.window - now);
}

void Note(RecentTimes& times, UnixTime now) {
  if (times.full()) times.RemoveAt(0);
  (void)times.Add(now);
}

ThrottleRuling MayAttempt(const LoginState& state, const Source& source,
                          const VerifyLimits& limits, UnixTime now) {
  const SourceState* known = FindSource(state, source);
  seconds wait{0};
  if (known) wait = WaitForBudget(known->failures, limits.source, limits, now);
  if (!known || !IsKnown(*known, now))
    wait = std::max(
        wait, WaitForBudget(state.strangers, limits.strangers, limits, now));
  if (wait > seconds(0)) return {ThrottleRuling::Kind::kRefused, wait};
  return {ThrottleRuling::Kind::kAllowed, seconds(0)};
}

void RecordFailure(LoginState& state, const Source& source, UnixTime now) {
  SourceState* entry = EntryFor(state, source, now);
  if (entry) AddFailure(entry->failures, now);
  if (!entry || !IsKnown(*entry, now)) AddFailure(state.strangers, now);
}

ThrottleRuling MayTryCode(const LoginState& state, const Source& source,
                          const RateLimit& limit, UnixTime now) {
  const seconds wait = WaitFor(CodeFailuresOf(state, source, now), limit, now);
  if (wait > seconds(0)) return {ThrottleRuling::Kind::kRefused, wait};
  return {ThrottleRuling::Kind::kAllowed, seconds(0)};
}

void RecordCodeFailure(LoginState& state, const Source& source, UnixTime now) {
  Note(CodeFailuresOf(state, source, now), now);
}

void RecordSuccess(LoginState& state, const Source& source, UnixTime now) {
  SourceState* entry = EntryFor(state, source, now);
  if (!entry) {
    entry = OldestKnown(state);
    *entry = {source, {}, {}};
  }
  entry->last_success = now;
  entry->failures.recent.Clear();
}

void ClearFailures(LoginState& state) {
  state.strangers = {};
  for (SourceState& source : state.sources) source.failures = {};
  state.known_code_failures.Clear();
  state.strange_code_failures.Clear();
  state.recovery_requests.Clear();
  for (ChannelState& channel : state.channels) channel.sends.Clear();
}

bool ForgiveTheFuture(LoginState& state, UnixTime now) {
  bool changed = ForgiveTheFuture(state.strangers, now);
  for (RecentTimes* times :
       {&state.known_code_failures, &state.strange_code_failures,
        &state.recovery_requests})
    changed |= ForgiveTheFuture(*times, now);
  for (ChannelState& channel : state.channels) {
    changed |= ForgiveTheFuture(channel.sends, now);
    if (channel.code.sent <= now) continue;
    channel.Forget();
    changed = true;
  }
  if (state.recovery.sent > now) {
    state.recovery = {};
    changed = true;
  }
  for (SourceState& source : state.sources) {
    changed |= ForgiveTheFuture(source.failures, now);
    if (source.last_success <= now) continue;
    source.last_success = now;
    changed = true;
  }
  return changed;
}

bool IsKnownSource(const LoginState& state, const Source& source,
                   UnixTime now) {
  const SourceState* found = FindSource(state, source);
  return found && IsKnown(*found, now);
}

bool StrangersExhausted(const LoginState& state, const VerifyLimits& limits,
                        UnixTime now) {
  return FailuresIn30Days(state.strangers, now) >= limits.failures_per_30_days;
}

}  // namespace twofactor
