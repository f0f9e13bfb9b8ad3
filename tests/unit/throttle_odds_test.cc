// SPDX-License-Identifier: Apache-2.0
//
// throttle_odds_test.cc - what a year of guessing from everywhere is worth.
//
// docs/SECURITY.md: under 0.6 % a year against one TOTP device.  A six-digit
// code is one of 10^6, three of which are right at a time.

#include <functional>
#include <random>

#include "core/session/throttle.h"
#include "tests/unit/expect.h"
#include "tests/unit/fake_clock.h"

using namespace twofactor;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

constexpr double kMaxOddsOfAYear = 0.006;
constexpr VerifyLimits kLimits;

double OddsOf(int guesses) { return guesses * 3 / 1e6; }

Source Address(std::uint32_t number) {
  return {Source::Kind::kIpv4,
          {static_cast<std::uint8_t>(number >> 24),
           static_cast<std::uint8_t>(number >> 16),
           static_cast<std::uint8_t>(number >> 8),
           static_cast<std::uint8_t>(number)}};
}
const Source kHome = Address(0xC0000201);

std::uint32_t Below(std::minstd_rand& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

struct Year {
  LoginState state;
  UnixTime now;
  UnixTime end;
  std::uint32_t sources = 0;
  int guesses = 0;

  explicit Year(UnixTime start) : now(start), end(start + days(365)) {}

  // One attempt from a source that was never seen.
  bool Guess() {
    const Source source = Address(0x0A000000 + sources++);
    if (MayAttempt(state, source, kLimits, now).kind !=
        ThrottleRuling::Kind::kAllowed)
      return false;
    RecordFailure(state, source, now);
    ++guesses;
    return true;
  }
  seconds Wait() const {
    return MayAttempt(state, Address(1), kLimits, now).retry_after;
  }
};

void greedy_attacker_of_a_year_stays_below_the_odds() {
  // Whatever the time of day at which the year begins.
  for (seconds offset :
       {seconds(0), seconds(1), hours(1) + seconds(0), hours(12) + seconds(0),
        hours(23) + seconds(3599), hours(22) + seconds(1800)}) {
    Year year(UnixTime(days(20'833)) + offset);
    while (year.now < year.end)
      if (!year.Guess()) year.now += year.Wait();
    Expect(OddsOf(year.guesses) < kMaxOddsOfAYear,
           std::to_string(year.guesses));
    // And the simulation does guess: 100 at once, then 5 a day.
    Expect(year.guesses >= 100 + 5 * 363, std::to_string(year.guesses));
    Expect(StrangersExhausted(year.state, kLimits, year.now));
  }
}

// Saving up, bursting, resting: no rhythm gets more.
void patient_attacker_gains_nothing() {
  std::minstd_rand random(5);
  for (int strategy = 0; strategy < 40; ++strategy) {
    Year year(UnixTime(days(20'833) + seconds(random() % 86'400)));
    const std::uint32_t burst = 1 + Below(random, 120);
    const std::uint32_t rest_days = Below(random, 40);
    while (year.now < year.end) {
      for (std::uint32_t i = 0; i < burst && year.now < year.end; ++i)
        if (!year.Guess()) year.now += year.Wait();
      year.now += days(rest_days) + seconds(random() % 3600);
    }
    Expect(OddsOf(year.guesses) < kMaxOddsOfAYear,
           std::to_string(burst) + " " + std::to_string(rest_days) + " " +
               std::to_string(year.guesses));
  }
}

// The user logs in from home every morning, mistyping now and then.
void logins_of_the_user_gain_the_attacker_nothing_and_are_never_refused() {
  Year year(UnixTime(days(20'833)));
  UnixTime next_login = year.now + hours(8);
  RecordSuccess(year.state, kHome, year.now);
  std::minstd_rand random(9);
  while (year.now < year.end) {
    if (year.now >= next_login) {
      Expect(MayAttempt(year.state, kHome, kLimits, year.now).kind ==
             ThrottleRuling::Kind::kAllowed);
      for (std::uint32_t typos = Below(random, 4); typos > 0; --typos) {
        RecordFailure(year.state, kHome, year.now);
        Expect(MayAttempt(year.state, kHome, kLimits, year.now).kind ==
               ThrottleRuling::Kind::kAllowed);
      }
      RecordSuccess(year.state, kHome, year.now);
      next_login += days(1);
    }
    if (!year.Guess()) year.now = std::min(year.now + year.Wait(), next_login);
  }
  Expect(OddsOf(year.guesses) < kMaxOddsOfAYear, std::to_string(year.guesses));
}

// An attacker behind the user's own address, who logs in every hour: only that
// source's budget, and the logins do not refill it.
void attacker_behind_the_users_address_stays_below_the_odds() {
  Year year(UnixTime(days(20'833)));
  UnixTime next_login = year.now;
  while (year.now < year.end) {
    if (year.now >= next_login) {
      RecordSuccess(year.state, kHome, year.now);
      next_login += hours(1);
    }
    const ThrottleRuling ruling =
        MayAttempt(year.state, kHome, kLimits, year.now);
    if (ruling.kind == ThrottleRuling::Kind::kAllowed) {
      RecordFailure(year.state, kHome, year.now);
      ++year.guesses;
    } else {
      year.now = std::min(year.now + ruling.retry_after, next_login);
    }
  }
  Expect(OddsOf(year.guesses) < kMaxOddsOfAYear, std::to_string(year.guesses));
  Expect(year.guesses >= 100 + 5 * 363, std::to_string(year.guesses));
}

// Eight sources in turn: the table's evictions do not forget a guess.
void attacker_with_few_sources_stays_below_the_odds() {
  for (std::uint32_t count : {1u, 7u, 8u, 9u, 20u}) {
    Year year(UnixTime(days(20'833)));
    std::uint32_t turn = 0;
    while (year.now < year.end) {
      bool guessed = false;
      for (std::uint32_t i = 0; i < count; ++i) {
        const Source source = Address(0x0A000000 + turn++ % count);
        if (MayAttempt(year.state, source, kLimits, year.now).kind !=
            ThrottleRuling::Kind::kAllowed)
          continue;
        RecordFailure(year.state, source, year.now);
        ++year.guesses;
        guessed = true;
      }
      if (!guessed) year.now += std::max(seconds(60), year.Wait());
    }
    Expect(OddsOf(year.guesses) < kMaxOddsOfAYear,
           std::to_string(count) + " " + std::to_string(year.guesses));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(greedy_attacker_of_a_year_stays_below_the_odds),
      EXPECT_TEST(patient_attacker_gains_nothing),
      EXPECT_TEST(
          logins_of_the_user_gain_the_attacker_nothing_and_are_never_refused),
      EXPECT_TEST(attacker_behind_the_users_address_stays_below_the_odds),
      EXPECT_TEST(attacker_with_few_sources_stays_below_the_odds),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
