// SPDX-License-Identifier: Apache-2.0
//
// removal_test.cc - a removal that was cut off between the mark and the secret
// file: it stands, and what is done next finishes it.

#include "core/store/slot_image.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;

namespace {

Result<Record> RemoveRecord(Record record, const Moment&) {
  record.enrollment.reset();
  return record;
}

Result<void> RemoveByChange(FileStore& store) {
  return store.Change(User("alice"), RemoveRecord);
}
Result<void> RemoveByReset(FileStore& store) {
  return store.Reset(User("alice"));
}

// Alice's removed files as a kill before the unlink leaves them.
void CutOffRemoval(TemporaryStore& temporary,
                   Result<void> (*remove)(FileStore&) = RemoveByChange) {
  temporary.Enroll("alice");
  const std::string secret = ReadFile(temporary.SecretFile("alice"));
  ExpectOk(remove(*temporary.store));
  WriteFile(temporary.SecretFile("alice"), secret);
  temporary.Reopen();
}

bool HasSecretFile(const TemporaryStore& temporary) {
  return std::filesystem::exists(temporary.SecretFile("alice"));
}

void ExpectNotEnrolled(TemporaryStore& temporary, std::string_view row = {}) {
  const Record record = ExpectOk(temporary.store->Read(User("alice")), row);
  Expect(!record.enrollment, row);
  Expect(record.state.devices.empty(), row);
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound, row);
}

void removal_that_was_cut_off_stands() {
  for (auto remove : {RemoveByChange, RemoveByReset}) {
    TemporaryStore temporary;
    CutOffRemoval(temporary, remove);
    ExpectNotEnrolled(temporary, remove == RemoveByReset ? "reset" : "change");
  }
}

// A login must not write the mark that expects the secret file again.
void logins_do_not_revive_what_was_removed() {
  TemporaryStore temporary;
  CutOffRemoval(temporary);
  const std::string before = ReadFile(temporary.LockoutFile("alice"));
  for (int i = 0; i < 3; ++i)
    ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
  ExpectEqual(ReadFile(temporary.LockoutFile("alice")), before);
  ExpectNotEnrolled(temporary);
}

void repair_of_a_removal_refuses_and_revives_no_device() {
  for (auto remove : {RemoveByChange, RemoveByReset}) {
    const char* row = remove == RemoveByReset ? "reset" : "change";
    TemporaryStore temporary;
    CutOffRemoval(temporary, remove);
    for (int i = 0; i < 2; ++i) {
      ExpectError(temporary.store->Repair(User("alice")),
                  ErrorCode::kNeedsRepair, row);
      Expect(HasSecretFile(temporary), row);
      ExpectNotEnrolled(temporary, row);
    }
  }
}

void removing_or_resetting_again_finishes_a_removal() {
  for (auto remove : {RemoveByChange, RemoveByReset}) {
    TemporaryStore temporary;
    CutOffRemoval(temporary);
    ExpectOk(remove(*temporary.store));
    Expect(!HasSecretFile(temporary));
    ExpectNotEnrolled(temporary);
  }
}

void enrolling_after_a_removal_that_was_cut_off_brings_only_the_new_device() {
  TemporaryStore temporary;
  CutOffRemoval(temporary);
  ExpectOk(temporary.store->Change(
      User("alice"), [](Record record, const Moment&) -> Result<Record> {
        Expect(!record.enrollment);  // No old device is offered.
        return record;
      }));
  CutOffRemoval(temporary);
  temporary.Enroll("alice", "token", 2);
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  ExpectEqual(record.enrollment->devices.size(), 1u);
  Expect(record.enrollment->HasLabel("token"));
  Expect(record.state.Find(DeviceId{1}) == nullptr);
  Expect(record.state.Find(DeviceId{2}) != nullptr);
  ExpectOk(temporary.SetDrift("alice", 1));
}

// That enrollment, cut off in its turn before its secret file: the old secret
// file is still there, the state knows the new device.
void enrollment_cut_off_after_such_a_removal_revives_no_device() {
  TemporaryStore temporary;
  CutOffRemoval(temporary);
  const std::string old_secret = ReadFile(temporary.SecretFile("alice"));
  const std::string blocker = temporary.paths.state + "/secrets/.tmp-alice";
  Expect(mkdir(blocker.c_str(), 0700) == 0);
  const auto failed = temporary.store->Change(
      User("alice"), [](Record record, const Moment&) -> Result<Record> {
        record.enrollment.emplace().devices.push_back(DeviceNamed("token", 2));
        DeviceState state;
        state.id = DeviceId{2};
        Expect(record.state.devices.Add(state));
        return record;
      });
  Expect(!failed);
  Expect(rmdir(blocker.c_str()) == 0);
  ExpectEqual(ReadFile(temporary.SecretFile("alice")), old_secret);
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
  ExpectError(temporary.store->Repair(User("alice")), ErrorCode::kNeedsRepair);
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
  ExpectOk(temporary.store->Reset(User("alice")));
  Expect(!HasSecretFile(temporary));
  ExpectNotEnrolled(temporary);
}

// The other order of the same two files: mark and state of an enrollment whose
// last step is missing.
void repair_keeps_an_enrollment_that_was_cut_off_before_its_mark() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  std::string lockout = ReadFile(temporary.LockoutFile("alice"));
  const auto newest = NewestSlot(AsBytes(lockout), "alice");
  Expect(newest.has_value());
  lockout.replace(newest->index * kSlotSize, kSlotSize,
                  std::string(kSlotSize, '\0'));
  WriteFile(temporary.LockoutFile("alice"), lockout);
  ExpectEqual(ExpectOk(temporary.store->Read(User("alice"))).state.record,
              RecordMark::kRemoved);

  ExpectOk(temporary.store->Repair(User("alice")));
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  ExpectEqual(record.state.record, RecordMark::kExpected);
  Expect(record.enrollment && record.state.Find(DeviceId{1}));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(removal_that_was_cut_off_stands),
      EXPECT_TEST(logins_do_not_revive_what_was_removed),
      EXPECT_TEST(repair_of_a_removal_refuses_and_revives_no_device),
      EXPECT_TEST(removing_or_resetting_again_finishes_a_removal),
      EXPECT_TEST(
          enrolling_after_a_removal_that_was_cut_off_brings_only_the_new_device),
      EXPECT_TEST(enrollment_cut_off_after_such_a_removal_revives_no_device),
      EXPECT_TEST(repair_keeps_an_enrollment_that_was_cut_off_before_its_mark),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
