// SPDX-License-Identifier: Apache-2.0
//
// judgement_test.cc - what is accepted, what is charged, what is spent, and
// what a power cut may not bring back.

#include "core/session/judgement.h"

#include <map>
#include <random>
#include <set>

#include "core/session/device_codes.h"
#include "core/session/throttle.h"
#include "tests/unit/judged.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using std::chrono::seconds;
using Kind = Judgement::Kind;

namespace {

constexpr TotpParameters kDefaults;
// Its code at step 60,000,000 is that of the RFCs' key: 768147.
constexpr std::string_view kCollidingKey = "collides-00000057341";
const UnixTime kNow = At(1'800'000'000);  // Step 60,000,000 begins.
const Source kSource = {Source::Kind::kIpv4, {192, 0, 2, 7}};

struct Login {
  Judgement judgement;
  Durability durability;
};

// A user with devices, and the state that logins change.
struct Subject {
  Config config;
  Enrollment enrollment;
  LoginState state;
  FakeClock clock;

  Device& AddDevice(const std::string& label, std::uint64_t id,
                    std::string_view key = kRfcKey) {
    enrollment.devices.push_back(DeviceNamed(label, id, key));
    DeviceState device_state;
    device_state.id = DeviceId{id};
    Expect(state.devices.Add(device_state));
    return enrollment.devices.back();
  }

  Login Try(std::string_view digits, const Source& source = kSource) {
    auto [judgement, change] =
        JudgeFrom(config, {digits, source}, enrollment, state, clock.moment);
    state = change.state;
    return {judgement, change.durability};
  }
  std::string Code(std::string_view key = kRfcKey, int offset = 0) const {
    return CodeAt(kDefaults, AsBytes(key), clock.moment.now, offset);
  }
  void Reboot(seconds after, std::uint8_t boot) {
    clock.Advance(after);
    clock.moment.boot = Moment::Boot{{boot}, clock.moment.now};
  }
};

Subject OnePhone() {
  Subject subject;
  subject.AddDevice("phone", 1);
  return subject;
}

std::size_t ChargedFailures(const LoginState& state) {
  return state.strangers.recent.size();
}

void default_judgement_rejects() {
  Expect(Judgement{}.kind == Kind::kRejected);
  Expect(StateChange{}.durability == Durability::kPowerCut);
}

void right_code_is_accepted_and_spent() {
  Subject subject = OnePhone();
  const Login login = subject.Try(subject.Code());
  ExpectEqual(login.judgement.kind, Kind::kAccepted);
  ExpectEqual(login.judgement.name, "phone");
  const DeviceState& device = subject.state.devices[0];
  ExpectEqual(Number(device.next), 60'000'001u);
  Expect(device.boot == subject.clock.moment.boot->id);
  ExpectEqual(device.last_used, kNow);
  // Known from now on.
  ExpectEqual(subject.state.sources.size(), 1u);
  ExpectEqual(subject.state.sources[0].last_success, kNow);
}

void accepted_code_needs_no_sync_of_the_disk() {
  Subject subject = OnePhone();
  ExpectEqual(subject.Try(subject.Code()).durability, Durability::kCrash);
  ExpectEqual(subject.Try("000000").durability, Durability::kCrash);
}

void without_a_boot_id_every_commit_is_synced() {
  Subject subject = OnePhone();
  subject.clock.moment.boot.reset();
  const Login login = subject.Try(subject.Code());
  ExpectEqual(login.judgement.kind, Kind::kAccepted);
  ExpectEqual(login.durability, Durability::kPowerCut);
  ExpectEqual(subject.Try("000000").durability, Durability::kPowerCut);
  subject.clock.moment.boot = Moment::Boot{};  // All zero is no boot.
  ExpectEqual(subject.Try("000000").durability, Durability::kPowerCut);
}

void learned_drift_is_synced() {
  Subject subject = OnePhone();
  for (int i = 0; i < 3; ++i) {
    subject.clock.Advance(seconds(3600));
    const Login login = subject.Try(subject.Code(kRfcKey, 1));
    ExpectEqual(login.judgement.kind, Kind::kAccepted);
    ExpectEqual(login.durability,
                i < 2 ? Durability::kCrash : Durability::kPowerCutIfAble);
  }
  ExpectEqual(subject.state.devices[0].drift, 1);
}

void learned_drift_counts_within_what_is_allowed_now() {
  Subject subject = OnePhone();
  subject.state.devices[0].drift = 2;
  subject.config.totp_tolerance.max_drift = 0;
  ExpectEqual(subject.Try(subject.Code(kRfcKey, 2)).judgement.kind,
              Kind::kRejected);
  ExpectEqual(subject.Try(subject.Code(kRfcKey, -1)).judgement.kind,
              Kind::kAccepted);
}

// Five devices were enrolled under a window of 1: 15 codes are right at a
// time.  A window of 2 would make it 25.
void window_that_was_widened_later_is_narrowed_to_15_codes() {
  Subject subject;
  subject.config.totp_tolerance.window = 2;
  for (std::uint64_t i = 0; i < 5; ++i)
    subject.AddDevice("device-" + std::to_string(i), i + 1,
                      "key-of-device-number" + std::to_string(i));
  ExpectEqual(
      subject.Try(subject.Code("key-of-device-number3", 2)).judgement.kind,
      Kind::kRejected);
  ExpectEqual(
      subject.Try(subject.Code("key-of-device-number3", 1)).judgement.kind,
      Kind::kAccepted);
  // Three of them may keep it: 15 codes.
  subject.enrollment.devices.resize(3);
  ExpectEqual(
      subject.Try(subject.Code("key-of-device-number2", 2)).judgement.kind,
      Kind::kAccepted);
}

void used_code_is_replayed_and_not_charged() {
  Subject subject = OnePhone();
  subject.Try(subject.Code());
  const LoginState before = subject.state;
  for (int i = 0; i < 30; ++i)
    ExpectEqual(subject.Try(subject.Code()).judgement.kind, Kind::kReplayed);
  Expect(subject.state == before);
}

void wrong_code_is_charged_once_whatever_the_number_of_devices() {
  Subject subject = OnePhone();
  subject.AddDevice("token", 2, "abcdefghijklmnopqrst");
  subject.AddDevice("tablet", 3, "ABCDEFGHIJKLMNOPQRST");
  ExpectEqual(subject.Try("000000").judgement.kind, Kind::kRejected);
  ExpectEqual(ChargedFailures(subject.state), 1u);
  ExpectEqual(subject.state.sources[0].failures.recent.size(), 1u);
  for (const DeviceState& device : subject.state.devices)
    Expect(device.next == Counter{});
}

void sixth_guess_is_not_evaluated() {
  Subject subject = OnePhone();
  for (int i = 0; i < 5; ++i)
    ExpectEqual(subject.Try("000000").judgement.kind, Kind::kRejected);
  const LoginState before = subject.state;
  const Login login = subject.Try(subject.Code());
  ExpectEqual(login.judgement.kind, Kind::kThrottled);
  ExpectEqual(login.judgement.retry_after, seconds(900));
  ExpectEqual(login.judgement.name, "");
  Expect(subject.state == before);
  subject.clock.Advance(seconds(900));
  ExpectEqual(subject.Try(subject.Code()).judgement.kind, Kind::kAccepted);
}

void code_spent_while_throttled_is_still_good_afterwards() {
  Subject subject = OnePhone();
  subject.config.verify_limits.source = {1, seconds(20)};
  subject.Try("000000");
  const std::string code = subject.Code();
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kThrottled);
  subject.clock.Advance(seconds(20));
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kAccepted);
}

