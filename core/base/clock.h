// SPDX-License-Identifier: Apache-2.0
//
// clock.h - the only place that asks what time it is.
//
// Tests put a clock of their own in its place; nothing else may read time.

#ifndef TWOFACTOR_CORE_BASE_CLOCK_H_
#define TWOFACTOR_CORE_BASE_CLOCK_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "core/base/result.h"

namespace twofactor {

// Whole seconds since 1970-01-01T00:00:00Z; leap seconds are not counted.
using UnixTime = std::chrono::sys_seconds;

// Which boot of this kernel it is: /proc/sys/kernel/random/boot_id, binary.
// All zero: not known.
using BootId = std::array<std::uint8_t, 16>;

// When and in which boot something happens: all that a decision may know of
// time.
struct Moment {
  UnixTime now{};
  struct Boot {
    BootId id{};
    UnixTime started{};  // `now` less the time since boot, sleep included.
  };
  // Without it, or without its id, whatever must outlive a power cut has to be
  // synced.
  std::optional<Boot> boot;
};

class Clock {
 public:
  virtual Result<Moment> Now() const = 0;
  // For deadlines: never set back.  The epoch is arbitrary.
  virtual std::chrono::milliseconds Monotonic() const = 0;
  // Sleeps for about that long; may wake early.
  virtual void Sleep(std::chrono::milliseconds duration) const = 0;

 protected:
  ~Clock() = default;
};

// The kernel's clock.
const Clock& SystemClock();

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_CLOCK_H_
