// SPDX-License-Identifier: Apache-2.0
//
// throttle_test.cc - budgets at the limit and one past it, to the second, and
// whatever the clock does.

#include "core/session/throttle.h"

#include <random>

#include "tests/unit/expect.h"
#include "tests/unit/fake_clock.h"

using namespace twofactor;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr VerifyLimits kLimits;
// Noon of a UTC day: windows of these tests end before midnight.
const UnixTime kNoon = UnixTime(days(20'833) + hours(12));

Source Address(std::uint32_t number) {
  return {Source::Kind::kIpv4,
          {static_cast<std::uint8_t>(number >> 24),
           static_cast<std::uint8_t>(number >> 16),
           static_cast<std::uint8_t>(number >> 8),
           static_cast<std::uint8_t>(number)}};
}

std::uint32_t Below(std::minstd_rand& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

const Source kHome = Address(1);
const Source kAttacker = Address(2);
constexpr Source kLocal;

bool Allowed(const LoginState& state, const Source& source, UnixTime now,
             const VerifyLimits& limits = kLimits) {
  const ThrottleRuling ruling = MayAttempt(state, source, limits, now);
  const bool allowed = ruling.kind == ThrottleRuling::Kind::kAllowed;
  Expect(allowed == (ruling.retry_after == seconds(0)));
  return allowed;
}

void FailTimes(LoginState& state, const Source& source, int times,
               UnixTime now) {
  for (int i = 0; i < times; ++i) RecordFailure(state, source, now);
}

LoginState KnowingHome(UnixTime since = kNoon) {
  LoginState state;
  RecordSuccess(state, kHome, since);
  return state;
}

void zero_ruling_refuses() {
  Expect(ThrottleRuling{}.kind == ThrottleRuling::Kind::kRefused);
}

void source_may_fail_5_times_and_not_6() {
  for (const Source& source : {kHome, kAttacker, kLocal}) {
    LoginState state = KnowingHome();
    for (int i = 0; i < 5; ++i) {
      Expect(Allowed(state, source, kNoon), std::to_string(i));
      RecordFailure(state, source, kNoon);
    }
    Expect(!Allowed(state, source, kNoon));
  }
}

void window_of_a_source_ends_to_the_second() {
  LoginState state;
  for (int i = 0; i < 5; ++i)
    RecordFailure(state, kAttacker, kNoon + seconds(10 * i));
  struct {
    int after;
    bool allowed;
  } const rows[] = {{40, false}, {899, false}, {900, true}, {909, true}};
  for (const auto& row : rows)
    ExpectEqual(Allowed(state, kAttacker, kNoon + seconds(row.after)),
                row.allowed, std::to_string(row.after));
  // One more at 900 s: now the second of the five is the oldest of five.
  RecordFailure(state, kAttacker, kNoon + seconds(900));
  Expect(!Allowed(state, kAttacker, kNoon + seconds(909)));
  Expect(Allowed(state, kAttacker, kNoon + seconds(910)));
}

void strangers_share_20_in_15_minutes() {
  LoginState state;
  for (std::uint32_t i = 0; i < 20; ++i) {
    Expect(Allowed(state, Address(100 + i), kNoon), std::to_string(i));
    RecordFailure(state, Address(100 + i), kNoon);
  }
  Expect(!Allowed(state, Address(999), kNoon));
  Expect(!Allowed(state, kLocal, kNoon));
  Expect(!Allowed(state, Address(999), kNoon + seconds(899)));
  Expect(Allowed(state, Address(999), kNoon + seconds(900)));
}

void known_source_is_not_touched_by_strangers() {
  LoginState state = KnowingHome();
  for (std::uint32_t i = 0; i < 5000; ++i)
    RecordFailure(state, Address(100 + i), kNoon + seconds(i));
  const UnixTime now = kNoon + seconds(5000);
  Expect(!Allowed(state, Address(99), now));
  Expect(Allowed(state, kHome, now));
  FailTimes(state, kHome, 4, now);
  Expect(Allowed(state, kHome, now));
}

void failures_of_a_known_source_are_not_charged_to_strangers() {
  LoginState state = KnowingHome();
  FailTimes(state, kHome, 50, kNoon);
  Expect(!Allowed(state, kHome, kNoon));
  Expect(Allowed(state, kAttacker, kNoon));
  Expect(state.strangers == FailureHistory{});
}

void source_is_known_for_30_days_to_the_second() {
  LoginState state = KnowingHome(kNoon);
  FailTimes(state, kAttacker, 20, kNoon + days(30) - seconds(60));
  Expect(Allowed(state, kHome, kNoon + days(30) - seconds(1)));
  Expect(!Allowed(state, kHome, kNoon + days(30)));
}

void success_clears_its_own_source_only() {
  LoginState state = KnowingHome();
  FailTimes(state, kHome, 5, kNoon);
  FailTimes(state, kAttacker, 5, kNoon);
  RecordSuccess(state, kHome, kNoon + seconds(1));
  Expect(Allowed(state, kHome, kNoon + seconds(1)));
  Expect(!Allowed(state, kAttacker, kNoon + seconds(1)));
  ExpectEqual(state.strangers.recent.size(), 5u);
}

// Others may share the address: the user's logins must not refill its month.
void success_keeps_the_tally_of_the_month() {
  LoginState state = KnowingHome();
  int evaluated = 0;
  for (UnixTime now = kNoon; now < kNoon + hours(11); now += minutes(1)) {
    if (!Allowed(state, kHome, now)) continue;
    RecordFailure(state, kHome, now);
    ++evaluated;
    if (evaluated < 100) RecordSuccess(state, kHome, now);
  }
  ExpectEqual(evaluated, 100);
  RecordSuccess(state, kHome, kNoon + hours(11));
  Expect(!Allowed(state, kHome, kNoon + hours(11)));
  Expect(Allowed(state, kHome, kNoon + hours(12)));
}

// Who owns a stolen password and the right network cannot use the user's own
// logins to refill the strangers' budget.
void success_does_not_refill_the_budget_of_strangers() {
  LoginState state = KnowingHome();
  for (std::uint32_t i = 0; i < 20; ++i)
    RecordFailure(state, Address(100 + i), kNoon);
  RecordSuccess(state, kHome, kNoon);
  Expect(!Allowed(state, Address(999), kNoon));
}

void after_100_failures_in_30_days_5_a_day_remain() {
  LoginState state;
  UnixTime now = kNoon;
  int evaluated = 0;
  while (Allowed(state, Address(static_cast<std::uint32_t>(evaluated)), now) ||
         now < kNoon + hours(6)) {
    if (Allowed(state, Address(static_cast<std::uint32_t>(evaluated)), now)) {
      RecordFailure(state, Address(static_cast<std::uint32_t>(evaluated)), now);
      ++evaluated;
    }
    now += seconds(60);
  }
  ExpectEqual(evaluated, 100);
  Expect(StrangersExhausted(state, kLimits, now));

  const UnixTime midnight = UnixTime(days(20'834));
  for (int day = 0; day < 40; ++day) {
    const UnixTime start = midnight + days(day);
    Expect(!Allowed(state, kAttacker, start - seconds(1)));
    int today = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
      if (!Allowed(state, Address(1000 + i), start + seconds(i))) continue;
      RecordFailure(state, Address(1000 + i), start + seconds(i));
      ++today;
    }
    ExpectEqual(today, 5, std::to_string(day));
  }
}

// The month's budget is 100, not 99 and not 101.
void month_limit_is_exact() {
  LoginState state;
  for (int i = 0; i < 99; ++i)
    RecordFailure(state, Address(static_cast<std::uint32_t>(i)),
                  kNoon + minutes(i));
  const UnixTime later = kNoon + hours(4);
  Expect(!StrangersExhausted(state, kLimits, later));
  Expect(Allowed(state, kAttacker, later));
  RecordFailure(state, kAttacker, later);
  Expect(StrangersExhausted(state, kLimits, later));
  Expect(!Allowed(state, Address(12345), later + minutes(30)));
}

void month_is_the_last_30_days() {
  LoginState state;
  for (int i = 0; i < 100; ++i)
    RecordFailure(state, Address(static_cast<std::uint32_t>(i)), kNoon);
  Expect(StrangersExhausted(state, kLimits, kNoon + days(29)));
  Expect(!StrangersExhausted(state, kLimits, kNoon + days(30)));
  // Nothing else happened since: the table is of an old day.
  Expect(!StrangersExhausted(state, kLimits, kNoon + days(1000)));
  Expect(Allowed(state, kAttacker, kNoon + days(1000)));
}

void known_source_has_a_month_of_its_own() {
  LoginState state = KnowingHome();
  UnixTime now = kNoon;
  int evaluated = 0;
  for (int minute = 0; minute < 60 * 11; ++minute, now += minutes(1)) {
    if (!Allowed(state, kHome, now)) continue;
    RecordFailure(state, kHome, now);
    ++evaluated;
  }
  ExpectEqual(evaluated, 100);
  Expect(Allowed(state, kAttacker, now));
  Expect(!StrangersExhausted(state, kLimits, now));
}

void retry_after_is_exact() {
  std::minstd_rand random(7);
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    LoginState state = KnowingHome();
    UnixTime now = kNoon;
    const int failures = static_cast<int>(random() % 140);
    for (int i = 0; i < failures; ++i) {
      RecordFailure(state, Address(Below(random, 12)), now);
      now += seconds(random() % 600);
    }
    const Source source = Address(Below(random, 14));
    const ThrottleRuling ruling = MayAttempt(state, source, kLimits, now);
    if (ruling.kind == ThrottleRuling::Kind::kAllowed) continue;
    ++refused;
    Expect(!Allowed(state, source, now + ruling.retry_after - seconds(1)));
    Expect(Allowed(state, source, now + ruling.retry_after));
  }
  Expect(refused > 50);
}

void oldest_stranger_makes_room_and_stays_counted() {
  LoginState state = KnowingHome();
  for (std::uint32_t i = 0; i < 7; ++i)
    RecordFailure(state, Address(100 + i), kNoon + seconds(i));
  Expect(state.sources.full());
  RecordFailure(state, Address(200), kNoon + seconds(60));
  auto has = [&](const Source& source) {
    for (const SourceState& each : state.sources)
      if (each.source == source) return true;
    return false;
  };
  Expect(has(kHome));
  Expect(has(Address(200)));
  Expect(!has(Address(100)));
  Expect(has(Address(101)));
  ExpectEqual(state.strangers.recent.size(), 8u);
}

void full_table_of_known_sources_gives_no_stranger_room() {
  LoginState state;
  for (std::uint32_t i = 0; i < kMaxSources; ++i)
    RecordSuccess(state, Address(100 + i), kNoon + seconds(i));
  for (int i = 0; i < 20; ++i) {
    Expect(Allowed(state, kAttacker, kNoon));
    RecordFailure(state, kAttacker, kNoon);
  }
  Expect(!Allowed(state, kAttacker, kNoon));
  for (std::uint32_t i = 0; i < kMaxSources; ++i)
    Expect(Allowed(state, Address(100 + i), kNoon));
  // A ninth success takes the place of the oldest.
  RecordSuccess(state, kHome, kNoon + seconds(100));
  ExpectEqual(state.sources.size(), kMaxSources);
  for (const SourceState& each : state.sources)
    Expect(each.source != Address(100));
}

void unlock_forgets_failures_and_keeps_known_sources() {
  LoginState state = KnowingHome();
  FailTimes(state, kHome, 5, kNoon);
  FailTimes(state, kAttacker, 30, kNoon);
  ClearFailures(state);
  Expect(Allowed(state, kHome, kNoon));
  Expect(Allowed(state, kAttacker, kNoon));
  Expect(state.strangers == FailureHistory{});
  FailTimes(state, kAttacker, 30, kNoon);
  Expect(Allowed(state, kHome, kNoon));
}

void other_limits_are_kept_too() {
  VerifyLimits limits;
  limits.source = {1, seconds(60)};
  limits.strangers = {2, seconds(120)};
  limits.failures_per_30_days = 4;
  limits.failures_per_day = 1;
  LoginState state;
  RecordFailure(state, Address(1), kNoon);
  Expect(!Allowed(state, Address(1), kNoon + seconds(59), limits));
  Expect(Allowed(state, Address(1), kNoon + seconds(60), limits));
  RecordFailure(state, Address(2), kNoon);
  Expect(!Allowed(state, Address(3), kNoon + seconds(119), limits));
  Expect(Allowed(state, Address(3), kNoon + seconds(120), limits));
  RecordFailure(state, Address(3), kNoon + seconds(300));
  Expect(Allowed(state, Address(4), kNoon + seconds(600), limits));
  RecordFailure(state, Address(4), kNoon + seconds(600));
  Expect(!Allowed(state, Address(5), kNoon + hours(3), limits));
  Expect(Allowed(state, Address(5), kNoon + hours(12), limits));
}

void largest_limits_of_the_format_are_kept() {
  VerifyLimits limits;
  limits.source = limits.strangers = {20, days(1)};
  LoginState state;
  FailTimes(state, kAttacker, 19, kNoon);
  Expect(Allowed(state, kAttacker, kNoon, limits));
  FailTimes(state, kAttacker, 1, kNoon);
  Expect(!Allowed(state, kAttacker, kNoon + days(1) - seconds(1), limits));
  Expect(Allowed(state, kAttacker, kNoon + days(1), limits));
}

// More failures in one day than a byte counts.
void days_saturate() {
  LoginState state;
  FailTimes(state, kAttacker, 1000, kNoon);
  ExpectEqual(state.strangers.daily[0], 255u);
  Expect(!Allowed(state, kAttacker, kNoon + hours(1)));
}

// The clock ------------------------------------------------------------------

void clock_set_back_does_not_lock_for_longer() {
  LoginState state;
  const UnixTime future = kNoon + days(4000);
  FailTimes(state, kAttacker, 30, future);
  Expect(ForgiveTheFuture(state, kNoon));
  Expect(!Allowed(state, kAttacker, kNoon));
  Expect(Allowed(state, kAttacker, kNoon + minutes(15)));
  Expect(!ForgiveTheFuture(state, kNoon));
}

void clock_set_back_does_not_forget_guesses() {
  LoginState state;
  FailTimes(state, kAttacker, 4, kNoon + days(10));
  ForgiveTheFuture(state, kNoon);
  Expect(Allowed(state, kAttacker, kNoon));
  RecordFailure(state, kAttacker, kNoon);
  Expect(!Allowed(state, kAttacker, kNoon));
}

void nothing_is_forgiven_when_the_clock_is_right() {
  LoginState state = KnowingHome();
  FailTimes(state, kAttacker, 7, kNoon);
  const LoginState before = state;
  Expect(!ForgiveTheFuture(state, kNoon));
  Expect(!ForgiveTheFuture(state, kNoon + days(3)));
  Expect(state == before);
}

void clock_set_back_keeps_a_source_known_for_30_days_at_most() {
  LoginState state = KnowingHome(kNoon + days(4000));
  ForgiveTheFuture(state, kNoon);
  FailTimes(state, kAttacker, 20, kNoon);
  Expect(Allowed(state, kHome, kNoon));
  FailTimes(state, kAttacker, 20, kNoon + days(30));
  Expect(!Allowed(state, kHome, kNoon + days(30)));
}

// Codes that were handed out beforehand ---------------------------------------

constexpr RateLimit kCodeLimit{10, hours(1)};

bool CodeAllowed(const LoginState& state, const Source& source, UnixTime now,
                 const RateLimit& limit = kCodeLimit) {
  const ThrottleRuling ruling = MayTryCode(state, source, limit, now);
  const bool allowed = ruling.kind == ThrottleRuling::Kind::kAllowed;
  Expect(allowed == (ruling.retry_after == seconds(0)));
  return allowed;
}

void FailCodes(LoginState& state, const Source& source, int times,
               UnixTime now) {
  for (int i = 0; i < times; ++i) RecordCodeFailure(state, source, now);
}

void code_budget_ends_at_its_limit_to_the_second() {
  struct {
    int failures;
    int after;
    bool allowed;
  } const rows[] = {{0, 0, true},      {9, 0, true},      {9, 3599, true},
                    {10, 0, false},    {10, 3599, false}, {10, 3600, true},
                    {11, 3599, false}, {11, 3600, true},  {50, 3599, false},
                    {50, 3600, true}};
  for (const Source& source : {kHome, kAttacker, kLocal})
    for (const auto& row : rows) {
      LoginState state = KnowingHome();
      FailCodes(state, source, row.failures, kNoon);
      ExpectEqual(
          CodeAllowed(state, source, kNoon + seconds(row.after)), row.allowed,
          std::to_string(row.failures) + " after " + std::to_string(row.after));
    }
}

void code_budget_gives_back_one_failure_at_a_time() {
  LoginState state;
  for (int i = 0; i < 10; ++i)
    RecordCodeFailure(state, kAttacker, kNoon + minutes(i));
  ExpectEqual(
      MayTryCode(state, kAttacker, kCodeLimit, kNoon + minutes(10)).retry_after,
      minutes(50));
  for (int i = 0; i < 10; ++i) {
    const UnixTime next = kNoon + hours(1) + minutes(i);
    Expect(!CodeAllowed(state, kAttacker, next - seconds(1)));
    Expect(CodeAllowed(state, kAttacker, next));
    RecordCodeFailure(state, kAttacker, next);
    Expect(!CodeAllowed(state, kAttacker, next));
  }
}

// All strangers together, whatever their addresses; and known sources apart.
void code_budgets_of_strangers_and_known_sources_are_apart() {
  LoginState state = KnowingHome();
  for (std::uint32_t i = 0; i < 10; ++i) {
    Expect(CodeAllowed(state, Address(100 + i), kNoon), std::to_string(i));
    RecordCodeFailure(state, Address(100 + i), kNoon);
  }
  Expect(!CodeAllowed(state, Address(999), kNoon));
  Expect(!CodeAllowed(state, kLocal, kNoon));
  Expect(CodeAllowed(state, kHome, kNoon));
  FailCodes(state, kHome, 9, kNoon);
  Expect(CodeAllowed(state, kHome, kNoon));
  FailCodes(state, kHome, 1, kNoon);
  Expect(!CodeAllowed(state, kHome, kNoon));
  // Wrong codes make nobody known, and are no guesses of devices' codes.
  ExpectEqual(state.sources.size(), 1u);
  Expect(state.strangers == FailureHistory{});
  Expect(Allowed(state, kHome, kNoon));
  Expect(Allowed(state, kAttacker, kNoon));
}

void known_sources_share_one_code_budget() {
  LoginState state = KnowingHome();
  RecordSuccess(state, kAttacker, kNoon);
  FailCodes(state, kAttacker, 10, kNoon);
  Expect(!CodeAllowed(state, kHome, kNoon));
  Expect(CodeAllowed(state, Address(99), kNoon));
}

// With the 30 days, which budget counts changes too.
void source_that_is_no_longer_known_has_the_code_budget_of_strangers() {
  LoginState state = KnowingHome();
  const UnixTime end = kNoon + days(30);
  FailCodes(state, kAttacker, 10, end - seconds(1));
  Expect(CodeAllowed(state, kHome, end - seconds(1)));
  Expect(!CodeAllowed(state, kHome, end));
  RecordCodeFailure(state, kHome, end);
  Expect(state.known_code_failures.empty());
}

void guesses_leave_the_code_budgets_alone() {
  LoginState state = KnowingHome();
  FailTimes(state, kHome, 30, kNoon);
  FailTimes(state, kAttacker, 30, kNoon);
  Expect(CodeAllowed(state, kHome, kNoon));
  Expect(CodeAllowed(state, kAttacker, kNoon));
}

void success_does_not_refill_the_code_budgets() {
  LoginState state = KnowingHome();
  FailCodes(state, kHome, 10, kNoon);
  FailCodes(state, kAttacker, 10, kNoon);
  RecordSuccess(state, kHome, kNoon);
  Expect(!CodeAllowed(state, kHome, kNoon));
  Expect(!CodeAllowed(state, kAttacker, kNoon));
}

void other_code_limits_are_kept_too() {
  struct {
    RateLimit limit;
  } const rows[] = {{{1, seconds(1)}}, {{2, minutes(1)}}, {{20, days(1)}}};
  for (const auto& row : rows) {
    LoginState state;
    FailCodes(state, kAttacker, row.limit.failures - 1, kNoon);
    Expect(CodeAllowed(state, kAttacker, kNoon, row.limit));
    FailCodes(state, kAttacker, 1, kNoon);
    const UnixTime end = kNoon + row.limit.window;
    Expect(!CodeAllowed(state, kAttacker, end - seconds(1), row.limit));
    Expect(CodeAllowed(state, kAttacker, end, row.limit));
  }
}

void unlock_forgets_wrong_codes_and_recovery_requests() {
  LoginState state = KnowingHome();
  FailCodes(state, kHome, 10, kNoon);
  FailCodes(state, kAttacker, 10, kNoon);
  Note(state.recovery_requests, kNoon);
  ClearFailures(state);
  Expect(CodeAllowed(state, kHome, kNoon));
  Expect(CodeAllowed(state, kAttacker, kNoon));
  Expect(state.recovery_requests.empty());
}

void clock_set_back_keeps_wrong_codes_and_lets_them_expire() {
  for (const Source& source : {kHome, kAttacker}) {
    LoginState state = KnowingHome(kNoon + days(4000));
    FailCodes(state, source, 10, kNoon + days(4000));
    Note(state.recovery_requests, kNoon + days(4000));
    Expect(ForgiveTheFuture(state, kNoon));
    Expect(!CodeAllowed(state, source, kNoon));
    Expect(!CodeAllowed(state, source, kNoon + hours(1) - seconds(1)));
    Expect(CodeAllowed(state, source, kNoon + hours(1)));
    ExpectEqual(state.recovery_requests[0], kNoon);
    Expect(!ForgiveTheFuture(state, kNoon));
  }
}

// Recovery -------------------------------------------------------------------

void recovery_may_be_asked_for_3_times_in_24_hours() {
  constexpr RateLimit kLimit{3, hours(24)};
  RecentTimes requests;
  for (int i = 0; i < 3; ++i) {
    ExpectEqual(WaitFor(requests, kLimit, kNoon + hours(i)), seconds(0));
    Note(requests, kNoon + hours(i));
  }
  struct {
    seconds after;
    seconds wait;
  } const rows[] = {{hours(2), hours(22)},
                    {hours(24) - seconds(1), seconds(1)},
                    {hours(24), seconds(0)},
                    {days(400), seconds(0)}};
  for (const auto& row : rows)
    ExpectEqual(WaitFor(requests, kLimit, kNoon + row.after), row.wait);
  Note(requests, kNoon + hours(24));
  ExpectEqual(WaitFor(requests, kLimit, kNoon + hours(24)), hours(1));
}

void times_beyond_the_capacity_push_out_the_oldest() {
  RecentTimes times;
  for (int i = 0; i < 25; ++i) Note(times, kNoon + seconds(i));
  ExpectEqual(times.size(), kMaxRecentFailures);
  ExpectEqual(times[0], kNoon + seconds(5));
  ExpectEqual(times[kMaxRecentFailures - 1], kNoon + seconds(24));
}

// Whatever happened, and however the clock jumped: a quiet day later there is
// an attempt for everybody.
void nobody_is_ever_locked_out_for_more_than_a_day() {
  std::minstd_rand random(11);
  for (int round = 0; round < 200; ++round) {
    LoginState state;
    UnixTime now = kNoon;
    for (int step = 0; step < 400; ++step) {
      const Source source = Address(Below(random, 20));
      switch (random() % 12) {
        case 0:
          RecordSuccess(state, source, now);
          break;
        case 1:
          now += seconds(random() % 90'000);
          break;
        case 2:
          now += days(random() % 60);
          break;
        case 3:
          now = std::max(kNoon - days(900), now - days(random() % 400));
          ForgiveTheFuture(state, now);
          break;
        default:
          RecordFailure(state, source, now);
          break;
      }
    }
    ForgiveTheFuture(state, now);
    for (std::uint32_t i = 0; i < 22; ++i) {
      const ThrottleRuling ruling = MayAttempt(state, Address(i), kLimits, now);
      Expect(ruling.retry_after <= days(1));
      Expect(Allowed(state, Address(i), now + days(1)));
    }
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(zero_ruling_refuses),
      EXPECT_TEST(source_may_fail_5_times_and_not_6),
      EXPECT_TEST(window_of_a_source_ends_to_the_second),
      EXPECT_TEST(strangers_share_20_in_15_minutes),
      EXPECT_TEST(known_source_is_not_touched_by_strangers),
      EXPECT_TEST(failures_of_a_known_source_are_not_charged_to_strangers),
      EXPECT_TEST(source_is_known_for_30_days_to_the_second),
      EXPECT_TEST(success_clears_its_own_source_only),
      EXPECT_TEST(success_keeps_the_tally_of_the_month),
      EXPECT_TEST(success_does_not_refill_the_budget_of_strangers),
      EXPECT_TEST(after_100_failures_in_30_days_5_a_day_remain),
      EXPECT_TEST(month_limit_is_exact),
      EXPECT_TEST(month_is_the_last_30_days),
      EXPECT_TEST(known_source_has_a_month_of_its_own),
      EXPECT_TEST(retry_after_is_exact),
      EXPECT_TEST(oldest_stranger_makes_room_and_stays_counted),
      EXPECT_TEST(full_table_of_known_sources_gives_no_stranger_room),
      EXPECT_TEST(unlock_forgets_failures_and_keeps_known_sources),
      EXPECT_TEST(other_limits_are_kept_too),
      EXPECT_TEST(largest_limits_of_the_format_are_kept),
      EXPECT_TEST(days_saturate),
      EXPECT_TEST(clock_set_back_does_not_lock_for_longer),
      EXPECT_TEST(clock_set_back_does_not_forget_guesses),
      EXPECT_TEST(nothing_is_forgiven_when_the_clock_is_right),
      EXPECT_TEST(clock_set_back_keeps_a_source_known_for_30_days_at_most),
      EXPECT_TEST(code_budget_ends_at_its_limit_to_the_second),
      EXPECT_TEST(code_budget_gives_back_one_failure_at_a_time),
      EXPECT_TEST(code_budgets_of_strangers_and_known_sources_are_apart),
      EXPECT_TEST(known_sources_share_one_code_budget),
      EXPECT_TEST(
          source_that_is_no_longer_known_has_the_code_budget_of_strangers),
      EXPECT_TEST(guesses_leave_the_code_budgets_alone),
      EXPECT_TEST(success_does_not_refill_the_code_budgets),
      EXPECT_TEST(other_code_limits_are_kept_too),
      EXPECT_TEST(unlock_forgets_wrong_codes_and_recovery_requests),
      EXPECT_TEST(clock_set_back_keeps_wrong_codes_and_lets_them_expire),
      EXPECT_TEST(recovery_may_be_asked_for_3_times_in_24_hours),
      EXPECT_TEST(times_beyond_the_capacity_push_out_the_oldest),
      EXPECT_TEST(nobody_is_ever_locked_out_for_more_than_a_day),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