void exhausted_strangers_raise_an_alert() {
  Subject subject = OnePhone();
  bool exhausted = false;
  for (int i = 0; i < 100; ++i) {
    Expect(!exhausted, std::to_string(i));
    subject.clock.Advance(seconds(200));
    exhausted = subject.Try("000000").judgement.strangers_exhausted;
  }
  Expect(exhausted);
}

void every_device_is_tried() {
  Subject subject = OnePhone();
  subject.AddDevice("token", 2, "abcdefghijklmnopqrst");
  const Login login = subject.Try(subject.Code("abcdefghijklmnopqrst"));
  ExpectEqual(login.judgement.kind, Kind::kAccepted);
  ExpectEqual(login.judgement.name, "token");
  Expect(subject.state.devices[0].next == Counter{});
  ExpectEqual(Number(subject.state.devices[1].next), 60'000'001u);
}

void every_match_is_spent() {
  Subject subject = OnePhone();
  subject.AddDevice("token", 2, kCollidingKey);
  const std::string code = subject.Code();
  ExpectEqual(code, subject.Code(kCollidingKey));
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kAccepted);
  for (const DeviceState& device : subject.state.devices)
    ExpectEqual(Number(device.next), 60'000'001u);
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kReplayed);
}

void replay_of_one_device_does_not_hide_another_that_accepts() {
  for (bool used_first : {true, false}) {
    Subject subject = OnePhone();
    subject.AddDevice("token", 2, kCollidingKey);
    subject.state.devices[used_first ? 0 : 1].next = Counter{60'000'001};
    const Login login = subject.Try(subject.Code());
    ExpectEqual(login.judgement.kind, Kind::kAccepted);
    ExpectEqual(login.judgement.name, used_first ? "token" : "phone");
  }
}

