// SPDX-License-Identifier: Apache-2.0
//
// file_store_record_test.cc - records: made, changed, removed, listed, damaged,
// killed half-way, and repaired.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "core/base/encoding.h"
#include "core/store/slot_image.h"
#include "tests/unit/child_process.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;

namespace {

void Remove(const std::string& path) {
  Expect(unlink(path.c_str()) == 0, path);
}
void Rename(const std::string& from, const std::string& to) {
  Expect(rename(from.c_str(), to.c_str()) == 0, from);
}

Result<Record> RemoveRecord(Record record, const Moment&) {
  record.enrollment.reset();
  return record;
}

// A user's files of one moment, to be put back as a kill would have left them.
struct Snapshot {
  std::optional<std::string> secret;
  std::optional<std::string> lockout;
};

Snapshot Take(const TemporaryStore& temporary, std::string_view user) {
  Snapshot snapshot;
  if (std::filesystem::exists(temporary.SecretFile(user)))
    snapshot.secret = ReadFile(temporary.SecretFile(user));
  if (std::filesystem::exists(temporary.LockoutFile(user)))
    snapshot.lockout = ReadFile(temporary.LockoutFile(user));
  return snapshot;
}

void PutBack(const std::string& path, const std::optional<std::string>& file) {
  unlink(path.c_str());
  if (file) WriteFile(path, *file);
}

void PutBack(const TemporaryStore& temporary, std::string_view user,
             const Snapshot& snapshot) {
  PutBack(temporary.SecretFile(user), snapshot.secret);
  PutBack(temporary.LockoutFile(user), snapshot.lockout);
}

void enrolled_user_is_found_read_and_listed() {
  TemporaryStore temporary;
  temporary.Enroll("bob");
  temporary.Enroll("alice");
  temporary.Enroll("alice", "token", 2);
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kRecord);
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  Expect(record.enrollment.has_value());
  ExpectEqual(record.enrollment->devices.size(), 2u);
  ExpectEqual(record.state.devices.size(), 2u);
  ExpectEqual(record.state.record, RecordMark::kExpected);
  const auto users = ExpectOk(temporary.store->Users());
  ExpectEqual(users.size(), 2u);
  ExpectEqual(users[0].text(), "alice");
  ExpectEqual(users[1].text(), "bob");
}

void names_of_every_kind_have_records_of_their_own() {
  TemporaryStore temporary;
  const std::vector<std::string> names = {"..",
                                          ".",
                                          "/",
                                          "a/b",
                                          "../../etc/shadow",
                                          " ",
                                          "a b",
                                          "Zo\xC3\xAB",
                                          "\xFF",
                                          "%41",
                                          "A",
                                          "a",
                                          ".tmp-a",
                                          "\n",
                                          "%",
                                          "%h",
                                          std::string(255, '/'),
                                          std::string(255, 'x'),
                                          std::string(254, 'x') + "y"};
  std::uint64_t id = 0;
  for (const std::string& name : names) temporary.Enroll(name, "phone", ++id);
  id = 0;
  for (const std::string& name : names) {
    const Record record = ExpectOk(temporary.store->Read(User(name)), name);
    Expect(record.enrollment->devices[0].id == DeviceId{++id}, name);
  }
  std::set<std::string> listed;
  for (const UserName& user : ExpectOk(temporary.store->Users()))
    Expect(listed.insert(user.text()).second, user.text());
  Expect(listed == std::set<std::string>(names.begin(), names.end()));
  // Nothing was written outside of the two folders.
  Expect(NamesIn(temporary.paths.state) ==
         std::set<std::string>{"lockout", "secrets", "store"});
}

void stand_in_for_unknown_users_is_neither_listed_nor_a_user() {
  TemporaryStore temporary;
  Expect(ExpectOk(temporary.store->Users()).empty());
  const Record nobody = ExpectOk(temporary.store->Read(UserName::Nobody()));
  Expect(nobody.enrollment && nobody.enrollment->usable());
}

