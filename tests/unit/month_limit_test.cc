// SPDX-License-Identifier: Apache-2.0
//
// month_limit_test.cc - verify_limit_month promises a number: it is exact for
// every value that the configuration takes.

#include "core/session/config.h"
#include "core/session/throttle.h"
#include "tests/unit/expect.h"
#include "tests/unit/fake_clock.h"

using namespace twofactor;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

const UnixTime kMidnight{days(20'833)};

Result<Config> ConfigWithMonth(int limit) {
  Config config;
  RETURN_IF_ERROR(ParseConfig(
      "verify_limit_month = " + std::to_string(limit) + "\n", "x", config));
  return config;
}

// Guesses of whoever takes all that is allowed, each from a new source.
int GuessesIn(const VerifyLimits& limits, UnixTime start, seconds duration) {
  LoginState state;
  std::uint32_t sources = 0;
  int guesses = 0;
  for (UnixTime now = start; now < start + duration;) {
    ++sources;
    const Source source{Source::Kind::kIpv4,
                        {10, static_cast<std::uint8_t>(sources >> 16),
                         static_cast<std::uint8_t>(sources >> 8),
                         static_cast<std::uint8_t>(sources)}};
    const ThrottleRuling ruling = MayAttempt(state, source, limits, now);
    if (ruling.kind == ThrottleRuling::Kind::kAllowed) {
      RecordFailure(state, source, now);
      ++guesses;
    } else {
      Expect(ruling.retry_after > seconds(0));
      now += ruling.retry_after;
    }
  }
  return guesses;
}

void limits_that_a_day_can_count_are_taken() {
  for (int limit : {1, 100, 254, 255})
    ExpectEqual(
        ExpectOk(ConfigWithMonth(limit)).verify_limits.failures_per_30_days,
        limit);
  for (int limit : {0, 256, 257, 511, 512, 1000, 65'536, -1}) {
    const std::string complaint = ExpectError(
        ConfigWithMonth(limit), ErrorCode::kConfig, std::to_string(limit));
    ExpectContains(complaint, "verify_limit_month");
    ExpectContains(complaint, "1..255");
  }
}

// All that the domain admits, the highest above all.
void month_limit_is_exact_for_every_value_that_is_taken() {
  int highest = 0;
  for (int limit = 1; limit <= 2000; ++limit) {
    const auto config = ConfigWithMonth(limit);
    if (!config) continue;
    highest = limit;
    if (limit > 10 && limit % 25 != 0 && limit < 250) continue;
    const VerifyLimits& limits = config->verify_limits;
    const std::string row = std::to_string(limit);
    ExpectEqual(GuessesIn(limits, kMidnight, days(1)),
                std::max(limit, limits.failures_per_day), row);
    ExpectEqual(
        GuessesIn(limits, kMidnight, days(30)),
        std::max(limit, limits.failures_per_day) + 29 * limits.failures_per_day,
        row);
  }
  ExpectEqual(highest, kMaxFailuresPerDay);
}

// Whatever the time of day of the first of 30 UTC days.
void highest_limit_holds_whenever_the_guessing_begins() {
  const VerifyLimits limits = ExpectOk(ConfigWithMonth(255)).verify_limits;
  for (int hour = 0; hour < 24; ++hour) {
    const seconds late = hours(hour) + seconds(1800);
    const int guesses = GuessesIn(limits, kMidnight + late, days(30) - late);
    Expect(guesses <= 255 + 29 * limits.failures_per_day,
           std::to_string(hour) + ": " + std::to_string(guesses));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(limits_that_a_day_can_count_are_taken),
      EXPECT_TEST(month_limit_is_exact_for_every_value_that_is_taken),
      EXPECT_TEST(highest_limit_holds_whenever_the_guessing_begins),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