void disabled_device_is_refused() {
  Subject subject = OnePhone();
  subject.AddDevice("token", 2, "abcdefghijklmnopqrst");
  subject.enrollment.devices[0].status = DeviceStatus::kDisabled;
  ExpectEqual(subject.Try(subject.Code()).judgement.kind, Kind::kRejected);
  Expect(subject.state.devices[0].next == Counter{});
  subject.enrollment.devices[1].status = DeviceStatus::kDisabled;
  ExpectEqual(subject.Try(subject.Code()).judgement.kind, Kind::kNothingUsable);
}

void device_without_state_is_refused() {
  Subject subject = OnePhone();
  subject.AddDevice("token", 2, "abcdefghijklmnopqrst");
  subject.state.devices.RemoveAt(0);
  ExpectEqual(subject.Try(subject.Code()).judgement.kind, Kind::kRejected);
  Expect(subject.state.Find(DeviceId{1}) == nullptr);
  ExpectEqual(subject.Try(subject.Code("abcdefghijklmnopqrst")).judgement.kind,
              Kind::kAccepted);
  subject.state.devices.Clear();
  ExpectEqual(subject.Try(subject.Code()).judgement.kind, Kind::kNothingUsable);
}

// State of a device that is no longer enrolled is nobody's.
void state_without_a_device_accepts_nothing() {
  Subject subject = OnePhone();
  const std::string code = subject.Code();
  subject.enrollment.devices.clear();
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kNothingUsable);
}

void nothing_usable_is_not_charged() {
  Subject subject = OnePhone();
  subject.state.devices.Clear();
  for (int i = 0; i < 10; ++i)
    ExpectEqual(subject.Try("000000").judgement.kind, Kind::kNothingUsable);
  ExpectEqual(ChargedFailures(subject.state), 0u);
}

void code_of_another_length_is_not_matched() {
  Subject subject = OnePhone();
  subject.enrollment.devices[0].digits = 8;
  TotpParameters eight = kDefaults;
  eight.digits = 8;
  const std::string code = CodeAt(eight, AsBytes(kRfcKey), kNow);
  ExpectEqual(subject.Try(code.substr(2)).judgement.kind, Kind::kRejected);
  ExpectEqual(subject.Try(code.substr(1)).judgement.kind, Kind::kRejected);
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kAccepted);
}

void parameters_of_each_device_count() {
  Subject subject = OnePhone();
  Device& token = subject.AddDevice("token", 2, "abcdefghijklmnopqrst");
  token.algorithm = HashAlgorithm::kSha512;
  token.period = seconds(60);
  TotpParameters parameters = kDefaults;
  parameters.algorithm = HashAlgorithm::kSha512;
  parameters.period = seconds(60);
  const Login login =
      subject.Try(CodeAt(parameters, AsBytes("abcdefghijklmnopqrst"), kNow));
  ExpectEqual(login.judgement.kind, Kind::kAccepted);
  ExpectEqual(Number(subject.state.devices[1].next), 30'000'001u);
}

void device_outside_its_domain_decides_nothing() {
  Subject subject = OnePhone();
  subject.enrollment.devices[0].digits = 5;
  StateChange change{subject.state, Durability::kPowerCut};
  ExpectError(Judge(subject.config, {"000000", kSource}, subject.enrollment,
                    subject.clock.moment, change),
              ErrorCode::kInvalid);
}

void mark_of_the_record_is_not_touched() {
  Subject subject = OnePhone();
  subject.state.record = RecordMark::kRemoved;
  subject.Try("000000");
  ExpectEqual(subject.state.record, RecordMark::kRemoved);
}

// Clock and boot -------------------------------------------------------------

void clock_before_the_last_used_step_is_told_apart_from_a_replay() {
  Subject subject = OnePhone();
  subject.Try(subject.Code());
  subject.clock.moment.now = kNow - seconds(3600);
  const Login login = subject.Try(subject.Code());
  ExpectEqual(login.judgement.kind, Kind::kClockBehind);
  ExpectEqual(login.judgement.name, "phone");
  ExpectEqual(ChargedFailures(subject.state), 0u);
  subject.clock.moment.now = kNow + seconds(30);
  ExpectEqual(subject.Try(subject.Code()).judgement.kind, Kind::kAccepted);
}

