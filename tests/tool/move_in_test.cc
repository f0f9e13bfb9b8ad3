// SPDX-License-Identifier: Apache-2.0
//
// move_in_test.cc - moving in once, again, and into a record that has devices.

#include "setup_tool/move_in.h"

#include "core/session/device_codes.h"
#include "core/session/judgement.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/judged.h"
#include "tests/unit/totp_device.h"

using namespace twofactor;
using namespace twofactor::tool;
using Outcome = MovedDevice::Outcome;

namespace {

constexpr TotpParameters kDefaults;
constexpr std::uint64_t kStep = 60'000'000;  // Of FakeClock's now.

ForeignDevice Phone(std::uint64_t next, std::string_view key = kRfcKey) {
  ForeignDevice device;
  device.key = Secret::CopyOf(AsBytes(key));
  device.window = 1;
  device.next_if_new = Counter{next};
  device.next_if_here = Counter{next};
  return device;
}

ForeignDevice Token(std::uint64_t next, std::string_view key = kRfcKey) {
  ForeignDevice device = Phone(next, key);
  device.kind = DeviceKind::kHotp;
  device.period = std::chrono::seconds(0);
  device.window.reset();
  return device;
}

struct Desk {
  Config config;
  FakeClock clock;
  Record record;

  static ForeignRecord Foreign(ForeignDevice device,
                               std::vector<std::string> codes = {}) {
    ForeignRecord foreign;
    foreign.devices.push_back(std::move(device));
    foreign.scratch_codes.emplace();
    for (const std::string& code : codes)
      foreign.scratch_codes->push_back(Secret::CopyOf(AsBytes(code)));
    return foreign;
  }

  Result<MoveReport> TryMove(const ForeignRecord& foreign) {
    return MoveIn(foreign, config, clock.moment, record);
  }
  MoveReport Move(const ForeignRecord& foreign) {
    return ExpectOk(TryMove(foreign));
  }
  MoveReport Move(ForeignDevice device, std::vector<std::string> codes = {}) {
    return Move(Foreign(std::move(device), std::move(codes)));
  }

