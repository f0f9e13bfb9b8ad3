// SPDX-License-Identifier: Apache-2.0
//
// file_store_fallback_test.cc - logins while the disk takes no writes: the
// whole state goes to /run, and comes back when the disk does.
//
// fdatasync(2) is this program's own, so that a disk can fail.

#include <fcntl.h>
#include <sys/syscall.h>

#include "tests/unit/child_process.h"
#include "tests/unit/temporary_store.h"

namespace {
bool disk_is_broken = false;
}  // namespace

extern "C" int fdatasync(int fd) {
  if (disk_is_broken) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fdatasync, fd));
}

using namespace twofactor;

namespace {

// A store whose state folder is a disk of its own.
struct Host {
  explicit Host(const char* disk_options = "size=4m,mode=700")
      : temporary(disk_options), disk(*temporary.disk) {
    temporary.Enroll("alice");
  }
  TemporaryStore temporary;
  TemporaryMount& disk;
};

bool HasStandIn(const Host& host) {
  return std::filesystem::exists(host.temporary.StandInFile("alice"));
}

void InPrivateMounts(const std::function<void()>& step) {
  InChild([&] {
    EnterPrivateMounts();
    step();
  });
}

void read_only_disk_takes_logins_in_run() {
  InPrivateMounts([] {
    Host host;
    const std::string before = ReadFile(host.temporary.LockoutFile("alice"));
    host.disk.MakeReadOnly();
    ExpectEqual(ExpectOk(host.temporary.SetDrift("alice", 1)), 0);
    ExpectEqual(ExpectOk(host.temporary.SetDrift("alice", 2)), 1);
    // The next process sees it too.
    host.temporary.Reopen();
    ExpectEqual(host.temporary.DriftOf("alice"), 2);
    ExpectEqual(ReadFile(host.temporary.LockoutFile("alice")), before);
    struct stat status {};
    Expect(stat(host.temporary.StandInFile("alice").c_str(), &status) == 0);
    ExpectEqual(status.st_mode & 07777u, 0600u);
    Expect(stat((host.temporary.paths.runtime + "/lockout").c_str(), &status) ==
           0);
    ExpectEqual(status.st_mode & 07777u, 0700u);
  });
}

void state_comes_back_to_the_disk_with_the_next_commit() {
  InPrivateMounts([] {
    Host host;
    host.disk.MakeReadOnly();
    ExpectOk(host.temporary.SetDrift("alice", 1));
    host.disk.MakeWritable();
    // Until then, the truth is in /run.
    ExpectEqual(host.temporary.DriftOf("alice"), 1);
    Expect(HasStandIn(host));
    ExpectEqual(ExpectOk(host.temporary.SetDrift("alice", 2)), 1);
    Expect(!HasStandIn(host));
    ExpectEqual(host.temporary.DriftOf("alice"), 2);
  });
}

// Killed between the commit to the disk and the end of the stand-in.
void stand_in_older_than_the_disk_does_not_count() {
  InPrivateMounts([] {
    Host host;
    host.disk.MakeReadOnly();
    ExpectOk(host.temporary.SetDrift("alice", 1));
    const std::string stand_in = ReadFile(host.temporary.StandInFile("alice"));
    host.disk.MakeWritable();
    ExpectOk(host.temporary.SetDrift("alice", 2));
    WriteFile(host.temporary.StandInFile("alice"), stand_in);
    ExpectEqual(host.temporary.DriftOf("alice"), 2);
    ExpectEqual(ExpectOk(host.temporary.SetDrift("alice", -1)), 2);
    Expect(!HasStandIn(host));
    ExpectEqual(host.temporary.DriftOf("alice"), -1);
  });
}

void disk_that_goes_bad_twice_loses_nothing() {
  InPrivateMounts([] {
    Host host;
    int last = 0;
    for (int round = 1; round <= 4; ++round) {
      host.disk.MakeReadOnly();
      for (int drift : {1, 2}) {
        ExpectEqual(ExpectOk(host.temporary.SetDrift("alice", drift)), last);
        last = drift;
      }
      host.disk.MakeWritable();
      ExpectEqual(ExpectOk(host.temporary.SetDrift("alice", -round)), last);
      last = -round;
    }
    ExpectEqual(host.temporary.DriftOf("alice"), last);
  });
}

void what_must_outlive_a_power_cut_is_refused_on_a_read_only_disk() {
  InPrivateMounts([] {
    Host host;
    host.disk.MakeReadOnly();
    ExpectError(host.temporary.SetDrift("alice", 1, Durability::kPowerCut),
                ErrorCode::kReadOnly);
    Expect(!HasStandIn(host));
    ExpectOk(host.temporary.SetDrift("alice", 1, Durability::kPowerCutIfAble));
    Expect(HasStandIn(host));
    // And refused all the same when the state is in /run already.
    ExpectError(host.temporary.SetDrift("alice", 2, Durability::kPowerCut),
                ErrorCode::kReadOnly);
    ExpectEqual(host.temporary.DriftOf("alice"), 1);
  });
}

void enrollment_is_refused_on_a_read_only_disk_and_harms_nothing() {
  InPrivateMounts([] {
    Host host;
    host.disk.MakeReadOnly();
    ExpectError(host.temporary.store->Change(
                    User("alice"),
                    [](Record record, const Moment&) -> Result<Record> {
                      record.enrollment.reset();
                      return record;
                    }),
                ErrorCode::kReadOnly);
    ExpectError(host.temporary.store->Reset(User("alice")),
                ErrorCode::kReadOnly);
    ExpectOk(host.temporary.SetDrift("alice", 1));
    ExpectEqual(ExpectOk(host.temporary.store->Find(User("alice"))),
                Presence::kRecord);
    ExpectEqual(ExpectOk(host.temporary.store->Find(User("bob"))),
                Presence::kAbsent);
  });
}

void nothing_is_granted_when_run_takes_no_writes_either() {
  InPrivateMounts([] {
    Host host;
    host.disk.MakeReadOnly();
    // Something else stands where the folder would be made.
    WriteFile(host.temporary.paths.runtime, "");
    const auto refused = host.temporary.SetDrift("alice", 1);
    Expect(!refused);
    host.disk.MakeWritable();
    unlink(host.temporary.paths.runtime.c_str());
    ExpectEqual(host.temporary.DriftOf("alice"), 0);
  });
}

void full_disk_needs_no_stand_in() {
  InPrivateMounts([] {
    Host host("size=512k,mode=700");
    std::ofstream(host.temporary.paths.state + "/filler")
        << std::string(2'000'000, 'x');
    for (int drift : {1, 2, -1, -2})
      for (Durability durability :
           {Durability::kCrash, Durability::kPowerCutIfAble,
            Durability::kPowerCut})
        ExpectOk(host.temporary.SetDrift("alice", drift, durability));
    Expect(!HasStandIn(host));
    // A new record does need space, and there is none.
    ExpectError(host.temporary.store->Change(
                    User("bob"),
                    [](Record record, const Moment&) -> Result<Record> {
                      record.enrollment.emplace().devices.push_back(
                          DeviceNamed("phone", 9));
                      return record;
                    }),
                ErrorCode::kReadOnly);
    ExpectEqual(ExpectOk(host.temporary.store->Find(User("bob"))),
                Presence::kAbsent);
  });
}

void disk_that_fails_to_sync_is_stood_in_for() {
  InPrivateMounts([] {
    Host host;
    disk_is_broken = true;
    ExpectError(host.temporary.SetDrift("alice", 1, Durability::kPowerCut),
                ErrorCode::kReadOnly);
    ExpectOk(host.temporary.SetDrift("alice", 2, Durability::kPowerCutIfAble));
    ExpectEqual(host.temporary.DriftOf("alice"), 2);
    Expect(HasStandIn(host));
    ExpectOk(host.temporary.SetDrift("alice", 1));
    ExpectEqual(host.temporary.DriftOf("alice"), 1);
    disk_is_broken = false;
    ExpectOk(host.temporary.SetDrift("alice", -1));
    ExpectEqual(host.temporary.DriftOf("alice"), -1);
    Expect(!HasStandIn(host));
  });
}

void untrusted_stand_in_denies() {
  InPrivateMounts([] {
    Host host;
    host.disk.MakeReadOnly();
    ExpectOk(host.temporary.SetDrift("alice", 1));
    const std::string path = host.temporary.StandInFile("alice");
    Expect(chmod(path.c_str(), 0666) == 0);
    ExpectError(host.temporary.SetDrift("alice", 2), ErrorCode::kUntrustedFile);
    Expect(chmod(path.c_str(), 0600) == 0);
    Expect(chmod((host.temporary.paths.runtime + "/lockout").c_str(), 0777) ==
           0);
    ExpectError(host.temporary.SetDrift("alice", 2), ErrorCode::kUntrustedFile);
  });
}

void stand_in_of_another_user_denies() {
  InPrivateMounts([] {
    Host host;
    host.temporary.Enroll("bob", "phone", 2);
    host.disk.MakeReadOnly();
    ExpectOk(host.temporary.SetDrift("bob", 1));
    WriteFile(host.temporary.StandInFile("alice"),
              ReadFile(host.temporary.StandInFile("bob")));
    ExpectError(host.temporary.SetDrift("alice", 2), ErrorCode::kCorrupt);
  });
}

void damaged_stand_in_denies_until_repair_or_reset() {
  InPrivateMounts([] {
    for (bool repair : {true, false}) {
      Host host;
      host.disk.MakeReadOnly();
      ExpectOk(host.temporary.SetDrift("alice", 1));
      host.disk.MakeWritable();
      WriteFile(host.temporary.StandInFile("alice"), "garbage");
      ExpectError(host.temporary.SetDrift("alice", 2), ErrorCode::kCorrupt);
      if (repair) {
        Expect(!ExpectOk(host.temporary.store->Repair(User("alice"))).empty());
        // What the lost state knew of used codes is not known any more.
        const Record record =
            ExpectOk(host.temporary.store->Read(User("alice")));
        Expect(Number(record.state.Find(DeviceId{1})->next) >
               Number(TotpStep({}, host.temporary.clock.moment.now)));
      } else {
        ExpectOk(host.temporary.store->Reset(User("alice")));
        host.temporary.Enroll("alice", "phone", 3);
      }
      ExpectOk(host.temporary.SetDrift("alice", 2),
               repair ? "repair" : "reset");
      ExpectEqual(host.temporary.DriftOf("alice"), 2);
    }
  });
}

// The lockout file on the disk is garbled while a newer state is in /run.
void repair_of_the_disk_is_not_undone_by_the_stand_in() {
  InPrivateMounts([] {
    Host host;
    host.disk.MakeReadOnly();
    for (int i = 0; i < 5; ++i) ExpectOk(host.temporary.SetDrift("alice", 1));
    host.disk.MakeWritable();
    WriteFile(host.temporary.LockoutFile("alice"), std::string(12288, 'x'));
    ExpectError(host.temporary.SetDrift("alice", 2), ErrorCode::kCorrupt);
    ExpectOk(host.temporary.store->Reset(User("alice")));
    ExpectEqual(ExpectOk(host.temporary.store->Find(User("alice"))),
                Presence::kAbsent);
    host.temporary.Enroll("alice", "phone", 3);
    ExpectOk(host.temporary.SetDrift("alice", 2));
    ExpectEqual(host.temporary.DriftOf("alice"), 2);
  });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(read_only_disk_takes_logins_in_run),
      EXPECT_TEST(state_comes_back_to_the_disk_with_the_next_commit),
      EXPECT_TEST(stand_in_older_than_the_disk_does_not_count),
      EXPECT_TEST(disk_that_goes_bad_twice_loses_nothing),
      EXPECT_TEST(what_must_outlive_a_power_cut_is_refused_on_a_read_only_disk),
      EXPECT_TEST(enrollment_is_refused_on_a_read_only_disk_and_harms_nothing),
      EXPECT_TEST(nothing_is_granted_when_run_takes_no_writes_either),
      EXPECT_TEST(full_disk_needs_no_stand_in),
      EXPECT_TEST(disk_that_fails_to_sync_is_stood_in_for),
      EXPECT_TEST(untrusted_stand_in_denies),
      EXPECT_TEST(stand_in_of_another_user_denies),
      EXPECT_TEST(damaged_stand_in_denies_until_repair_or_reset),
      EXPECT_TEST(repair_of_the_disk_is_not_undone_by_the_stand_in),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