void clock_a_step_behind_is_an_ordinary_replay() {
  Subject subject = OnePhone();
  subject.Try(subject.Code(kRfcKey, 1));
  for (int back : {0, 30}) {
    subject.clock.moment.now = kNow - seconds(back);
    const Kind kind = subject.Try(subject.Code()).judgement.kind;
    Expect(kind == Kind::kReplayed || kind == Kind::kClockBehind);
    if (back == 0) ExpectEqual(kind, Kind::kReplayed);
  }
}

void replay_floor_follows_the_boot() {
  constexpr BootId kOld = {1};
  constexpr BootId kNew = {2};
  constexpr std::uint64_t kStep = 60'000'000;
  const Moment::Boot old_boot{kOld, kNow - seconds(86'400)};
  const Moment::Boot new_boot{kNew, kNow - seconds(60)};  // Step kStep - 2.
  struct {
    const char* name;
    std::uint64_t next;
    int drift;
    int window;
    BootId written_in;
    std::optional<Moment::Boot> boot;
    std::uint64_t floor;
  } const rows[] = {
      {"same boot", 500, 0, 1, kOld, old_boot, 500},
      {"same boot, drift", 500, 2, 1, kOld, old_boot, 500},
      {"later boot", 500, 0, 1, kOld, new_boot, kStep - 2 + 1 + 1},
      {"later boot, ahead", 500, 2, 1, kOld, new_boot, kStep - 2 + 1 + 2 + 1},
      {"later boot, behind", 500, -2, 1, kOld, new_boot, kStep - 2 + 1 - 2 + 1},
      {"later boot, wide", 500, 0, 2, kOld, new_boot, kStep - 2 + 2 + 1},
      {"later boot, narrow", 500, 0, 0, kOld, new_boot, kStep - 2 + 1},
      {"used since", kStep + 5, 0, 1, kOld, new_boot, kStep + 5},
      // Written durably; what followed it may have been lost all the same.
      {"synced before", 500, 0, 1, {}, new_boot, kStep - 2 + 1 + 1},
      {"synced, no boot id ever", 500, 0, 1, {}, std::nullopt, 500},
      {"boot id gone", 500, 0, 1, kOld, std::nullopt, kStep + 1 + 1},
  };
  for (const auto& row : rows) {
    const Device device = DeviceNamed("phone", 1);
    DeviceState state;
    state.id = DeviceId{1};
    state.next = Counter{row.next};
    state.drift = row.drift;
    state.boot = row.written_in;
    const Counter floor =
        ReplayFloor(device, state, {.window = row.window}, {kNow, row.boot});
    ExpectEqual(Number(floor), row.floor, row.name);
  }
}

void replay_floor_uses_the_period_of_the_device() {
  Device device = DeviceNamed("phone", 1);
  device.period = seconds(60);
  DeviceState state;
  state.boot = {1};
  const Counter floor = ReplayFloor(device, state, {.window = 1},
                                    {kNow, Moment::Boot{{2}, kNow}});
  ExpectEqual(Number(floor), 30'000'000u + 1 + 1);
}

void code_of_before_the_boot_is_refused_and_a_later_one_accepted() {
  Subject subject = OnePhone();
  const LoginState before = subject.state;
  const std::string code = subject.Code();
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kAccepted);
  // A power cut loses that commit; but an earlier one was on the disk.
  subject.state = before;
  subject.state.devices[0].boot = {1};
  subject.Reboot(seconds(10), 2);
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kReplayed);
  subject.clock.Advance(seconds(90));
  ExpectEqual(subject.Try(subject.Code()).judgement.kind, Kind::kAccepted);
}

void code_used_after_enrollment_and_lost_with_the_power_is_refused() {
  Subject subject = OnePhone();
  const LoginState enrolled = subject.state;  // Synced, as enrollments are.
  const std::string code = subject.Code();
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kAccepted);
  subject.state = enrolled;
  subject.Reboot(seconds(10), 2);
  ExpectEqual(subject.Try(code).judgement.kind, Kind::kReplayed);
}

// A property: random logins, replays, guesses, reboots and power cuts, with a
// clock that only goes forward.  What was accepted once is never accepted
// again, whatever the disk forgot.
struct Used {
  // (device, step) that an accepted code was right for.
  std::set<std::pair<std::uint64_t, std::uint64_t>> steps;

  // Device and step for which `code` is right now, within the widest window.
  static std::vector<std::pair<std::uint64_t, std::uint64_t>> Matches(
      const Subject& subject, std::string_view code) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> matches;
    for (const Device& device : subject.enrollment.devices)
      for (int offset = -3; offset <= 3; ++offset) {
        const std::uint64_t step =
            Number(TotpStep(kDefaults, subject.clock.moment.now)) +
            static_cast<std::uint64_t>(std::int64_t{offset});
        if (CodeAtStep(kDefaults, device.key.Expose(), step) == code)
          matches.emplace_back(static_cast<std::uint64_t>(device.id), step);
      }
    return matches;
  }
};