void removed_user_is_absent_and_can_enroll_again() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  ExpectOk(temporary.store->Change(User("alice"), RemoveRecord));
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
  Expect(ExpectOk(temporary.store->Users()).empty());
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
  // The lockout file stays, and says that none is expected.
  Expect(std::filesystem::exists(temporary.LockoutFile("alice")));
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  Expect(!record.enrollment);

  temporary.Enroll("alice", "phone", 2);
  Expect(
      ExpectOk(temporary.store->Read(User("alice"))).state.Find(DeviceId{1}) ==
      nullptr);
}

void user_without_a_record_is_not_found() {
  TemporaryStore temporary;
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
  // Asking makes no file.
  Expect(!std::filesystem::exists(temporary.LockoutFile("alice")));
}

void verdict_is_handed_out_after_the_commit() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  ExpectEqual(ExpectOk(temporary.SetDrift("alice", 1)), 0);
  ExpectEqual(ExpectOk(temporary.SetDrift("alice", 2)), 1);
  temporary.Reopen();
  ExpectEqual(temporary.DriftOf("alice"), 2);
}

void refused_decision_changes_nothing() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const Snapshot before = Take(temporary, "alice");
  ExpectError(
      temporary.store->Update<int>(User("alice"),
                                   [](const Enrollment&, const Moment&,
                                      StateChange& change) -> Result<int> {
                                     change.state.devices.Clear();
                                     return Fail(ErrorCode::kCrypto, "no");
                                   }),
      ErrorCode::kCrypto);
  ExpectError(
      temporary.store->Change(User("alice"),
                              [](Record, const Moment&) -> Result<Record> {
                                return Fail(ErrorCode::kExists, "no");
                              }),
      ErrorCode::kExists);
  const Snapshot after = Take(temporary, "alice");
  Expect(before.secret == after.secret);
  Expect(before.lockout == after.lockout);
}

void login_writes_nothing_but_its_slot() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const Snapshot before = Take(temporary, "alice");
  const auto names = NamesIn(temporary.paths.state + "/lockout");
  struct stat status_before {};
  Expect(stat(temporary.SecretFile("alice").c_str(), &status_before) == 0);
  ExpectOk(temporary.SetDrift("alice", 1));
  struct stat status_after {};
  Expect(stat(temporary.SecretFile("alice").c_str(), &status_after) == 0);
  ExpectEqual(status_after.st_ino, status_before.st_ino);
  Expect(Take(temporary, "alice").secret == before.secret);
  Expect(NamesIn(temporary.paths.state + "/lockout") == names);

  const std::string after = *Take(temporary, "alice").lockout;
  int changed_slots = 0;
  for (std::size_t slot = 0; slot < 3; ++slot)
    changed_slots += after.substr(slot * 4096, 4096) !=
                     before.lockout->substr(slot * 4096, 4096);
  ExpectEqual(changed_slots, 1);
}

void broken_clock_decides_nothing() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  temporary.clock.broken = true;
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kIo);
}

// Damage -------------------------------------------------------------------

void missing_lockout_file_needs_repair() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  Remove(temporary.LockoutFile("alice"));
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kRecord);
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNeedsRepair);
  ExpectError(temporary.store->Read(User("alice")), ErrorCode::kNeedsRepair);
  ExpectError(temporary.store->Change(User("alice"), RemoveRecord),
              ErrorCode::kNeedsRepair);
  // Nobody made a fresh one, with which every used code would be new.
  Expect(!std::filesystem::exists(temporary.LockoutFile("alice")));
}

void missing_secret_file_needs_repair_and_is_no_absence() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  Remove(temporary.SecretFile("alice"));
  ExpectError(temporary.store->Find(User("alice")), ErrorCode::kNeedsRepair);
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNeedsRepair);
  ExpectError(temporary.store->Read(User("alice")), ErrorCode::kNeedsRepair);
}

