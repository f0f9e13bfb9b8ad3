// SPDX-License-Identifier: Apache-2.0
//
// clock.cc - the kernel's clocks and boot id.

#include "core/base/clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "core/base/encoding.h"
#include "core/base/unique_fd.h"

namespace twofactor {
namespace {

constexpr char kBootIdPath[] = "/proc/sys/kernel/random/boot_id";
constexpr std::size_t kUuidTextSize = 36;

BootId ReadBootId() {
  UniqueFd file(open(kBootIdPath, O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  char text[kUuidTextSize];
  if (read(file.get(), text, sizeof(text)) != sizeof(text)) return {};
  std::string digits;
  for (char c : text)
    if (c != '-') digits.push_back(c);
  BootId id{};
  if (!HexDecode(digits, id)) return {};
  return id;
}

std::optional<std::chrono::seconds> TimeSinceBoot() {
  timespec since_boot{};
  if (clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) return std::nullopt;
  return std::chrono::seconds(since_boot.tv_sec);
}

class KernelClock final : public Clock {
 public:
  Result<Moment> Now() const override {
    timespec now{};
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
      return FailErrno(ErrorCode::kIo, "clock_gettime", errno);
    if (now.tv_sec < 0)
      return Fail(ErrorCode::kIo, "the clock stands before 1970");
    Moment moment{UnixTime(std::chrono::seconds(now.tv_sec)), std::nullopt};
    if (auto since_boot = TimeSinceBoot())
      moment.boot = Moment::Boot{ReadBootId(), moment.now - *since_boot};
    return moment;
  }

  std::chrono::milliseconds Monotonic() const override {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) +
           std::chrono::milliseconds(now.tv_nsec / 1'000'000);
  }

  void Sleep(std::chrono::milliseconds duration) const override {
    timespec request{static_cast<time_t>(duration.count() / 1000),
                     static_cast<long>(duration.count() % 1000) * 1'000'000};
    nanosleep(&request, nullptr);
  }
};

constinit const KernelClock kernel_clock;

}  // namespace

const Clock& SystemClock() { return kernel_clock; }

}  // namespace twofactor
