// SPDX-License-Identifier: Apache-2.0
//
// code_records.cc - records of fixed keys, and what is left of them.

#include "tests/pam/code_records.h"

#include <cstdio>

#include "core/factor/backup_code.h"
#include "core/factor/hotp.h"
#include "tests/pam/cmocka_case.h"

namespace twofactor::test {
namespace {

constexpr std::string_view kTokenKey = "a key of a token -- ";
constexpr int kBypassNumber = 90;

UserName Name(const std::string& user) { return *UserName::Create(user); }

std::string CodeNumber(int number) {
  char text[16];
  std::snprintf(text, sizeof(text), "7K3M9QXPT%03d", number);
  return text;
}

void AddSet(Record& record, CodeSet::Kind kind, std::uint64_t id, int first,
            int count) {
  CodeSet& set = record.enrollment->code_sets.emplace_back();
  set.id = CodeSetId{id};
  set.kind = kind;
  set.key = Secret::CopyOf(AsBytes(std::string(kCodeKeySize, 'k')));
  for (int i = 0; i < count; ++i)
    set.hashes.push_back(
        *HashCode(set.key.Expose(), AsBytes(CodeNumber(first + i))));
  EXPECT(record.state.code_sets.Add({set.id, 0, {}}), "no room for a set");
}

Record Read(const TestHost& host, const std::string& user) {
  auto record = host.OpenStore()->Read(Name(user));
  EXPECT(record && record->enrollment, "no record of %s", user.c_str());
  return std::move(*record);
}

int Left(const TestHost& host, const std::string& user, CodeSet::Kind kind) {
  const Record record = Read(host, user);
  const CodeSet& set = *record.enrollment->FindSet(kind);
  return CodesLeft(set, record.state.Find(set.id));
}

}  // namespace

void EnrollCodes(TestHost& host, const std::string& user) {
  const auto stored = host.OpenStore()->Change(
      Name(user), [](Record record, const Moment& moment) -> Result<Record> {
        Device& token = record.enrollment.emplace().devices.emplace_back();
        token.id = DeviceId{1};
        token.label = "token";
        token.kind = DeviceKind::kHotp;
        token.period = std::chrono::seconds(0);
        token.key = Secret::CopyOf(AsBytes(kTokenKey));
        DeviceState state;
        state.id = token.id;
        EXPECT(record.state.devices.Add(state), "no room for a device");
        AddSet(record, CodeSet::Kind::kBackup, 1, 0, kBackupCodes);
        AddSet(record, CodeSet::Kind::kBypass, 2, kBypassNumber, 1);
        CodeSet& bypass = record.enrollment->code_sets.back();
        bypass.uses = kBypassUses;
        bypass.expires = moment.now + std::chrono::hours(1);
        return record;
      });
  EXPECT(stored.has_value(), "enrolling %s: %s", user.c_str(),
         stored.error().context.c_str());
}

std::string TokenCode(std::uint64_t counter) {
  const auto value =
      HotpValue(HashAlgorithm::kSha1, AsBytes(kTokenKey), Counter{counter}, 6);
  EXPECT(value.has_value(), "a code");
  char text[16];
  std::snprintf(text, sizeof(text), "%06u", *value);
  return text;
}

std::string BackupCode(int number) { return CodeNumber(number); }
std::string BypassCode() { return CodeNumber(kBypassNumber); }
std::string WrongBackupCode(int which) { return CodeNumber(100 + which); }

std::uint64_t NextCounter(const TestHost& host, const std::string& user) {
  return Number(Read(host, user).state.Find(DeviceId{1})->next);
}
int BackupCodesLeft(const TestHost& host, const std::string& user) {
  return Left(host, user, CodeSet::Kind::kBackup);
}
int BypassUsesLeft(const TestHost& host, const std::string& user) {
  return Left(host, user, CodeSet::Kind::kBypass);
}

}  // namespace twofactor::test