void unreadable_files_are_no_absence() {
  for (const std::string& content :
       {std::string(), std::string("x"), std::string(12288, '\0')}) {
    TemporaryStore temporary;
    temporary.Enroll("alice");
    WriteFile(temporary.LockoutFile("alice"), content);
    ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kCorrupt);
    ExpectError(temporary.store->Read(User("alice")), ErrorCode::kCorrupt);
    Remove(temporary.SecretFile("alice"));
    ExpectError(temporary.store->Find(User("alice")), ErrorCode::kCorrupt);
  }
}

void corrupt_secret_file_denies_and_is_not_overwritten() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const std::string good = ReadFile(temporary.SecretFile("alice"));
  std::string flipped = good;
  flipped.back() ^= 1;
  for (const std::string& content :
       {std::string(), good.substr(0, good.size() / 2), flipped, good + "x"}) {
    WriteFile(temporary.SecretFile("alice"), content);
    ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
                Presence::kRecord);
    ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kCorrupt);
    ExpectError(temporary.store->Repair(User("alice")), ErrorCode::kCorrupt);
    ExpectError(temporary.store->Change(
                    User("alice"),
                    [](Record record, const Moment&) -> Result<Record> {
                      return record;
                    }),
                ErrorCode::kCorrupt);
    ExpectEqual(ReadFile(temporary.SecretFile("alice")), content);
  }
}

void files_of_two_users_swapped_let_nobody_in() {
  TemporaryStore temporary;
  temporary.Enroll("alice", "phone", 1);
  temporary.Enroll("bob", "phone", 2);
  Rename(temporary.SecretFile("alice"), temporary.folder / "x");
  Rename(temporary.SecretFile("bob"), temporary.SecretFile("alice"));
  Rename(temporary.folder / "x", temporary.SecretFile("bob"));
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kCorrupt);
  ExpectError(temporary.SetDrift("bob", 1), ErrorCode::kCorrupt);
}

void secret_file_copied_to_another_user_lets_nobody_in() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  WriteFile(temporary.SecretFile("mallory"),
            ReadFile(temporary.SecretFile("alice")));
  WriteFile(temporary.LockoutFile("mallory"),
            ReadFile(temporary.LockoutFile("alice")));
  ExpectError(temporary.SetDrift("mallory", 1), ErrorCode::kCorrupt);
}

void lockout_files_of_two_users_swapped_let_nobody_in() {
  TemporaryStore temporary;
  temporary.Enroll("alice", "phone", 1);
  temporary.Enroll("bob", "phone", 2);
  Rename(temporary.LockoutFile("alice"), temporary.folder / "x");
  Rename(temporary.LockoutFile("bob"), temporary.LockoutFile("alice"));
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kCorrupt);
}

void untrusted_files_deny() {
  for (int kind = 0; kind < 5; ++kind)
    for (bool secret : {true, false}) {
      TemporaryStore temporary;
      temporary.Enroll("alice");
      const std::string path = secret ? temporary.SecretFile("alice")
                                      : temporary.LockoutFile("alice");
      const std::string row = std::to_string(kind) + (secret ? "s" : "l");
      switch (kind) {
        case 0:
          Expect(chmod(path.c_str(), 0640) == 0);
          break;
        case 1:
          Expect(chown(path.c_str(), 65534, 0) == 0);
          break;
        case 2:
          Expect(link(path.c_str(), (path + "2").c_str()) == 0);
          break;
        case 3:
          Rename(path, temporary.folder / "x");
          Expect(symlink((temporary.folder / "x").c_str(), path.c_str()) == 0);
          break;
        case 4:
          Remove(path);
          Expect(mkfifo(path.c_str(), 0600) == 0);
          break;
      }
      const auto updated = temporary.SetDrift("alice", 1);
      Expect(!updated, row);
      Expect(updated.error().code == ErrorCode::kUntrustedFile ||
                 updated.error().code == ErrorCode::kIo,
             row);
    }
}

