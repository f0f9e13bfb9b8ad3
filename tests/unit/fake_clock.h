// SPDX-License-Identifier: Apache-2.0
//
// fake_clock.h - a clock that stands where a test puts it.

#ifndef TWOFACTOR_TESTS_UNIT_FAKE_CLOCK_H_
#define TWOFACTOR_TESTS_UNIT_FAKE_CLOCK_H_

#include <chrono>

#include "core/base/clock.h"

namespace twofactor {

inline UnixTime At(std::int64_t seconds) {
  return UnixTime(std::chrono::seconds(seconds));
}

class FakeClock final : public Clock {
 public:
  // 2027-01-15T08:00:00Z, a day after a boot.
  FakeClock() {
    moment = {At(1'800'000'000), Moment::Boot{{1}, At(1'799'913'600)}};
  }

  Result<Moment> Now() const override {
    if (broken) return Fail(ErrorCode::kIo, "the clock is broken");
    return moment;
  }
  std::chrono::milliseconds Monotonic() const override { return monotonic_; }
  // Sleeping takes no time but the fake one.
  void Sleep(std::chrono::milliseconds duration) const override {
    monotonic_ += duration;
  }

  void Advance(std::chrono::seconds duration) { moment.now += duration; }

  Moment moment;
  bool broken = false;

 private:
  mutable std::chrono::milliseconds monotonic_{1'000'000};
};

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_FAKE_CLOCK_H_
