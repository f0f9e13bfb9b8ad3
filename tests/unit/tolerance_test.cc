// SPDX-License-Identifier: Apache-2.0
//
// tolerance_test.cc - a tolerance that was changed after devices were enrolled:
// never more than 15 right codes at a time, never a drift beyond the allowed.

#include <set>

#include "core/session/device_codes.h"
#include "core/session/judgement.h"
#include "tests/unit/judged.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using Kind = Judgement::Kind;

namespace {

constexpr int kReach = 8;  // Steps; further than any tolerance goes.

struct Subject {
  Config config;
  Enrollment enrollment;
  LoginState state;
  FakeClock clock;

  void AddDevice(int drift = 0, int digits = 6) {
    const std::uint64_t id = enrollment.devices.size() + 1;
    Device device = DeviceNamed("phone-" + std::to_string(id), id,
                                "a key of 19 bytes, " + Letter(id));
    device.digits = digits;
    enrollment.devices.push_back(std::move(device));
    DeviceState device_state;
    device_state.id = DeviceId{id};
    device_state.drift = drift;
    device_state.boot = clock.moment.boot->id;
    Expect(state.devices.Add(device_state));
  }
  std::string CodeOf(const Device& device, int offset) const {
    return CodeAt({device.algorithm, device.digits, device.period},
                  device.key.Expose(), clock.moment.now, offset);
  }
  // What one guess at this moment would be answered with.
  Judged Try(const std::string& code) const {
    return JudgeFrom(config, {code, {}}, enrollment, state, clock.moment);
  }
  bool Accepts(int device, int offset) const {
    return Try(CodeOf(enrollment.devices[device], offset)).judgement.kind ==
           Kind::kAccepted;
  }
  std::size_t RightCodes(int digits = 6) const {
    std::set<std::string> right;
    for (const Device& device : enrollment.devices)
      for (int offset = -kReach; offset <= kReach; ++offset) {
        const std::string code = CodeOf(device, offset);
        if (device.digits == digits &&
            Try(code).judgement.kind == Kind::kAccepted)
          right.insert(code);
      }
    return right.size();
  }

 private:
  static std::string Letter(std::uint64_t id) {
    return std::string(1, static_cast<char>('A' + id));
  }
};

void widened_window_never_makes_more_than_15_codes_right() {
  for (int window = 0; window <= kMaxWindow; ++window) {
    Subject subject;
    subject.config.totp_tolerance.window = window;
    for (int devices = 1; devices <= kMaxCandidates; ++devices) {
      const std::string row =
          std::to_string(window) + " " + std::to_string(devices);
      subject.AddDevice(devices % 5 - 2);
      const std::size_t right = subject.RightCodes();
      Expect(right <= 15, row + ": " + std::to_string(right));
      // And not fewer than fit.
      int fitting = window;
      while (devices * (2 * fitting + 1) > 15) --fitting;
      ExpectEqual(right, devices * (2 * fitting + 1), row);
    }
  }
}

void each_device_keeps_its_own_code() {
  Subject subject;
  subject.config.totp_tolerance.window = kMaxWindow;
  for (int devices = 0; devices < kMaxCandidates; ++devices)
    subject.AddDevice();
  for (int device = 0; device < kMaxCandidates; ++device)
    Expect(subject.Accepts(device, 0), std::to_string(device));
}

// A guess has one number of digits.
void devices_of_other_digits_do_not_narrow_the_window() {
  Subject subject;
  subject.config.totp_tolerance.window = kMaxWindow;
  for (int i = 0; i < 3; ++i)
    for (int digits : {6, 7, 8}) subject.AddDevice(0, digits);
  for (int digits : {6, 7, 8})
    ExpectEqual(subject.RightCodes(digits), 15u, std::to_string(digits));
}

void drift_beyond_what_is_allowed_now_is_cut() {
  struct {
    int drift, max_drift, window;
    int first, last;  // The steps whose codes are right.
  } const rows[] = {
      {2, 0, 2, -2, 2}, {-2, 0, 2, -2, 2}, {2, 1, 1, 0, 2},   {-2, 1, 1, -2, 0},
      {2, 0, 0, 0, 0},  {2, 2, 2, 0, 4},   {-1, 2, 1, -2, 0}, {1, 1, 0, 1, 1},
  };
  for (const auto& row : rows) {
    Subject subject;
    subject.config.totp_tolerance = {.window = row.window,
                                     .max_drift = row.max_drift};
    subject.AddDevice(row.drift);
    for (int offset = -kReach; offset <= kReach; ++offset)
      ExpectEqual(subject.Accepts(0, offset),
                  offset >= row.first && offset <= row.last,
                  std::to_string(&row - rows) + " " + std::to_string(offset));
  }
}

void accepted_code_stores_the_cut_drift() {
  Subject subject;
  subject.config.totp_tolerance = {.window = 1, .max_drift = 0};
  subject.AddDevice(2);
  const auto [judgement, change] =
      subject.Try(subject.CodeOf(subject.enrollment.devices[0], 0));
  ExpectEqual(judgement.kind, Kind::kAccepted);
  ExpectEqual(change.state.devices[0].drift, 0);
  ExpectEqual(change.durability, Durability::kPowerCutIfAble);
}

// After a boot the floor follows the drift that is in force, or the device
// would be refused for longer than its codes can have been used.
void replay_floor_uses_the_cut_drift() {
  Subject subject;
  subject.AddDevice(2);
  DeviceState& state = subject.state.devices[0];
  state.boot = BootId{9};
  const Moment& moment = subject.clock.moment;
  const Device& device = subject.enrollment.devices[0];
  const std::uint64_t step = Number(TotpStep({}, moment.boot->started));
  ExpectEqual(
      Number(ReplayFloor(device, state, {.window = 1, .max_drift = 2}, moment)),
      step + 4);
  ExpectEqual(
      Number(ReplayFloor(device, state, {.window = 1, .max_drift = 0}, moment)),
      step + 2);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(widened_window_never_makes_more_than_15_codes_right),
      EXPECT_TEST(each_device_keeps_its_own_code),
      EXPECT_TEST(devices_of_other_digits_do_not_narrow_the_window),
      EXPECT_TEST(drift_beyond_what_is_allowed_now_is_cut),
      EXPECT_TEST(accepted_code_stores_the_cut_drift),
      EXPECT_TEST(replay_floor_uses_the_cut_drift),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
