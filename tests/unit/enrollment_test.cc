// SPDX-License-Identifier: Apache-2.0
//
// enrollment_test.cc - the payload of a secret file: what goes in comes out,
// and nothing else is taken.

#include "core/store/enrollment.h"

#include "tests/unit/expect.h"
#include "tests/unit/fake_clock.h"

using namespace twofactor;

namespace {

Device MakeDevice(std::uint64_t id, const std::string& label) {
  Device device;
  device.id = DeviceId{id};
  device.label = label;
  device.created = At(1'800'000'000);
  device.key = Secret::CopyOf(AsBytes("12345678901234567890"));
  return device;
}

Enrollment TwoDevices() {
  Enrollment enrollment;
  enrollment.devices.push_back(MakeDevice(1, "phone"));
  Device token = MakeDevice(UINT64_MAX, "Zo\xC3\xAB's token");
  token.status = DeviceStatus::kDisabled;
  token.confirmation = Confirmation::kByAdministrator;
  token.created = At(4'000'000'000);
  token.algorithm = HashAlgorithm::kSha512;
  token.digits = 8;
  token.period = std::chrono::seconds(60);
  token.key = Secret::CopyOf(AsBytes(std::string(128, '\0')));
  enrollment.devices.push_back(std::move(token));
  return enrollment;
}

void ExpectSame(const Device& a, const Device& b) {
  ExpectEqual(a.id, b.id);
  ExpectEqual(a.label, b.label);
  ExpectEqual(a.status, b.status);
  ExpectEqual(a.confirmation, b.confirmation);
  ExpectEqual(a.created, b.created);
  ExpectEqual(a.algorithm, b.algorithm);
  ExpectEqual(a.digits, b.digits);
  ExpectEqual(a.period, b.period);
  ExpectBytes(a.key.Expose(), b.key.Expose());
}

void enrollment_comes_back_as_it_was() {
  for (std::size_t count = 0; count <= 2; ++count) {
    Enrollment enrollment = TwoDevices();
    enrollment.devices.resize(count);
    const Secret payload = ExpectOk(EncodeEnrollment(enrollment));
    const Enrollment back = ExpectOk(DecodeEnrollment(payload.Expose()));
    ExpectEqual(back.devices.size(), count);
    for (std::size_t i = 0; i < count; ++i)
      ExpectSame(back.devices[i], enrollment.devices[i]);
  }
}

void fullest_enrollment_fits() {
  Enrollment enrollment;
  for (std::size_t i = 0; i < kMaxDevices; ++i) {
    Device device = MakeDevice(
        i + 1, std::string(kMaxLabelSize - 2, 'x') + std::to_string(10 + i));
    device.key = Secret::CopyOf(AsBytes(std::string(128, 'k')));
    enrollment.devices.push_back(std::move(device));
  }
  const Secret payload = ExpectOk(EncodeEnrollment(enrollment));
  ExpectEqual(ExpectOk(DecodeEnrollment(payload.Expose())).devices.size(),
              kMaxDevices);

  enrollment.devices.push_back(MakeDevice(100, "one more"));
  ExpectError(EncodeEnrollment(enrollment), ErrorCode::kCapacity);
}

void fields_outside_their_domain_are_not_written() {
  struct {
    const char* name;
    void (*spoil)(Device&);
  } const rows[] = {
      {"id", [](Device& d) { d.id = DeviceId{}; }},
      {"same id", [](Device& d) { d.id = DeviceId{1}; }},
      {"label", [](Device& d) { d.label = ""; }},
      {"same label", [](Device& d) { d.label = "phone"; }},
      {"long label", [](Device& d) { d.label = std::string(65, 'a'); }},
      {"newline", [](Device& d) { d.label = "a\nb"; }},
      {"escape", [](Device& d) { d.label = "\x1B[2J"; }},
      {"ill-formed", [](Device& d) { d.label = "\xFF"; }},
      {"nul", [](Device& d) { d.label = std::string("a\0b", 3); }},
      {"status", [](Device& d) { d.status = DeviceStatus{2}; }},
      {"confirmation", [](Device& d) { d.confirmation = Confirmation{}; }},
      {"confirmation", [](Device& d) { d.confirmation = Confirmation{3}; }},
      {"algorithm", [](Device& d) { d.algorithm = HashAlgorithm{}; }},
      {"algorithm", [](Device& d) { d.algorithm = HashAlgorithm{4}; }},
      {"digits", [](Device& d) { d.digits = 0; }},
      {"digits", [](Device& d) { d.digits = 256 + 6; }},
      {"period", [](Device& d) { d.period = std::chrono::seconds(0); }},
      {"period",
       [](Device& d) { d.period = std::chrono::seconds(65536 + 30); }},
      {"key", [](Device& d) { d.key = Secret(); }},
      {"key", [](Device& d) { d.key = Secret(256); }},
  };
  for (const auto& row : rows) {
    Enrollment enrollment = TwoDevices();
    row.spoil(enrollment.devices[1]);
    ExpectError(EncodeEnrollment(enrollment), ErrorCode::kInvalid, row.name);
  }
  Enrollment longest = TwoDevices();
  longest.devices[1].label = std::string(64, 'a');
  ExpectOk(EncodeEnrollment(longest));
}

void payload_cut_at_any_byte_is_refused() {
  const Secret payload = ExpectOk(EncodeEnrollment(TwoDevices()));
  for (std::size_t size = 0; size < payload.size(); ++size)
    ExpectError(DecodeEnrollment(payload.Expose().first(size)),
                ErrorCode::kCorrupt, std::to_string(size));
}

void payload_with_a_byte_more_is_refused() {
  const Secret payload = ExpectOk(EncodeEnrollment(TwoDevices()));
  std::vector<std::uint8_t> longer(payload.Expose().begin(),
                                   payload.Expose().end());
  longer.push_back(0);
  ExpectError(DecodeEnrollment(longer), ErrorCode::kCorrupt);
}

// Whatever a damaged payload still decodes to, it is a payload of ours.
void any_changed_byte_is_refused_or_a_valid_enrollment() {
  const Secret payload = ExpectOk(EncodeEnrollment(TwoDevices()));
  for (std::size_t i = 0; i < payload.size(); ++i)
    for (int value = 0; value < 256; ++value) {
      std::vector<std::uint8_t> changed(payload.Expose().begin(),
                                        payload.Expose().end());
      changed[i] = static_cast<std::uint8_t>(value);
      const auto decoded = DecodeEnrollment(changed);
      if (!decoded) {
        ExpectEqual(decoded.error().code, ErrorCode::kCorrupt);
        continue;
      }
      const Secret again = ExpectOk(EncodeEnrollment(*decoded));
      ExpectBytes(again.Expose(), changed);
    }
}

void payload_of_another_release_says_so() {
  const Secret payload = ExpectOk(EncodeEnrollment(TwoDevices()));
  std::vector<std::uint8_t> newer(payload.Expose().begin(),
                                  payload.Expose().end());
  newer[0] = 2;
  ExpectContains(ExpectError(DecodeEnrollment(newer), ErrorCode::kCorrupt),
                 "release");
}

void errors_hold_nothing_of_the_payload() {
  Enrollment enrollment = TwoDevices();
  enrollment.devices[0].label = "bad\nlabel";
  ExpectLacks(ExpectError(EncodeEnrollment(enrollment), ErrorCode::kInvalid),
              "1234567890");
}

void enrollment_is_usable_with_one_enabled_device() {
  Enrollment enrollment;
  Expect(!enrollment.usable());
  enrollment = TwoDevices();
  Expect(enrollment.usable());
  enrollment.devices[0].status = DeviceStatus::kDisabled;
  Expect(!enrollment.usable());
  enrollment.devices[1].status = DeviceStatus::kEnabled;
  Expect(enrollment.usable());
}

void devices_are_found_by_their_whole_label() {
  const Enrollment enrollment = TwoDevices();
  Expect(enrollment.FindByLabel("phone") == &enrollment.devices[0]);
  Expect(enrollment.FindByLabel("phon") == nullptr);
  Expect(enrollment.FindByLabel("Phone") == nullptr);
  Expect(enrollment.FindByLabel("") == nullptr);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(enrollment_comes_back_as_it_was),
      EXPECT_TEST(fullest_enrollment_fits),
      EXPECT_TEST(fields_outside_their_domain_are_not_written),
      EXPECT_TEST(payload_cut_at_any_byte_is_refused),
      EXPECT_TEST(payload_with_a_byte_more_is_refused),
      EXPECT_TEST(any_changed_byte_is_refused_or_a_valid_enrollment),
      EXPECT_TEST(payload_of_another_release_says_so),
      EXPECT_TEST(errors_hold_nothing_of_the_payload),
      EXPECT_TEST(enrollment_is_usable_with_one_enabled_device),
      EXPECT_TEST(devices_are_found_by_their_whole_label),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
