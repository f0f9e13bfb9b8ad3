// SPDX-License-Identifier: Apache-2.0
//
// clock_attack.cc - clocks that are set, and power that is cut, between
// logins.  The machine's clock stays as it is: logins run on core/session
// with a clock of the test's.

#include <string>
#include <vector>

#include "core/session/conversation.h"
#include "core/session/login_session.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const UnixTime kStart{seconds(1'800'000'000)};

class SettableClock final : public Clock {
 public:
  SettableClock() { Boot(1); }

  Result<Moment> Now() const override {
    if (broken_) return Fail(ErrorCode::kIo, "the clock");
    return moment_;
  }
  milliseconds Monotonic() const override {
    return monotonic_ += milliseconds(1);
  }
  void Sleep(milliseconds duration) const override { monotonic_ += duration; }

  // Time passes.
  void Advance(seconds duration) { moment_.now += duration; }
  // Somebody sets the clock; when the machine started moves with it.
  void Set(UnixTime now) {
    if (moment_.boot) moment_.boot->started += now - moment_.now;
    moment_.now = now;
  }
  // The machine starts now.
  void Boot(std::uint8_t number) {
    BootId id{};
    id.fill(number);
    moment_.boot = Moment::Boot{id, moment_.now};
  }
  // The machine does not tell which boot it is.
  void ForgetBoot() {
    if (moment_.boot) moment_.boot->id = BootId{};
  }
  void ForgetBootTime() { moment_.boot.reset(); }
  void Break(bool broken) { broken_ = broken; }
  UnixTime now() const { return moment_.now; }

 private:
  Moment moment_{kStart, std::nullopt};
  bool broken_ = false;
  mutable milliseconds monotonic_{0};
};

class ScriptedConversation final : public Conversation {
 public:
  explicit ScriptedConversation(std::string answer)
      : answer_(std::move(answer)) {}
  void Tell(const std::string&) override {}
  Result<Secret> Ask(std::string_view, Echo) override {
    return Secret::CopyOf(AsBytes(answer_));
  }

 private:
  std::string answer_;
};

// A host whose logins go by a SettableClock.
struct ClockHost {
  ClockHost() { host.Enroll("alice", clock); }

  Counter Step(int offset = 0) const {
    return Counter{static_cast<std::uint64_t>(
        clock.now().time_since_epoch() / seconds(30) + offset)};
  }
  std::string Code(int offset = 0) const {
    return host.CodeAt("alice", Step(offset));
  }
  bool LogIn(const std::string& code) {
    ScriptedConversation conversation(code);
    const Result<Config> config = host.config();
    LoginRequest request{"alice", kService, "", "", 0};
    return LoginSession(config, clock, conversation).Run(request) ==
           Outcome::kAccepted;
  }
  std::string WrongCode(int which) const {
    for (int value = which;; ++value) {
      const std::string text = std::to_string(900000 + value % 100000);
      bool right = false;
      for (int offset = -4; offset <= 4; ++offset)
        right = right || text == Code(offset);
      if (!right) return text;
    }
  }
  std::string log() { return host.log().Text(); }

  TestHost host;
  SettableClock clock;
};

CASE(a_clock_set_back_revives_no_code) {
  ClockHost host;
  EXPECT(host.LogIn(host.Code()), "%s", host.log().c_str());
  const UnixTime real = host.clock.now();
  for (const seconds back : {seconds(60), seconds(600), seconds(hours(24))}) {
    host.clock.Set(real - back);
    for (int offset = -1; offset <= 1; ++offset)
      EXPECT(!host.LogIn(host.Code(offset)), "%s", host.log().c_str());
  }
  EXPECT(host.host.log().Has({"reason=clock_behind_last_use", "user=alice"}),
         "%s", host.log().c_str());
  host.clock.Set(real + seconds(30));
  EXPECT(host.LogIn(host.Code()), "%s", host.log().c_str());
}

CASE(a_clock_set_forward_and_back_revives_no_code) {
  ClockHost host;
  const std::string today = host.Code();
  host.clock.Set(kStart + hours(24 * 365));
  EXPECT(host.LogIn(host.Code()), "%s", host.log().c_str());
  host.clock.Set(kStart);
  EXPECT(!host.LogIn(today), "%s", host.log().c_str());
  EXPECT(host.host.log().Has({"reason=clock_behind_last_use"}), "%s",
         host.log().c_str());
  // The user is not locked out for a year: root can say what holds.
  std::string output;
  EXPECT(host.host.Tool({"reset", "alice", "--yes"}, &output) == 0, "%s",
         output.c_str());
  host.host.Enroll("alice", host.clock);
  EXPECT(host.LogIn(host.Code(1)), "%s", host.log().c_str());
}

CASE(failures_under_a_clock_ahead_are_forgiven_in_time) {
  ClockHost host;
  host.clock.Set(kStart + hours(24 * 400));
  for (int i = 0; i < 8; ++i) host.LogIn(host.WrongCode(i));
  EXPECT(!host.LogIn(host.Code()), "not throttled");
  host.clock.Set(kStart);
  EXPECT(!host.LogIn(host.Code()), "setting the clock back cleared failures");
  host.clock.Advance(minutes(20));
  EXPECT(host.LogIn(host.Code()), "locked for a year\n%s", host.log().c_str());
}

