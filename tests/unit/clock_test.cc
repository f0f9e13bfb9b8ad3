// SPDX-License-Identifier: Apache-2.0
//
// clock_test.cc - the kernel's clock, boot id and entropy, as far as a test can
// know them.

#include "core/base/clock.h"

#include <set>

#include "core/base/random.h"
#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

void clock_tells_a_time_after_this_was_written() {
  const Moment moment = ExpectOk(SystemClock().Now());
  // 2025-01-01T00:00:00Z
  Expect(moment.now > UnixTime(std::chrono::seconds(1'735'689'600)));
}

void boot_started_before_now_and_stays_the_same() {
  const Moment first = ExpectOk(SystemClock().Now());
  const Moment second = ExpectOk(SystemClock().Now());
  if (!first.boot) throw Skipped{"this kernel shows no boot id"};
  Expect(first.boot->started <= first.now);
  Expect(first.boot->id != BootId{});
  Expect(second.boot && first.boot->id == second.boot->id);
}

void monotonic_clock_never_goes_back() {
  auto last = SystemClock().Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const auto now = SystemClock().Monotonic();
    Expect(now >= last);
    last = now;
  }
}

void sleep_moves_the_monotonic_clock() {
  const auto before = SystemClock().Monotonic();
  SystemClock().Sleep(std::chrono::milliseconds(2));
  Expect(SystemClock().Monotonic() > before);
}

void random_ids_are_never_zero_nor_the_same() {
  std::set<std::uint64_t> seen{0};
  for (int i = 0; i < 1000; ++i)
    Expect(seen.insert(ExpectOk(RandomId())).second);
}

void random_fills_every_byte() {
  // A byte that is never written stays zero in all of 64 rounds.
  std::array<std::uint8_t, 600> ever_set{};
  for (int round = 0; round < 64; ++round) {
    std::array<std::uint8_t, 600> bytes{};
    ExpectOk(FillRandom(bytes));
    for (std::size_t i = 0; i < bytes.size(); ++i) ever_set[i] |= bytes[i];
  }
  for (std::uint8_t byte : ever_set) Expect(byte != 0);
  ExpectOk(FillRandom({}));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(clock_tells_a_time_after_this_was_written),
      EXPECT_TEST(boot_started_before_now_and_stays_the_same),
      EXPECT_TEST(monotonic_clock_never_goes_back),
      EXPECT_TEST(sleep_moves_the_monotonic_clock),
      EXPECT_TEST(random_ids_are_never_zero_nor_the_same),
      EXPECT_TEST(random_fills_every_byte),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