// Killed half-way ------------------------------------------------------------

// A lockout file whose newest slot was not written.
std::string WithoutNewestSlot(std::string lockout) {
  const auto newest = NewestSlot(AsBytes(lockout), "alice");
  Expect(newest.has_value());
  return lockout.replace(newest->index * kSlotSize, kSlotSize,
                         std::string(kSlotSize, '\0'));
}

void enrollment_killed_before_the_secret_file_is_as_if_it_never_began() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const Snapshot whole = Take(temporary, "alice");
  // The state entry is there, the mark says that no secret file is.
  PutBack(temporary, "alice",
          {std::nullopt, WithoutNewestSlot(*whole.lockout)});
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
  temporary.Enroll("alice", "phone", 2);
  ExpectOk(temporary.SetDrift("alice", 1));
}

void enrollment_killed_before_the_mark_is_whole() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const Snapshot whole = Take(temporary, "alice");
  // The newest slot says kExpected; the one before says kRemoved and has the
  // device's entry: what a kill between the two leaves.
  PutBack(temporary, "alice",
          {whole.secret, WithoutNewestSlot(*whole.lockout)});

  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  ExpectEqual(record.state.record, RecordMark::kRemoved);
  Expect(record.enrollment.has_value());
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kRecord);
  ExpectOk(temporary.SetDrift("alice", 1));
  ExpectEqual(ExpectOk(temporary.store->Read(User("alice"))).state.record,
              RecordMark::kExpected);
}

// Files as a removal leaves them that was killed before the secret file was
// gone.
void LeaveHalfRemoved(TemporaryStore& temporary) {
  temporary.Enroll("alice");
  const Snapshot enrolled = Take(temporary, "alice");
  ExpectOk(temporary.store->Change(User("alice"), RemoveRecord));
  const Snapshot removed = Take(temporary, "alice");
  PutBack(temporary, "alice", {enrolled.secret, removed.lockout});
}

void removal_killed_before_the_secret_file_is_gone_lets_nobody_in() {
  TemporaryStore temporary;
  LeaveHalfRemoved(temporary);
  // No proof of absence, and nothing that could be accepted.
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kRecord);
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  Expect(!record.enrollment);
  Expect(record.state.devices.empty());
}

void removal_that_was_killed_can_be_finished() {
  for (int way = 0; way < 3; ++way) {
    TemporaryStore temporary;
    LeaveHalfRemoved(temporary);
    const std::string row = std::to_string(way);
    switch (way) {
      case 0:
        ExpectOk(temporary.store->Change(User("alice"), RemoveRecord), row);
        break;
      case 1:
        ExpectOk(temporary.store->Reset(User("alice")), row);
        break;
      case 2:  // Or the user enrolls anew; the old device does not come back.
        temporary.Enroll("alice", "token", 2);
        ExpectOk(temporary.SetDrift("alice", 1), row);
        ExpectEqual(ExpectOk(temporary.store->Read(User("alice")))
                        .enrollment->devices.size(),
                    1u);
        continue;
    }
    ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
                Presence::kAbsent, row);
  }
}

// As a kill leaves them between any two writes: old or new, never refused for
// good.
void enrollment_of_a_second_device_killed_anywhere_keeps_the_first() {
  TemporaryStore temporary;
  temporary.Enroll("alice", "phone", 1);
  const Snapshot before = Take(temporary, "alice");
  temporary.Enroll("alice", "token", 2);
  const Snapshot after = Take(temporary, "alice");
  for (const Snapshot& snapshot :
       {before, Snapshot{before.secret, after.lockout}, after}) {
    PutBack(temporary, "alice", snapshot);
    ExpectOk(temporary.SetDrift("alice", 1));
    const Record record = ExpectOk(temporary.store->Read(User("alice")));
    Expect(record.enrollment->HasLabel("phone"));
    Expect(record.state.Find(DeviceId{1}) != nullptr);
  }
}