CASE(setting_the_clock_forward_does_not_allow_more_guesses_a_day) {
  ClockHost host;
  // Only root sets clocks; still, the window ends when it is over.
  for (int i = 0; i < 5; ++i) host.LogIn(host.WrongCode(i));
  EXPECT(!host.LogIn(host.Code()), "not throttled");
  host.clock.Advance(minutes(14));
  EXPECT(!host.LogIn(host.Code()), "after 14 minutes");
  host.clock.Advance(minutes(2));
  EXPECT(host.LogIn(host.Code()), "%s", host.log().c_str());
}

CASE(a_clock_that_cannot_be_read_denies) {
  ClockHost host;
  host.clock.Break(true);
  EXPECT(!host.LogIn(host.Code()), "accepted without a clock");
  EXPECT(host.host.log().Has({"event=login", "result=denied"}), "%s",
         host.log().c_str());
  host.clock.Break(false);
  EXPECT(host.LogIn(host.Code()), "%s", host.log().c_str());
}

CASE(a_power_cut_right_after_the_first_login_does_not_revive_its_code) {
  ClockHost host;
  const std::string path = host.host.LockoutFile("alice");
  const std::string on_disk = ReadFile(path);
  const std::string code = host.Code();
  EXPECT(host.LogIn(code), "%s", host.log().c_str());
  // The login was not synced: after the cut the disk shows the enrollment.
  OverwriteFile(path, on_disk);
  host.clock.Advance(seconds(10));
  host.clock.Boot(2);
  EXPECT(!host.LogIn(code), "the code works again\n%s", host.log().c_str());
}

CASE(a_power_cut_after_a_login_on_a_read_only_disk_does_not_revive_its_code) {
  ClockHost host;
  // As after a login whose state went to runtime_folder, which a boot empties.
  const std::string path = host.host.LockoutFile("alice");
  EXPECT(host.LogIn(host.Code(-1)), "%s", host.log().c_str());
  const std::string on_disk = ReadFile(path);
  const std::string code = host.Code();
  EXPECT(host.LogIn(code), "%s", host.log().c_str());
  OverwriteFile(path, on_disk);
  host.clock.Advance(seconds(5));
  host.clock.Boot(2);
  EXPECT(!host.LogIn(code), "the code works again\n%s", host.log().c_str());
}

// Pages of the lockout file reach the disk in any order or not at all, so a
// cut can leave each slot as it was at any moment since it was last synced.
CASE(a_power_cut_at_any_unsynced_slot_revives_no_code_and_locks_nobody_out) {
  constexpr std::size_t kSlots = 3;
  constexpr std::size_t kPage = 4096;
  constexpr int kLogins = 5;
  ClockHost host;
  const std::string path = host.host.LockoutFile("alice");
  std::vector<std::string> moments = {ReadFile(path)};
  std::vector<std::string> used;
  for (int i = 0; i < kLogins; ++i) {
    used.push_back(host.Code());
    EXPECT(host.LogIn(used.back()), "%s", host.log().c_str());
    moments.push_back(ReadFile(path));
    host.clock.Advance(seconds(30));
  }
  host.clock.Advance(seconds(-25));
  const UnixTime cut = host.clock.now();
  const std::size_t count = moments.size();
  int readable = 0;
  for (std::size_t mix = 0; mix < count * count * count; ++mix) {
    std::string left;
    for (std::size_t slot = 0, rest = mix; slot < kSlots; ++slot, rest /= count)
      left += moments[rest % count].substr(slot * kPage, kPage);
    OverwriteFile(path, left);
    host.clock.Set(cut);
    host.clock.Boot(2);
    host.host.log().Forget();
    EXPECT(!host.LogIn(used.back()), "mix %zu: the last code works again\n%s",
           mix, host.log().c_str());
    EXPECT(!host.LogIn(used[kLogins - 2]),
           "mix %zu: the code before the last works again\n%s", mix,
           host.log().c_str());
    host.clock.Advance(seconds(120));
    const bool in = host.LogIn(host.Code());
    EXPECT(in, "mix %zu: locked out\n%s", mix, host.log().c_str());
    readable += in;
  }
  print_message("%d mixes of slots\n", readable);
}

CASE(without_a_boot_id_no_boot_revives_a_code) {
  ClockHost host;
  host.clock.ForgetBoot();
  host.clock.Advance(seconds(120));
  const std::string code = host.Code();
  EXPECT(host.LogIn(code), "%s", host.log().c_str());
  EXPECT(!host.LogIn(code), "%s", host.log().c_str());
  host.clock.Boot(3);
  EXPECT(!host.LogIn(code), "%s", host.log().c_str());
  host.clock.ForgetBoot();
  EXPECT(!host.LogIn(code), "%s", host.log().c_str());
  host.clock.Advance(seconds(120));
  EXPECT(host.LogIn(host.Code()), "%s", host.log().c_str());
}

CASE(without_a_boot_time_no_code_works_twice) {
  ClockHost host;
  host.clock.ForgetBootTime();
  for (int step = 0; step < 10; ++step) {
    const std::string code = host.Code();
    int successes = 0;
    for (int i = 0; i < 3; ++i) successes += host.LogIn(code);
    EXPECT(successes <= 1, "%s", host.log().c_str());
    host.clock.Advance(seconds(30));
  }
  host.clock.Boot(2);
  host.clock.Advance(seconds(120));
  EXPECT(host.LogIn(host.Code()), "%s", host.log().c_str());
}

}  // namespace
}  // namespace twofactor::test