  Judgement::Kind LogIn(const std::string& code) {
    Judged judged = JudgeFrom(config, {code, {}}, *record.enrollment,
                              record.state, clock.moment);
    record.state = judged.change.state;
    return judged.judgement.kind;
  }
  bool Accepts(const std::string& code) {
    return LogIn(code) == Judgement::Kind::kAccepted;
  }
  std::string Code(int offset) {
    return CodeAt(kDefaults, AsBytes(kRfcKey), clock.moment.now, offset);
  }
  const DeviceState& state() { return record.state.devices[0]; }
};

void used_codes_stay_used_and_the_next_is_right() {
  Desk desk;
  const MoveReport report = desk.Move(Phone(kStep + 1));
  ExpectEqual(report.devices[0].outcome, Outcome::kNew);
  ExpectEqual(report.devices[0].label, "phone");
  const Device& device = desk.record.enrollment->devices[0];
  ExpectEqual(device.confirmation, Confirmation::kByAdministrator);
  Expect(!device.window, "as wide as the administrator's");
  Expect(!desk.Accepts(desk.Code(-1)) && !desk.Accepts(desk.Code(0)));
  Expect(desk.Accepts(desk.Code(1)));
}

void counter_of_a_token_goes_on_and_never_back() {
  Desk desk;
  desk.Move(Token(7));
  ExpectEqual(desk.record.enrollment->devices[0].label, "token");
  ExpectEqual(desk.record.enrollment->devices[0].first, Counter{7});
  Expect(!desk.Accepts(CodeAtStep(kDefaults, AsBytes(kRfcKey), 6)));
  Expect(desk.Accepts(CodeAtStep(kDefaults, AsBytes(kRfcKey), 7)));
  ExpectEqual(desk.Move(Token(7)).devices[0].outcome, Outcome::kHere);
  ExpectEqual(desk.state().next, Counter{8});
  ExpectEqual(desk.Move(Token(9)).devices[0].outcome, Outcome::kRaised);
  ExpectEqual(desk.state().next, Counter{9});
}

// The file does not know what was used here before the device was removed.
void codes_that_were_used_here_before_a_removal_stay_used() {
  Desk desk;
  desk.Move(Phone(kStep));
  Expect(desk.Accepts(desk.Code(0)));
  desk.record.enrollment.reset();
  desk.record.state.devices.Clear();
  ExpectEqual(desk.Move(Phone(kStep)).devices[0].outcome, Outcome::kNew);
  Expect(!desk.Accepts(desk.Code(0)));
  desk.clock.Advance(std::chrono::minutes(3));
  Expect(desk.Accepts(desk.Code(0)));
}

// An administrator who disabled all devices of somebody meant it.
void disabled_users_get_no_device_by_their_file() {
  Desk desk;
  desk.Move(Phone(kStep));
  desk.record.enrollment->devices[0].status = DeviceStatus::kDisabled;
  ExpectEqual(desk.Move(Phone(kStep + 1)).devices[0].outcome, Outcome::kRaised);
  const auto moved =
      desk.TryMove(Desk::Foreign(Phone(kStep, "abcdefghijklmnopqrst")));
  Expect(!moved);
  ExpectContains(moved.error().context, "disabled");
}

void users_with_a_disabled_address_alone_get_no_device_by_their_file() {
  Desk desk;
  Address address;
  address.id = DeviceId{7};
  address.label = "email";
  address.status = DeviceStatus::kDisabled;
  address.address = "alice@example.org";
  desk.record.enrollment.emplace().addresses.push_back(address.Copy());
  const auto moved = desk.TryMove(Desk::Foreign(Phone(kStep)));
  Expect(!moved);
  ExpectContains(moved.error().context, "disabled");
  desk.record.enrollment->addresses[0].status = DeviceStatus::kEnabled;
  ExpectEqual(desk.Move(Phone(kStep)).devices[0].outcome, Outcome::kNew);
}

void new_devices_leave_a_notice_each() {
  Desk desk;
  desk.config.notices = Notices::kOn;
  ForeignRecord foreign = Desk::Foreign(Phone(kStep), {"95112507"});
  foreign.devices.push_back(Token(7, "abcdefghijklmnopqrst"));
  desk.Move(foreign);
  const NoticeRing& ring = desk.record.state.notices;
  ExpectEqual(ring.noted, 2U);
  for (std::size_t i : {0U, 1U}) {
    ExpectEqual(ring.latest[i].kind, NoticeKind::kEnrolled);
    ExpectEqual(ring.latest[i].when, desk.clock.moment.now);
    Expect(ring.latest[i].service.empty(), "an administrator did it");
    ExpectEqual(ring.latest[i].subject.text(),
                desk.record.enrollment->devices[i].label);
  }
  desk.Move(Phone(kStep + 1));
  ExpectEqual(ring.noted, 2U, "of a device that was here");
}

void nobody_is_told_while_notices_are_off() {
  Desk desk;
  desk.config.notices = Notices::kOff;
  desk.Move(Phone(kStep));
  ExpectEqual(desk.record.state.notices.noted, 0U);
}

void counter_that_was_lost_is_not_found_again() {
  Desk desk;
  desk.Move(Token(7));
  desk.record.state.devices[0].next = kCounterLost;
  ExpectEqual(desk.Move(Token(9)).devices[0].outcome, Outcome::kHere);
  ExpectEqual(desk.state().next, kCounterLost);
}

void same_key_again_changes_nothing() {
  Desk desk;
  ForeignDevice device = Phone(kStep);
  device.drift = 1;
  desk.Move(std::move(device), {"95112507", "97673958"});
  const LoginState before = desk.record.state;
  ForeignDevice again = Phone(kStep);
  again.drift = 2;
  again.window = 0;
  const MoveReport report =
      desk.Move(std::move(again), {"95112507", "97673958"});
  ExpectEqual(report.devices[0].outcome, Outcome::kHere);
  ExpectEqual(report.scratch_codes_spent, 0U);
  Expect(desk.record.state == before);
  ExpectEqual(desk.record.enrollment->devices.size(), 1U);
  ExpectEqual(desk.record.enrollment->code_sets.size(), 1U);
}

void what_was_used_meanwhile_is_spent() {
  Desk desk;
  desk.Move(Phone(kStep), {"95112507", "97673958", "90738596"});
  const MoveReport report = desk.Move(Phone(kStep + 1), {"95112507"});
  ExpectEqual(report.devices[0].outcome, Outcome::kRaised);
  ExpectEqual(report.scratch_codes_spent, 2U);
  Expect(!desk.Accepts(desk.Code(0)));
  Expect(!desk.Accepts("97673958") && !desk.Accepts("90738596"));
  Expect(desk.Accepts("95112507"));
  Expect(!desk.Accepts("95112507"), "twice");
  Expect(desk.Accepts(desk.Code(1)));
}

// A boot later the floor of the earlier one still holds.
void mark_that_is_raised_keeps_the_boot_of_its_state() {
  Desk desk;
  desk.Move(Phone(kStep));
  const BootId boot = desk.state().boot;
  desk.clock.moment.boot = Moment::Boot{{2}, desk.clock.moment.now};
  ExpectEqual(desk.Move(Phone(kStep + 1)).devices[0].outcome, Outcome::kRaised);
  Expect(desk.state().boot == boot);
  Expect(!desk.Accepts(desk.Code(1)), "right before the boot");
}

void codes_that_the_file_gained_are_not_added() {
  Desk desk;
  desk.Move(Phone(kStep), {"95112507"});
  const MoveReport report = desk.Move(Phone(kStep), {"95112507", "97673958"});
  ExpectEqual(report.scratch_codes_left_out, 1U);
  Expect(!desk.Accepts("97673958"));
}

void module_without_scratch_codes_spends_none() {
  Desk desk;
  desk.Move(Phone(kStep), {"95112507"});
  ForeignRecord foreign;
  foreign.devices.push_back(Phone(kStep));
  ExpectEqual(desk.Move(foreign).scratch_codes_spent, 0U);
  Expect(desk.Accepts("95112507"));
}

void more_scratch_codes_than_a_set_holds_are_left_out() {
  Desk desk;
  std::vector<std::string> codes{"10000000"};
  for (int i = 0; i < 40; ++i) codes.push_back(std::to_string(10'000'000 + i));
  const MoveReport report = desk.Move(Phone(kStep), codes);
  ExpectEqual(report.scratch_codes_added, kMaxCodesInSet);
  ExpectEqual(report.scratch_codes_left_out, codes.size() - kMaxCodesInSet);
}

void narrower_window_and_drift_are_kept_within_the_limits() {
  Desk desk;
  ForeignDevice device = Phone(0);
  device.window = 0;
  device.drift = 2;
  desk.config.totp_tolerance.max_drift = 1;
  desk.Move(std::move(device));
  ExpectEqual(*desk.record.enrollment->devices[0].window, 0);
  ExpectEqual(desk.state().drift, 1);
}

void same_key_with_other_codes_is_refused() {
  Desk desk;
  desk.Move(Phone(kStep));
  ExpectError(desk.TryMove(Desk::Foreign(Token(1))), ErrorCode::kExists);
  ForeignDevice longer = Phone(kStep);
  longer.digits = 8;
  ExpectError(desk.TryMove(Desk::Foreign(std::move(longer))),
              ErrorCode::kExists);
}

void short_key_moves_in_and_a_shorter_one_does_not() {
  Desk desk;
  desk.Move(Phone(kStep, "1234567890"));
  ExpectError(desk.TryMove(Desk::Foreign(Phone(kStep, "123456789"))),
              ErrorCode::kInvalid);
}

void too_many_right_codes_are_refused() {
  Desk desk;
  ForeignRecord foreign;
  for (char c : {'a', 'b', 'c', 'd', 'e', 'f'})
    foreign.devices.push_back(Phone(kStep, std::string(20, c)));
  ExpectError(desk.TryMove(foreign), ErrorCode::kCapacity);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(used_codes_stay_used_and_the_next_is_right),
      EXPECT_TEST(counter_of_a_token_goes_on_and_never_back),
      EXPECT_TEST(codes_that_were_used_here_before_a_removal_stay_used),
      EXPECT_TEST(disabled_users_get_no_device_by_their_file),
      EXPECT_TEST(
          users_with_a_disabled_address_alone_get_no_device_by_their_file),
      EXPECT_TEST(new_devices_leave_a_notice_each),
      EXPECT_TEST(nobody_is_told_while_notices_are_off),
      EXPECT_TEST(counter_that_was_lost_is_not_found_again),
      EXPECT_TEST(same_key_again_changes_nothing),
      EXPECT_TEST(what_was_used_meanwhile_is_spent),
      EXPECT_TEST(mark_that_is_raised_keeps_the_boot_of_its_state),
      EXPECT_TEST(codes_that_the_file_gained_are_not_added),
      EXPECT_TEST(module_without_scratch_codes_spends_none),
      EXPECT_TEST(more_scratch_codes_than_a_set_holds_are_left_out),
      EXPECT_TEST(narrower_window_and_drift_are_kept_within_the_limits),
      EXPECT_TEST(same_key_with_other_codes_is_refused),
      EXPECT_TEST(short_key_moves_in_and_a_shorter_one_does_not),
      EXPECT_TEST(too_many_right_codes_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