void failed_secret_write_leaves_the_old_record() {
  TemporaryStore temporary;
  temporary.Enroll("alice", "phone", 1);
  // The temporary file cannot be made.
  const std::string blocker = temporary.paths.state + "/secrets/.tmp-alice";
  Expect(mkdir(blocker.c_str(), 0700) == 0);
  auto failed = temporary.store->Change(
      User("alice"), [](Record record, const Moment&) -> Result<Record> {
        record.enrollment->devices.push_back(
            DeviceNamed("token", 2, "abcdefghijklmnopqrst"));
        return record;
      });
  Expect(!failed);
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  ExpectEqual(record.enrollment->devices.size(), 1u);
  ExpectOk(temporary.SetDrift("alice", 1));
}

void failed_first_enrollment_leaves_the_user_absent() {
  TemporaryStore temporary;
  const std::string blocker = temporary.paths.state + "/secrets/.tmp-alice";
  Expect(mkdir(blocker.c_str(), 0700) == 0);
  auto failed = temporary.store->Change(
      User("alice"), [](Record record, const Moment&) -> Result<Record> {
        record.enrollment.emplace().devices.push_back(DeviceNamed("phone", 1));
        return record;
      });
  Expect(!failed);
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
  Expect(rmdir(blocker.c_str()) == 0);
  temporary.Enroll("alice");
}

void leftovers_are_not_listed_and_swept_by_the_next_writer() {
  TemporaryStore temporary;
  const std::string secrets = temporary.paths.state + "/secrets";
  const std::string lockout = temporary.paths.state + "/lockout";
  WriteFile(secrets + "/.tmp-alice", "half a file");
  WriteFile(lockout + "/.tmp-alice", "half a file");
  Expect(ExpectOk(temporary.store->Users()).empty());
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
  temporary.Enroll("alice");
  Expect(!NamesIn(secrets).contains(".tmp-alice"));
  Expect(!NamesIn(lockout).contains(".tmp-alice"));

  WriteFile(secrets + "/.tmp-alice", "half a file");
  ExpectOk(temporary.store->Change(User("alice"), RemoveRecord));
  Expect(!NamesIn(secrets).contains(".tmp-alice"));
}

// Repair and reset ---------------------------------------------------------

void repair_of_a_lost_lockout_file_spends_the_codes_of_now() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  Remove(temporary.LockoutFile("alice"));
  const auto done = ExpectOk(temporary.store->Repair(User("alice")));
  ExpectEqual(done.size(), 1u);
  ExpectContains(done[0], "its codes are refused for 150 s from now");
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  const DeviceState* state = record.state.Find(DeviceId{1});
  Expect(state != nullptr);
  const std::uint64_t now = Number(TotpStep({}, temporary.clock.moment.now));
  // Beyond all that can be right now, by the widest window and drift ...
  Expect(Number(state->next) >=
         now + static_cast<std::uint64_t>(kMaxWindow + kMaxDrift) + 1);
  // ... and not for long.
  Expect(Number(state->next) <= now + 10);
  ExpectEqual(record.state.record, RecordMark::kExpected);
  ExpectOk(temporary.SetDrift("alice", 1));
}

void repair_of_a_garbled_lockout_file_spends_the_codes_of_now() {
  for (const std::string& content :
       {std::string(), std::string("x"), std::string(12288, 'x')}) {
    TemporaryStore temporary;
    temporary.Enroll("alice");
    WriteFile(temporary.LockoutFile("alice"), content);
    Expect(!ExpectOk(temporary.store->Repair(User("alice"))).empty());
    const Record record = ExpectOk(temporary.store->Read(User("alice")));
    Expect(Number(record.state.Find(DeviceId{1})->next) >
           Number(TotpStep({}, temporary.clock.moment.now)));
  }
}