void no_code_is_ever_accepted_twice() {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    Subject subject = OnePhone();
    subject.AddDevice("token", 2, "abcdefghijklmnopqrst");
    subject.AddDevice("tablet", 3, kCollidingKey);
    subject.config.verify_limits = {
        {20, seconds(0)}, {20, seconds(0)}, 1'000'000'000, 1'000'000'000};
    Used used;
    std::vector<LoginState> since_sync = {subject.state};
    std::vector<std::string> seen = {"000000"};
    std::uint8_t boot = 1;
    int accepted = 0;
    for (int step = 0; step < 400; ++step) {
      switch (random() % 8) {
        case 0:
          subject.clock.Advance(seconds(random() % 45));
          break;
        case 1:
          subject.clock.Advance(seconds(random() % 4));
          break;
        case 2:
          if (random() % 4 == 0) {  // A power cut.
            subject.state = since_sync[random() % since_sync.size()];
            since_sync = {subject.state};
            subject.Reboot(seconds(random() % 20), ++boot);
          } else if (random() % 4 == 0) {  // A reboot that loses nothing.
            subject.Reboot(seconds(random() % 20), ++boot);
          }
          break;
        default:
          break;
      }
      std::string code = seen[seen.size() - 1 -
                              random() % std::min<std::size_t>(seen.size(), 6)];
      if (random() % 2) {
        const auto& devices = subject.enrollment.devices;
        const Device& device = devices[random() % devices.size()];
        code = CodeAt(kDefaults, device.key.Expose(), subject.clock.moment.now,
                      static_cast<int>(random() % 5) - 2);
        seen.push_back(code);
      }
      const Login login = subject.Try(code);
      if (login.durability != Durability::kCrash) since_sync.clear();
      since_sync.push_back(subject.state);
      if (login.judgement.kind != Kind::kAccepted) continue;
      ++accepted;
      bool fresh = false;
      for (const auto& match : Used::Matches(subject, code))
        fresh |= used.steps.insert(match).second;
      Expect(fresh,
             "seed " + std::to_string(seed) + " step " + std::to_string(step));
    }
    Expect(accepted > 20, std::to_string(accepted));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(default_judgement_rejects),
      EXPECT_TEST(right_code_is_accepted_and_spent),
      EXPECT_TEST(accepted_code_needs_no_sync_of_the_disk),
      EXPECT_TEST(without_a_boot_id_every_commit_is_synced),
      EXPECT_TEST(learned_drift_is_synced),
      EXPECT_TEST(learned_drift_counts_within_what_is_allowed_now),
      EXPECT_TEST(window_that_was_widened_later_is_narrowed_to_15_codes),
      EXPECT_TEST(used_code_is_replayed_and_not_charged),
      EXPECT_TEST(wrong_code_is_charged_once_whatever_the_number_of_devices),
      EXPECT_TEST(sixth_guess_is_not_evaluated),
      EXPECT_TEST(code_spent_while_throttled_is_still_good_afterwards),
      EXPECT_TEST(exhausted_strangers_raise_an_alert),
      EXPECT_TEST(every_device_is_tried),
      EXPECT_TEST(every_match_is_spent),
      EXPECT_TEST(replay_of_one_device_does_not_hide_another_that_accepts),
      EXPECT_TEST(disabled_device_is_refused),
      EXPECT_TEST(device_without_state_is_refused),
      EXPECT_TEST(state_without_a_device_accepts_nothing),
      EXPECT_TEST(nothing_usable_is_not_charged),
      EXPECT_TEST(code_of_another_length_is_not_matched),
      EXPECT_TEST(parameters_of_each_device_count),
      EXPECT_TEST(device_outside_its_domain_decides_nothing),
      EXPECT_TEST(mark_of_the_record_is_not_touched),
      EXPECT_TEST(clock_before_the_last_used_step_is_told_apart_from_a_replay),
      EXPECT_TEST(clock_a_step_behind_is_an_ordinary_replay),
      EXPECT_TEST(replay_floor_follows_the_boot),
      EXPECT_TEST(replay_floor_uses_the_period_of_the_device),
      EXPECT_TEST(code_of_before_the_boot_is_refused_and_a_later_one_accepted),
      EXPECT_TEST(
          code_used_after_enrollment_and_lost_with_the_power_is_refused),
      EXPECT_TEST(no_code_is_ever_accepted_twice),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
