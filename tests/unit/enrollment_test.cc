// SPDX-License-Identifier: Apache-2.0
//
// enrollment_test.cc - the payload of a secret file: what goes in comes out,
// and nothing else is taken.

#include "core/store/enrollment.h"

#include <algorithm>

#include "core/store/keyring.h"
#include "core/store/sealing.h"
#include "core/store/user_name.h"
#include "tests/unit/expect.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/temporary_folder.h"

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

Device MakeToken(std::uint64_t id, const std::string& label) {
  Device device = MakeDevice(id, label);
  device.kind = DeviceKind::kHotp;
  device.period = std::chrono::seconds(0);
  device.first = Counter{0x0123'4567'89AB'CDEF};
  return device;
}

CodeSet MakeSet(std::uint64_t id, CodeSet::Kind kind, std::size_t codes) {
  CodeSet set;
  set.id = CodeSetId{id};
  set.kind = kind;
  set.created = At(1'800'000'000);
  set.key = Secret::CopyOf(AsBytes(std::string(32, 'k')));
  for (std::size_t i = 0; i < codes; ++i)
    set.hashes.emplace_back().fill(static_cast<std::uint8_t>(i + 1));
  if (kind == CodeSet::Kind::kBypass) {
    set.expires = At(1'800'003'600);
    set.uses = 3;
    set.reason = "Zo\xC3\xAB lost her phone";
  }
  return set;
}

// One of each kind of entry, in their order.
RecoveryAddress AddressOf(const std::string& address) {
  return {address, At(1'800'000'000),
          Secret::CopyOf(AsBytes(std::string(32, 'k')))};
}

Enrollment OneOfEach() {
  Enrollment enrollment;
  enrollment.devices.push_back(MakeDevice(1, "phone"));
  enrollment.devices[0].window = 0;
  enrollment.devices.push_back(MakeToken(2, "token"));
  enrollment.code_sets.push_back(MakeSet(1, CodeSet::Kind::kBackup, 2));
  enrollment.code_sets.push_back(MakeSet(2, CodeSet::Kind::kScratch, 1));
  enrollment.code_sets.push_back(MakeSet(3, CodeSet::Kind::kBypass, 1));
  enrollment.recovery = AddressOf("zoe@example.org");
  return enrollment;
}

void ExpectSame(const CodeSet& a, const CodeSet& b) {
  ExpectEqual(a.id, b.id);
  ExpectEqual(a.kind, b.kind);
  ExpectEqual(a.created, b.created);
  ExpectEqual(a.expires, b.expires);
  ExpectEqual(a.uses, b.uses);
  ExpectEqual(a.reason, b.reason);
  ExpectBytes(a.key.Expose(), b.key.Expose());
  Expect(a.hashes == b.hashes);
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
  ExpectEqual(a.kind, b.kind);
  ExpectEqual(Number(a.first), Number(b.first));
  Expect(a.window == b.window);
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

void ExpectSame(const Enrollment& a, const Enrollment& b) {
  ExpectEqual(a.devices.size(), b.devices.size());
  for (std::size_t i = 0; i < a.devices.size(); ++i)
    ExpectSame(a.devices[i], b.devices[i]);
  ExpectEqual(a.code_sets.size(), b.code_sets.size());
  for (std::size_t i = 0; i < a.code_sets.size(); ++i)
    ExpectSame(a.code_sets[i], b.code_sets[i]);
  ExpectEqual(a.recovery.has_value(), b.recovery.has_value());
  if (!a.recovery) return;
  ExpectEqual(a.recovery->address, b.recovery->address);
  ExpectEqual(a.recovery->confirmed, b.recovery->confirmed);
  ExpectBytes(a.recovery->key.Expose(), b.recovery->key.Expose());
}

Enrollment Back(const Enrollment& enrollment) {
  return ExpectOk(
      DecodeEnrollment(ExpectOk(EncodeEnrollment(enrollment)).Expose()));
}

void every_kind_of_entry_comes_back_as_it_was() {
  const Enrollment all = OneOfEach();
  ExpectSame(Back(all), all);
  // And each alone: a bypass or an address may stand without a device.
  Enrollment alone = OneOfEach();
  alone.devices.clear();
  ExpectSame(Back(alone), alone);
  alone.code_sets.clear();
  ExpectSame(Back(alone), alone);
  alone.recovery.reset();
  ExpectSame(Back(alone), alone);
}

void copies_are_the_same() {
  const Enrollment all = OneOfEach();
  for (const Device& device : all.devices) ExpectSame(device.Copy(), device);
  for (const CodeSet& set : all.code_sets) ExpectSame(set.Copy(), set);
}

void fullest_enrollment_fits() {
  Enrollment enrollment;
  for (std::size_t i = 0; i < kMaxDevices; ++i) {
    Device device = MakeDevice(
        i + 1, std::string(kMaxLabelSize - 2, 'x') + std::to_string(10 + i));
    device.key = Secret::CopyOf(AsBytes(std::string(255, 'k')));
    enrollment.devices.push_back(std::move(device));
  }
  for (std::size_t i = 0; i < kMaxCodeSets; ++i) {
    const auto kind = i == 0   ? CodeSet::Kind::kBackup
                      : i == 1 ? CodeSet::Kind::kScratch
                               : CodeSet::Kind::kBypass;
    enrollment.code_sets.push_back(
        MakeSet(i + 1, kind, i < 2 ? kMaxCodesInSet : 1));
    if (i >= 2)
      enrollment.code_sets[i].reason = std::string(kMaxReasonSize, 'r');
  }
  enrollment.recovery = AddressOf(std::string(kMaxAddressSize, 'a'));
  const Secret payload = ExpectOk(EncodeEnrollment(enrollment));
  ExpectSame(ExpectOk(DecodeEnrollment(payload.Expose())), enrollment);

  // For the user with the longest name.
  TemporaryFolder folder;
  const std::string keys = folder / "keys";
  Expect(mkdir(keys.c_str(), 0700) == 0);
  ExpectOk(Keyring::Create(keys));
  const std::string name(UserName::kMaxSize, 'u');
  const auto sealed =
      ExpectOk(Seal(ExpectOk(Keyring::Open(keys)),
                    {SealPurpose::kEnrollment, name}, payload.Expose()));
  Expect(sealed.size() <= kMaxSealedSize, std::to_string(sealed.size()));
}

void one_more_than_the_capacity_is_not_written() {
  Enrollment enrollment;
  for (std::size_t i = 0; i < kMaxDevices; ++i)
    enrollment.devices.push_back(MakeToken(i + 1, "t" + std::to_string(i)));
  for (std::size_t i = 0; i < kMaxCodeSets; ++i)
    enrollment.code_sets.push_back(MakeSet(i + 1, CodeSet::Kind::kBypass, 1));
  ExpectOk(EncodeEnrollment(enrollment));
  enrollment.devices.push_back(MakeDevice(100, "one more"));
  ExpectError(EncodeEnrollment(enrollment), ErrorCode::kCapacity);
  enrollment.devices.pop_back();
  enrollment.code_sets.push_back(MakeSet(100, CodeSet::Kind::kBypass, 1));
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
      {"kind", [](Device& d) { d.kind = DeviceKind{}; }},
      {"kind", [](Device& d) { d.kind = DeviceKind{3}; }},
      {"TOTP with a counter", [](Device& d) { d.first = Counter{1}; }},
      {"HOTP with a period", [](Device& d) { d.kind = DeviceKind::kHotp; }},
      {"window", [](Device& d) { d.window = -1; }},
      {"window", [](Device& d) { d.window = 255; }},
      {"HOTP with a window",
       [](Device& d) {
         d = MakeToken(2, "token");
         d.window = 1;
       }},
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

void sets_of_codes_have_limits_for_each_kind() {
  using Set = CodeSet::Kind;
  struct {
    const char* name;
    Set kind;
    void (*change)(CodeSet&);
    bool valid;
  } const rows[] = {
      {"id", Set::kBackup, [](CodeSet& s) { s.id = {}; }, false},
      {"kind", Set::kBackup, [](CodeSet& s) { s.kind = Set{}; }, false},
      {"kind", Set::kBackup, [](CodeSet& s) { s.kind = Set{4}; }, false},
      {"no code", Set::kBackup, [](CodeSet& s) { s.hashes.clear(); }, false},
      {"1", Set::kBackup, [](CodeSet& s) { s.hashes.resize(1); }, true},
      {"32", Set::kBackup, [](CodeSet& s) { s.hashes.resize(32); }, true},
      {"33", Set::kBackup, [](CodeSet& s) { s.hashes.resize(33); }, false},
      {"32", Set::kScratch, [](CodeSet& s) { s.hashes.resize(32); }, true},
      {"33", Set::kScratch, [](CodeSet& s) { s.hashes.resize(33); }, false},
      {"1", Set::kBypass, [](CodeSet& s) { s.hashes.resize(1); }, true},
      {"2", Set::kBypass, [](CodeSet& s) { s.hashes.resize(2); }, false},
      {"none", Set::kBypass, [](CodeSet& s) { s.hashes.clear(); }, false},
      {"uses 2", Set::kBackup, [](CodeSet& s) { s.uses = 2; }, false},
      {"uses 0", Set::kScratch, [](CodeSet& s) { s.uses = 0; }, false},
      {"uses -1", Set::kBypass, [](CodeSet& s) { s.uses = -1; }, false},
      {"uses 0", Set::kBypass, [](CodeSet& s) { s.uses = 0; }, false},
      {"uses 1", Set::kBypass, [](CodeSet& s) { s.uses = 1; }, true},
      {"uses 100", Set::kBypass, [](CodeSet& s) { s.uses = 100; }, true},
      {"uses 101", Set::kBypass, [](CodeSet& s) { s.uses = 101; }, false},
      {"uses 257", Set::kBypass, [](CodeSet& s) { s.uses = 257; }, false},
      {"expires", Set::kBackup, [](CodeSet& s) { s.expires = At(1); }, false},
      {"expires", Set::kScratch, [](CodeSet& s) { s.expires = At(1); }, false},
      {"reason", Set::kBackup, [](CodeSet& s) { s.reason = "x"; }, false},
      {"reason", Set::kScratch, [](CodeSet& s) { s.reason = "x"; }, false},
      {"128", Set::kBypass,
       [](CodeSet& s) { s.reason = std::string(128, 'r'); }, true},
      {"129", Set::kBypass,
       [](CodeSet& s) { s.reason = std::string(129, 'r'); }, false},
      {"newline", Set::kBypass, [](CodeSet& s) { s.reason = "a\nb"; }, false},
      {"ill-formed", Set::kBypass, [](CodeSet& s) { s.reason = "\xFF"; },
       false},
      {"key 31", Set::kBackup, [](CodeSet& s) { s.key = Secret(31); }, false},
      {"key 33", Set::kBackup, [](CodeSet& s) { s.key = Secret(33); }, false},
      {"no key", Set::kBypass, [](CodeSet& s) { s.key = Secret(); }, false},
  };
  for (const auto& row : rows) {
    Enrollment enrollment;
    enrollment.code_sets.push_back(MakeSet(7, row.kind, 1));
    ExpectOk(EncodeEnrollment(enrollment), row.name);
    row.change(enrollment.code_sets[0]);
    if (row.valid)
      ExpectSame(Back(enrollment), enrollment);
    else
      ExpectError(EncodeEnrollment(enrollment), ErrorCode::kInvalid, row.name);
  }
}

void user_has_one_set_of_a_kind_and_many_bypasses() {
  using Set = CodeSet::Kind;
  for (Set kind : {Set::kBackup, Set::kScratch, Set::kBypass})
    for (std::uint64_t second_id : {7, 8}) {
      Enrollment enrollment;
      enrollment.code_sets.push_back(MakeSet(7, kind, 1));
      enrollment.code_sets.push_back(MakeSet(second_id, kind, 1));
      ExpectEqual(EncodeEnrollment(enrollment).has_value(),
                  kind == Set::kBypass && second_id == 8,
                  Show(kind) + " " + std::to_string(second_id));
    }
  Enrollment mixed;
  mixed.code_sets.push_back(MakeSet(7, Set::kBackup, 1));
  mixed.code_sets.push_back(MakeSet(7, Set::kScratch, 1));
  ExpectError(EncodeEnrollment(mixed), ErrorCode::kInvalid);
}

void recovery_address_has_limits() {
  struct {
    std::string address;
    bool valid;
  } const rows[] = {{"", false},
                    {"a", true},
                    {"zoe@example.org", true},
                    {std::string(254, 'a'), true},
                    {std::string(255, 'a'), false},
                    {"a b@example.org", false},
                    {"a@example.org\n", false},
                    {"a@example.org\r\nBcc: b", false},
                    {"zo\xC3\xAB@example.org", false},
                    {"a\x7F@example.org", false},
                    {std::string("a\0b", 3), false}};
  for (const auto& row : rows) {
    Enrollment enrollment;
    enrollment.recovery = AddressOf(row.address);
    if (row.valid)
      ExpectSame(Back(enrollment), enrollment);
    else
      ExpectError(EncodeEnrollment(enrollment), ErrorCode::kInvalid,
                  row.address);
  }
}

using Payload = std::vector<std::uint8_t>;

Payload PayloadOf(const Enrollment& enrollment) {
  const Secret payload = ExpectOk(EncodeEnrollment(enrollment));
  return {payload.Expose().begin(), payload.Expose().end()};
}

// The entries of `payload`, which begins with format and count.
std::vector<Payload> EntriesOf(const Payload& payload) {
  std::vector<Payload> entries;
  for (std::size_t at = 2; at < payload.size();) {
    const std::size_t size = 3 + payload[at + 1] * 256u + payload[at + 2];
    entries.emplace_back(
        payload.begin() + static_cast<std::ptrdiff_t>(at),
        payload.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
  }
  return entries;
}

// Devices of both kinds may stand in any order; kinds of entries may not.
void entries_out_of_order_are_refused() {
  const Payload whole = PayloadOf(OneOfEach());
  const std::vector<Payload> entries = EntriesOf(whole);
  ExpectEqual(entries.size(), 6u);
  const auto group = [](std::size_t entry) {
    return entry < 2 ? 0 : entry < 5 ? 1 : 2;
  };
  std::vector<std::size_t> order = {0, 1, 2, 3, 4, 5};
  int taken = 0;
  do {
    Payload payload = {1, 6};
    bool sorted = true;
    for (std::size_t i = 0; i < order.size(); ++i) {
      payload.insert(payload.end(), entries[order[i]].begin(),
                     entries[order[i]].end());
      sorted &= i == 0 || group(order[i - 1]) <= group(order[i]);
    }
    ExpectEqual(DecodeEnrollment(payload).has_value(), sorted);
    taken += sorted;
  } while (std::ranges::next_permutation(order).found);
  ExpectEqual(taken, 2 * 6);
}

void second_recovery_address_is_refused() {
  Payload payload = PayloadOf(OneOfEach());
  const Payload address = EntriesOf(payload).back();
  payload.insert(payload.end(), address.begin(), address.end());
  ++payload[1];
  ExpectError(DecodeEnrollment(payload), ErrorCode::kCorrupt);
}

// An entry that is longer or shorter than its fields say.
void entry_of_another_size_is_refused() {
  const std::vector<Payload> entries = EntriesOf(PayloadOf(OneOfEach()));
  for (const Payload& entry : entries)
    for (int more : {-1, 1}) {
      Payload payload = {1, 1};
      payload.insert(payload.end(), entry.begin(), entry.end());
      ExpectOk(DecodeEnrollment(payload));
      payload.resize(payload.size() + static_cast<std::size_t>(more));
      const std::size_t size = payload.size() - 5;
      payload[3] = static_cast<std::uint8_t>(size >> 8);
      payload[4] = static_cast<std::uint8_t>(size);
      ExpectError(DecodeEnrollment(payload), ErrorCode::kCorrupt);
    }
}

void payload_cut_at_any_byte_is_refused() {
  for (auto* make : {TwoDevices, OneOfEach}) {
    const Enrollment enrollment = make();
    const Secret payload = ExpectOk(EncodeEnrollment(enrollment));
    for (std::size_t size = 0; size < payload.size(); ++size)
      ExpectError(DecodeEnrollment(payload.Expose().first(size)),
                  ErrorCode::kCorrupt, std::to_string(size));
  }
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
  for (auto* make : {TwoDevices, OneOfEach}) {
    const Enrollment enrollment = make();
    const Payload payload = PayloadOf(enrollment);
    for (std::size_t i = 0; i < payload.size(); ++i)
      for (int value = 0; value < 256; ++value) {
        Payload changed = payload;
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

void codes_and_an_address_alone_are_not_usable() {
  Enrollment enrollment = OneOfEach();
  enrollment.devices.clear();
  Expect(!enrollment.usable());
}

void sets_are_found_by_their_kind() {
  const Enrollment enrollment = OneOfEach();
  using Set = CodeSet::Kind;
  Expect(enrollment.FindSet(Set::kBackup) == &enrollment.code_sets[0]);
  Expect(enrollment.FindSet(Set::kScratch) == &enrollment.code_sets[1]);
  Expect(enrollment.FindSet(Set::kBypass) == &enrollment.code_sets[2]);
  Expect(TwoDevices().FindSet(Set::kBackup) == nullptr);
}

void devices_are_found_by_their_whole_label() {
  const Enrollment enrollment = TwoDevices();
  Expect(enrollment.HasLabel("phone"));
  Expect(!enrollment.HasLabel("phon"));
  Expect(!enrollment.HasLabel("Phone"));
  Expect(!enrollment.HasLabel(""));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(enrollment_comes_back_as_it_was),
      EXPECT_TEST(every_kind_of_entry_comes_back_as_it_was),
      EXPECT_TEST(copies_are_the_same),
      EXPECT_TEST(fullest_enrollment_fits),
      EXPECT_TEST(one_more_than_the_capacity_is_not_written),
      EXPECT_TEST(fields_outside_their_domain_are_not_written),
      EXPECT_TEST(sets_of_codes_have_limits_for_each_kind),
      EXPECT_TEST(user_has_one_set_of_a_kind_and_many_bypasses),
      EXPECT_TEST(recovery_address_has_limits),
      EXPECT_TEST(entries_out_of_order_are_refused),
      EXPECT_TEST(second_recovery_address_is_refused),
      EXPECT_TEST(entry_of_another_size_is_refused),
      EXPECT_TEST(payload_cut_at_any_byte_is_refused),
      EXPECT_TEST(payload_with_a_byte_more_is_refused),
      EXPECT_TEST(any_changed_byte_is_refused_or_a_valid_enrollment),
      EXPECT_TEST(payload_of_another_release_says_so),
      EXPECT_TEST(errors_hold_nothing_of_the_payload),
      EXPECT_TEST(enrollment_is_usable_with_one_enabled_device),
      EXPECT_TEST(codes_and_an_address_alone_are_not_usable),
      EXPECT_TEST(sets_are_found_by_their_kind),
      EXPECT_TEST(devices_are_found_by_their_whole_label),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