// Also beside a lockout file that says nothing any more.
void repair_of_a_lost_secret_file_refuses_and_changes_nothing() {
  for (bool lockout_is_lost : {false, true}) {
    TemporaryStore temporary;
    temporary.Enroll("alice");
    ExpectOk(temporary.SetDrift("alice", 1));
    Snapshot before = Take(temporary, "alice");
    if (lockout_is_lost) *before.lockout = std::string(12288, 'x');
    PutBack(temporary, "alice", {std::nullopt, before.lockout});
    for (int i = 0; i < 2; ++i)
      ExpectError(temporary.store->Repair(User("alice")),
                  ErrorCode::kNeedsRepair);
    Expect(Take(temporary, "alice").lockout == before.lockout);
    Expect(!temporary.store->Find(User("alice")));

    // Whoever restores it has the record back.
    PutBack(temporary, "alice", before);
    const auto done = ExpectOk(temporary.store->Repair(User("alice")));
    ExpectEqual(done.empty(), !lockout_is_lost);
    Expect(Take(temporary, "alice").secret == before.secret);
    ExpectOk(temporary.SetDrift("alice", 1));
  }
}

void reset_of_a_lost_secret_file_makes_the_user_absent() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  Remove(temporary.SecretFile("alice"));
  ExpectOk(temporary.store->Reset(User("alice")));
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
  temporary.Enroll("alice", "phone", 2);
}

void repair_of_a_good_record_does_nothing() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  ExpectOk(temporary.SetDrift("alice", 1));
  const Snapshot before = Take(temporary, "alice");
  Expect(ExpectOk(temporary.store->Repair(User("alice"))).empty());
  const Snapshot after = Take(temporary, "alice");
  Expect(before.secret == after.secret && before.lockout == after.lockout);
}

// Or one whose secret file was put back: only reset removes that.
void repair_leaves_a_secret_file_that_was_removed_where_it_is() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const Snapshot enrolled = Take(temporary, "alice");
  ExpectOk(temporary.store->Change(User("alice"), RemoveRecord));
  PutBack(temporary, "alice",
          {enrolled.secret, Take(temporary, "alice").lockout});
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
  ExpectError(temporary.store->Repair(User("alice")), ErrorCode::kNeedsRepair);
  Expect(Take(temporary, "alice").secret == enrolled.secret);
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kNotFound);
}

// A lockout file of before the second device, as from a backup.
void repair_gives_state_to_devices_that_have_none() {
  TemporaryStore temporary;
  temporary.Enroll("alice", "phone", 1);
  const Snapshot before = Take(temporary, "alice");
  temporary.Enroll("alice", "token", 2);
  PutBack(temporary, "alice",
          {Take(temporary, "alice").secret, before.lockout});
  Expect(
      ExpectOk(temporary.store->Read(User("alice"))).state.Find(DeviceId{2}) ==
      nullptr);
  const auto done = ExpectOk(temporary.store->Repair(User("alice")));
  ExpectEqual(done.size(), 1u);
  ExpectContains(done[0], "token");
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  Expect(record.state.Find(DeviceId{2}) != nullptr);
  Expect(Number(record.state.Find(DeviceId{2})->next) >
         Number(TotpStep({}, temporary.clock.moment.now)));
  // What was known stays.
  Expect(record.state.Find(DeviceId{1})->next == Counter{});
}

void reset_removes_what_cannot_be_read() {
  for (int kind = 0; kind < 5; ++kind) {
    TemporaryStore temporary;
    temporary.Enroll("alice");
    if (kind == 1) WriteFile(temporary.SecretFile("alice"), "garbage");
    if (kind == 2) WriteFile(temporary.LockoutFile("alice"), "garbage");
    if (kind == 3) Remove(temporary.LockoutFile("alice"));
    if (kind == 4) Remove(temporary.SecretFile("alice"));
    const std::string row = std::to_string(kind);
    ExpectOk(temporary.store->Reset(User("alice")), row);
    ExpectEqual(ExpectOk(temporary.store->Find(User("alice")), row),
                Presence::kAbsent, row);
    temporary.Enroll("alice", "phone", 2);
    ExpectOk(temporary.SetDrift("alice", 1), row);
  }
}

void reset_of_nobody_harms_nobody() {
  TemporaryStore temporary;
  temporary.Enroll("bob");
  ExpectOk(temporary.store->Reset(User("alice")));
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
  ExpectOk(temporary.SetDrift("bob", 1));
}

// Keys -----------------------------------------------------------------------

void records_stay_readable_after_a_rotation_and_move_when_rewritten() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const KeyId old_key = temporary.store->keyring().active();
  const KeyId new_key = ExpectOk(temporary.store->keyring().Rotate());
  temporary.Reopen();
  ExpectOk(temporary.SetDrift("alice", 1));
  Expect(ExpectOk(temporary.store->KeyOf(User("alice"))) == old_key);
  ExpectOk(temporary.store->Change(
      User("alice"),
      [](Record record, const Moment&) -> Result<Record> { return record; }));
  Expect(ExpectOk(temporary.store->KeyOf(User("alice"))) == new_key);
  ExpectEqual(temporary.DriftOf("alice"), 1);
}

void record_whose_key_is_gone_denies() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const KeyId old_key = temporary.store->keyring().active();
  ExpectOk(temporary.store->keyring().Rotate());
  ExpectOk(temporary.store->RewrapMarker());
  Remove(temporary.paths.keys + "/keys/" + HexEncode(old_key));
  temporary.Reopen();
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kStoreMissing);
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kRecord);
}

// Locks and limits -----------------------------------------------------------

void lock_held_by_another_process_denies_after_5_seconds() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  temporary.Enroll("bob");
  UniqueFd holder(open(temporary.LockoutFile("alice").c_str(), O_RDWR));
  Expect(flock(holder.get(), LOCK_EX) == 0);
  const auto start = temporary.clock.Monotonic();
  ExpectError(temporary.SetDrift("alice", 1), ErrorCode::kLockTimeout);
  const auto waited = temporary.clock.Monotonic() - start;
  Expect(waited >= std::chrono::seconds(5));
  Expect(waited < std::chrono::seconds(6));
  // Nobody else waits for alice's lock.
  ExpectOk(temporary.SetDrift("bob", 1));
  ExpectEqual(temporary.clock.Monotonic() - start, waited);
}

void low_file_size_limit_denies_before_anything_is_evaluated() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  InChild([&] {
    for (rlim_t limit : {rlim_t{0}, rlim_t{1}, rlim_t{4096}, rlim_t{12287}}) {
      const rlimit low{limit, RLIM_INFINITY};
      Expect(setrlimit(RLIMIT_FSIZE, &low) == 0);
      bool evaluated = false;
      const auto updated =
          temporary.store->Update<int>(User("alice"),
                                       [&](const Enrollment&, const Moment&,
                                           StateChange& change) -> Result<int> {
                                         evaluated = true;
                                         change.durability = Durability::kCrash;
                                         return 0;
                                       });
      const rlimit high{RLIM_INFINITY, RLIM_INFINITY};
      Expect(setrlimit(RLIMIT_FSIZE, &high) == 0);
      ExpectError(updated, ErrorCode::kCallerLimits);
      Expect(!evaluated);
    }
    ExpectOk(temporary.SetDrift("alice", 1));
  });
}

void commits_of_many_processes_are_all_counted() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    const pid_t pid = fork();
    if (pid == 0) {
      try {
        // A clock that really sleeps: the others need the processor.
        auto store = ExpectOk(FileStore::Open(temporary.paths, SystemClock()));
        for (int i = 0; i < 25; ++i)
          ExpectOk(store->Update<int>(User("alice"),
                                      [](const Enrollment&, const Moment&,
                                         StateChange& change) -> Result<int> {
                                        change.durability = Durability::kCrash;
                                        auto& next =
                                            change.state.devices[0].next;
                                        next = Counter{Number(next) + 1};
                                        return 0;
                                      }));
        _exit(0);
      } catch (...) {
        _exit(1);
      }
    }
    children.push_back(pid);
  }
  for (pid_t child : children) {
    int status = 0;
    Expect(waitpid(child, &status, 0) == child);
    ExpectEqual(status, 0);
  }
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  ExpectEqual(Number(record.state.devices[0].next), 100u);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(enrolled_user_is_found_read_and_listed),
      EXPECT_TEST(names_of_every_kind_have_records_of_their_own),
      EXPECT_TEST(stand_in_for_unknown_users_is_neither_listed_nor_a_user),
      EXPECT_TEST(removed_user_is_absent_and_can_enroll_again),
      EXPECT_TEST(user_without_a_record_is_not_found),
      EXPECT_TEST(verdict_is_handed_out_after_the_commit),
      EXPECT_TEST(refused_decision_changes_nothing),
      EXPECT_TEST(login_writes_nothing_but_its_slot),
      EXPECT_TEST(broken_clock_decides_nothing),
      EXPECT_TEST(missing_lockout_file_needs_repair),
      EXPECT_TEST(missing_secret_file_needs_repair_and_is_no_absence),
      EXPECT_TEST(unreadable_files_are_no_absence),
      EXPECT_TEST(corrupt_secret_file_denies_and_is_not_overwritten),
      EXPECT_TEST(files_of_two_users_swapped_let_nobody_in),
      EXPECT_TEST(secret_file_copied_to_another_user_lets_nobody_in),
      EXPECT_TEST(lockout_files_of_two_users_swapped_let_nobody_in),
      EXPECT_TEST(untrusted_files_deny),
      EXPECT_TEST(
          enrollment_killed_before_the_secret_file_is_as_if_it_never_began),
      EXPECT_TEST(enrollment_killed_before_the_mark_is_whole),
      EXPECT_TEST(removal_killed_before_the_secret_file_is_gone_lets_nobody_in),
      EXPECT_TEST(removal_that_was_killed_can_be_finished),
      EXPECT_TEST(
          enrollment_of_a_second_device_killed_anywhere_keeps_the_first),
      EXPECT_TEST(failed_secret_write_leaves_the_old_record),
      EXPECT_TEST(failed_first_enrollment_leaves_the_user_absent),
      EXPECT_TEST(leftovers_are_not_listed_and_swept_by_the_next_writer),
      EXPECT_TEST(repair_of_a_lost_lockout_file_spends_the_codes_of_now),
      EXPECT_TEST(repair_of_a_garbled_lockout_file_spends_the_codes_of_now),
      EXPECT_TEST(repair_of_a_lost_secret_file_refuses_and_changes_nothing),
      EXPECT_TEST(reset_of_a_lost_secret_file_makes_the_user_absent),
      EXPECT_TEST(repair_of_a_good_record_does_nothing),
      EXPECT_TEST(repair_leaves_a_secret_file_that_was_removed_where_it_is),
      EXPECT_TEST(repair_gives_state_to_devices_that_have_none),
      EXPECT_TEST(reset_removes_what_cannot_be_read),
      EXPECT_TEST(reset_of_nobody_harms_nobody),
      EXPECT_TEST(
          records_stay_readable_after_a_rotation_and_move_when_rewritten),
      EXPECT_TEST(record_whose_key_is_gone_denies),
      EXPECT_TEST(lock_held_by_another_process_denies_after_5_seconds),
      EXPECT_TEST(low_file_size_limit_denies_before_anything_is_evaluated),
      EXPECT_TEST(commits_of_many_processes_are_all_counted),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
