// SPDX-License-Identifier: Apache-2.0
//
// slot_file_test.cc - commits, locks, and power cuts.
//
// fdatasync(2) and fsync(2) are this program's own: they note what the disk
// has from then on, so that a test can cut the power at any moment.

#include "core/store/slot_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "tests/unit/child_process.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/temporary_folder.h"

namespace {

struct Disk {
  bool broken = false;  // Syncs fail with EIO.
  int syncs = 0;
  std::vector<std::uint8_t> durable;  // The last synced lockout file, whole.
} disk;

std::vector<std::uint8_t> WholeFile(int fd) {
  std::vector<std::uint8_t> bytes(twofactor::kSlotFileSize);
  const ssize_t got = pread(fd, bytes.data(), bytes.size(), 0);
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

int Sync(int fd) {
  ++disk.syncs;
  if (disk.broken) {
    errno = EIO;
    return -1;
  }
  struct stat status {};
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
    disk.durable = WholeFile(fd);
  return 0;
}

}  // namespace

extern "C" int fdatasync(int fd) { return Sync(fd); }
extern "C" int fsync(int fd) { return Sync(fd); }

using namespace twofactor;

namespace {

std::string BodyOf(std::uint64_t sequence) {
  return std::string(1 + sequence * 613 % 2600, 'b') + std::to_string(sequence);
}

struct Lockout {
  Lockout() {
    fd = UniqueFd(open(folder.path().c_str(), O_DIRECTORY | O_CLOEXEC));
    disk = {};
  }
  SlotFileName Name() const { return {fd.get(), "alice", "alice"}; }
  std::string Path() const { return folder / "alice"; }

  SlotFile Create() {
    return ExpectOk(SlotFile::LockOrCreate(Name(), AsBytes(BodyOf(1)), clock));
  }
  SlotFile Lock() {
    SlotFile slots = ExpectOk(SlotFile::Lock(Name(), clock));
    ExpectOk(slots.Load());
    return slots;
  }

  TemporaryFolder folder;
  UniqueFd fd;
  FakeClock clock;
};

void CommitNext(SlotFile& slots, SlotDurability durability) {
  const std::uint64_t sequence = slots.sequence() + 1;
  ExpectOk(slots.Commit(AsBytes(BodyOf(sequence)), sequence, durability));
}

void ExpectState(const SlotFile& slots, std::uint64_t sequence) {
  ExpectEqual(slots.sequence(), sequence);
  ExpectEqual(AsText(slots.body()), BodyOf(sequence));
}

void created_file_holds_its_first_state_synced() {
  Lockout lockout;
  { ExpectState(lockout.Create(), 1); }
  ExpectEqual(disk.durable.size(), kSlotFileSize);
  ExpectEqual(ReadFile(lockout.Path()).size(), kSlotFileSize);
  struct stat status {};
  Expect(stat(lockout.Path().c_str(), &status) == 0);
  ExpectEqual(status.st_mode & 07777u, 0600u);
  ExpectState(lockout.Lock(), 1);
  Expect(NamesIn(lockout.folder.path()) == std::set<std::string>{"alice"});
}

void lock_or_create_keeps_what_is_there() {
  Lockout lockout;
  {
    SlotFile slots = lockout.Create();
    CommitNext(slots, SlotDurability::kWritten);
  }
  SlotFile again = ExpectOk(
      SlotFile::LockOrCreate(lockout.Name(), AsBytes("other"), lockout.clock));
  ExpectOk(again.Load());
  ExpectState(again, 2);
}

void leftover_of_a_killed_creator_is_taken_over() {
  Lockout lockout;
  WriteFile(lockout.folder / ".tmp-alice", std::string(20000, 'x'));
  { ExpectState(lockout.Create(), 1); }
  ExpectState(lockout.Lock(), 1);
  ExpectEqual(ReadFile(lockout.Path()).size(), kSlotFileSize);
  Expect(NamesIn(lockout.folder.path()) == std::set<std::string>{"alice"});
}

void commits_come_back_in_the_next_process() {
  Lockout lockout;
  { lockout.Create(); }
  for (std::uint64_t sequence = 2; sequence <= 12; ++sequence) {
    SlotFile slots = lockout.Lock();
    CommitNext(slots, sequence % 3 ? SlotDurability::kWritten
                                   : SlotDurability::kSynced);
    ExpectState(slots, sequence);
    ExpectOk(slots.Load());
    ExpectState(slots, sequence);
  }
}

void inode_and_size_never_change() {
  Lockout lockout;
  { lockout.Create(); }
  struct stat before {};
  Expect(stat(lockout.Path().c_str(), &before) == 0);
  for (int i = 0; i < 6; ++i) {
    SlotFile slots = lockout.Lock();
    CommitNext(slots,
               i % 2 ? SlotDurability::kWritten : SlotDurability::kSynced);
  }
  { ExpectOk(lockout.Lock().Rewrite(AsBytes("new"), 9)); }
  struct stat after {};
  Expect(stat(lockout.Path().c_str(), &after) == 0);
  ExpectEqual(after.st_ino, before.st_ino);
  ExpectEqual(after.st_size, before.st_size);
}

void written_commit_costs_no_sync() {
  Lockout lockout;
  { lockout.Create(); }
  SlotFile slots = lockout.Lock();
  disk.syncs = 0;
  for (int i = 0; i < 5; ++i) CommitNext(slots, SlotDurability::kWritten);
  ExpectEqual(disk.syncs, 0);
  CommitNext(slots, SlotDurability::kSynced);
  ExpectEqual(disk.syncs, 1);
}

void failed_sync_is_a_failed_commit() {
  Lockout lockout;
  { lockout.Create(); }
  SlotFile slots = lockout.Lock();
  disk.broken = true;
  ExpectError(slots.Commit(AsBytes(BodyOf(2)), 2, SlotDurability::kSynced),
              ErrorCode::kReadOnly);
}

// What may lie on the disk after a power cut: of each slot that was not synced
// the old bytes, the new, a mix, or garbage.
std::vector<std::uint8_t> AfterPowerCut(
    const std::vector<std::uint8_t>& durable,
    const std::vector<std::uint8_t>& written, std::mt19937& random) {
  std::vector<std::uint8_t> image = durable;
  for (std::size_t slot = 0; slot < kSlotCount; ++slot) {
    const auto at = static_cast<std::ptrdiff_t>(slot * kSlotSize);
    const auto size = static_cast<std::ptrdiff_t>(kSlotSize);
    if (std::equal(durable.begin() + at, durable.begin() + at + size,
                   written.begin() + at))
      continue;
    switch (random() % 4) {
      case 0:
        break;
      case 1:
        std::copy_n(written.begin() + at, size, image.begin() + at);
        break;
      case 2:
        std::copy_n(written.begin() + at,
                    static_cast<std::ptrdiff_t>(random() % kSlotSize),
                    image.begin() + at);
        break;
      case 3:
        std::generate_n(image.begin() + at, size,
                        [&] { return static_cast<std::uint8_t>(random()); });
        break;
    }
  }
  return image;
}

void power_cut_at_any_moment_keeps_the_last_synced_state() {
  Lockout lockout;
  { lockout.Create(); }
  std::mt19937 random(1);
  std::uint64_t last_synced = 1;
  for (int round = 0; round < 2000; ++round) {
    SlotFile slots = lockout.Lock();
    const bool sync = random() % 4 == 0;
    CommitNext(slots,
               sync ? SlotDurability::kSynced : SlotDurability::kWritten);
    const std::uint64_t newest = slots.sequence();
    if (sync) last_synced = newest;

    const std::string written = ReadFile(lockout.Path());
    const auto left =
        AfterPowerCut(disk.durable, {written.begin(), written.end()}, random);
    const auto found = NewestSlot(left, "alice");
    Expect(found.has_value(), std::to_string(round));
    Expect(found->header.sequence >= last_synced, std::to_string(round));
    Expect(found->header.sequence <= newest, std::to_string(round));
    ExpectEqual(AsText(found->body), BodyOf(found->header.sequence));

    // Sometimes the power is cut for real, and life goes on from there.
    if (random() % 16 != 0) continue;
    UniqueFd file(open(lockout.Path().c_str(), O_WRONLY));
    Expect(pwrite(file.get(), left.data(), left.size(), 0) ==
           static_cast<ssize_t>(left.size()));
    disk.durable = left;
  }
}

// A writer that wanted to sync and was killed between write and sync: the next
// one must not trust that slot to be on the disk.
void slot_whose_writer_died_before_its_sync_is_synced_before_it_is_trusted() {
  Lockout lockout;
  { lockout.Create(); }
  {
    SlotFile slots = lockout.Lock();
    disk.broken = true;  // Dies between write and sync, as far as disks know.
    ExpectError(slots.Commit(AsBytes(BodyOf(2)), 2, SlotDurability::kSynced),
                ErrorCode::kReadOnly);
    disk.broken = false;
  }
  std::mt19937 random(2);
  for (int i = 0; i < 4; ++i) {
    SlotFile slots = lockout.Lock();
    CommitNext(slots, SlotDurability::kWritten);
    const std::string written = ReadFile(lockout.Path());
    for (int cut = 0; cut < 50; ++cut)
      Expect(NewestSlot(AfterPowerCut(disk.durable,
                                      {written.begin(), written.end()}, random),
                        "alice")
                 .has_value());
  }
}

void file_without_a_good_slot_is_corrupt_until_it_is_rewritten() {
  for (const std::string& content :
       {std::string(), std::string("x"), std::string(kSlotFileSize, '\0'),
        std::string(kSlotFileSize - 1, 'x'), std::string(100'000, 'x')}) {
    Lockout lockout;
    WriteFile(lockout.Path(), content);
    SlotFile slots = ExpectOk(SlotFile::Lock(lockout.Name(), lockout.clock));
    ExpectError(slots.Load(), ErrorCode::kCorrupt);
    ExpectOk(slots.Rewrite(AsBytes(BodyOf(5)), 5));
    ExpectState(slots, 5);
    ExpectEqual(ReadFile(lockout.Path()).size(), kSlotFileSize);
  }
}

void truncated_file_is_corrupt() {
  Lockout lockout;
  { lockout.Create(); }
  Expect(truncate(lockout.Path().c_str(), kSlotFileSize - 1) == 0);
  SlotFile slots = ExpectOk(SlotFile::Lock(lockout.Name(), lockout.clock));
  ExpectError(slots.Load(), ErrorCode::kCorrupt);
}

void file_of_another_user_is_corrupt() {
  Lockout lockout;
  { lockout.Create(); }
  Expect(rename(lockout.Path().c_str(), (lockout.folder / "bob").c_str()) == 0);
  SlotFile slots =
      ExpectOk(SlotFile::Lock({lockout.fd.get(), "bob", "bob"}, lockout.clock));
  ExpectError(slots.Load(), ErrorCode::kCorrupt);
}

void missing_file_is_not_found() {
  Lockout lockout;
  ExpectError(SlotFile::Lock(lockout.Name(), lockout.clock),
              ErrorCode::kNotFound);
  ExpectError(SlotFile::Open(lockout.Name()), ErrorCode::kNotFound);
}

void untrusted_file_is_refused() {
  const std::function<void(const std::string&)> spoilers[] = {
      [](const std::string& path) { Expect(chmod(path.c_str(), 0660) == 0); },
      [](const std::string& path) { Expect(chmod(path.c_str(), 0604) == 0); },
      [](const std::string& path) {
        Expect(chown(path.c_str(), 65534, 0) == 0);
      },
      [](const std::string& path) {
        Expect(link(path.c_str(), (path + "2").c_str()) == 0);
      },
      [](const std::string& path) {
        Expect(rename(path.c_str(), (path + "2").c_str()) == 0);
        Expect(symlink((path + "2").c_str(), path.c_str()) == 0);
      },
      [](const std::string& path) {
        Expect(unlink(path.c_str()) == 0 && mkfifo(path.c_str(), 0600) == 0);
      },
      [](const std::string& path) {
        Expect(unlink(path.c_str()) == 0 && mkdir(path.c_str(), 0700) == 0);
      },
  };
  for (const auto& spoil : spoilers) {
    Lockout lockout;
    { lockout.Create(); }
    spoil(lockout.Path());
    const auto locked = SlotFile::Lock(lockout.Name(), lockout.clock);
    Expect(!locked, std::to_string(&spoil - spoilers));
    Expect(locked.error().code == ErrorCode::kUntrustedFile ||
               locked.error().code == ErrorCode::kIo,
           std::to_string(&spoil - spoilers));
  }
}

// Another process, as far as flock(2) knows: another open file description.
UniqueFd HoldLock(const std::string& path) {
  UniqueFd holder(open(path.c_str(), O_RDWR | O_CLOEXEC));
  Expect(flock(holder.get(), LOCK_EX | LOCK_NB) == 0);
  return holder;
}

void held_lock_is_waited_for_5_seconds_and_no_longer() {
  Lockout lockout;
  { lockout.Create(); }
  const UniqueFd holder = HoldLock(lockout.Path());
  const auto start = lockout.clock.Monotonic();
  ExpectError(SlotFile::Lock(lockout.Name(), lockout.clock),
              ErrorCode::kLockTimeout);
  const auto waited = lockout.clock.Monotonic() - start;
  Expect(waited >= std::chrono::seconds(5));
  Expect(waited < std::chrono::seconds(6));
  ExpectError(SlotFile::LockOrCreate(lockout.Name(), {}, lockout.clock),
              ErrorCode::kLockTimeout);
}

void lock_is_free_again_after_its_object() {
  Lockout lockout;
  { lockout.Create(); }
  { lockout.Lock(); }
  HoldLock(lockout.Path());
  lockout.Lock();
}

// A child of the host inherits no lock: the unlock is explicit.
void child_that_holds_the_descriptor_does_not_hold_the_lock() {
  Lockout lockout;
  { lockout.Create(); }
  int stay[2];
  Expect(pipe(stay) == 0);
  pid_t child = -1;
  {
    SlotFile slots = lockout.Lock();
    child = fork();
    if (child == 0) {
      char byte;
      close(stay[1]);
      _exit(read(stay[0], &byte, 1) < 0);
    }
  }
  lockout.Lock();
  close(stay[0]);
  close(stay[1]);
  int status = 0;
  Expect(waitpid(child, &status, 0) == child);
}

// Locked, but under a name that is another file's by now.
void lock_on_a_file_that_lost_its_name_does_not_count() {
  Lockout lockout;
  { lockout.Create(); }
  struct Replacer final : Clock {
    explicit Replacer(const std::function<void()>& hook) : on_sleep(hook) {}
    Result<Moment> Now() const override { return Moment{}; }
    std::chrono::milliseconds Monotonic() const override { return time; }
    void Sleep(std::chrono::milliseconds duration) const override {
      time += duration;
      on_sleep();
    }
    std::function<void()> on_sleep;
    mutable std::chrono::milliseconds time{0};
  };
  // The holder restores another file under the name, then lets go.
  UniqueFd holder = HoldLock(lockout.Path());
  const Replacer clock([&] {
    if (!holder) return;
    Expect(rename(lockout.Path().c_str(), (lockout.folder / "old").c_str()) ==
           0);
    WriteFile(lockout.Path(), ReadFile(lockout.folder / "old"));
    holder = UniqueFd();
  });
  const SlotFile slots = ExpectOk(SlotFile::Lock(lockout.Name(), clock));
  // The new file is the locked one.
  UniqueFd other(open(lockout.Path().c_str(), O_RDWR));
  Expect(flock(other.get(), LOCK_EX | LOCK_NB) != 0);
}

bool IsBlocked(int signal) {
  sigset_t mask;
  sigemptyset(&mask);
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

void stop_signals_wait_while_the_lock_is_held() {
  Lockout lockout;
  { lockout.Create(); }
  for (bool blocked_before : {false, true}) {
    sigset_t before;
    sigemptyset(&before);
    if (blocked_before) sigaddset(&before, SIGTSTP);
    Expect(pthread_sigmask(SIG_SETMASK, &before, nullptr) == 0);
    {
      SlotFile slots = lockout.Lock();
      for (int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) Expect(IsBlocked(signal));
      Expect(!IsBlocked(SIGTERM));
      const SlotFile moved = std::move(slots);
      Expect(IsBlocked(SIGTTIN));
    }
    ExpectEqual(IsBlocked(SIGTSTP), blocked_before);
    Expect(!IsBlocked(SIGTTIN) && !IsBlocked(SIGTTOU));
  }
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

void signal_mask_is_restored_when_the_lock_is_not_got() {
  Lockout lockout;
  { lockout.Create(); }
  const UniqueFd holder = HoldLock(lockout.Path());
  ExpectError(SlotFile::Lock(lockout.Name(), lockout.clock),
              ErrorCode::kLockTimeout);
  for (int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) Expect(!IsBlocked(signal));
}

void file_on_a_read_only_disk_is_read_and_not_written() {
  InChild([] {
    EnterPrivateMounts();
    TemporaryFolder folder;
    TemporaryMount mount(folder.path());
    FakeClock clock;
    UniqueFd fd(open(folder.path().c_str(), O_DIRECTORY));
    const SlotFileName name{fd.get(), "alice", "alice"};
    { ExpectOk(SlotFile::LockOrCreate(name, AsBytes(BodyOf(1)), clock)); }
    mount.MakeReadOnly();
    SlotFile slots = ExpectOk(SlotFile::Lock(name, clock));
    ExpectOk(slots.Load());
    ExpectState(slots, 1);
    for (SlotDurability durability :
         {SlotDurability::kWritten, SlotDurability::kSynced})
      ExpectError(slots.Commit(AsBytes("x"), 2, durability),
                  ErrorCode::kReadOnly);
    ExpectError(slots.Rewrite(AsBytes("x"), 2), ErrorCode::kReadOnly);
    ExpectError(SlotFile::LockOrCreate({fd.get(), "bob", "bob"}, {}, clock),
                ErrorCode::kReadOnly);
  });
}

void commit_needs_no_space_on_a_full_disk() {
  InChild([] {
    EnterPrivateMounts();
    TemporaryFolder folder;
    TemporaryMount mount(folder.path(), "size=256k,mode=700");
    FakeClock clock;
    UniqueFd fd(open(folder.path().c_str(), O_DIRECTORY));
    const SlotFileName name{fd.get(), "alice", "alice"};
    { ExpectOk(SlotFile::LockOrCreate(name, AsBytes(BodyOf(1)), clock)); }
    std::ofstream(folder / "filler") << std::string(1'000'000, 'x');
    ExpectError(SlotFile::LockOrCreate({fd.get(), "bob", "bob"},
                                       AsBytes(BodyOf(1)), clock),
                ErrorCode::kReadOnly);
    SlotFile slots = ExpectOk(SlotFile::Lock(name, clock));
    ExpectOk(slots.Load());
    for (int i = 0; i < 6; ++i)
      CommitNext(slots,
                 i % 2 ? SlotDurability::kWritten : SlotDurability::kSynced);
  });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(created_file_holds_its_first_state_synced),
      EXPECT_TEST(lock_or_create_keeps_what_is_there),
      EXPECT_TEST(leftover_of_a_killed_creator_is_taken_over),
      EXPECT_TEST(commits_come_back_in_the_next_process),
      EXPECT_TEST(inode_and_size_never_change),
      EXPECT_TEST(written_commit_costs_no_sync),
      EXPECT_TEST(failed_sync_is_a_failed_commit),
      EXPECT_TEST(power_cut_at_any_moment_keeps_the_last_synced_state),
      EXPECT_TEST(
          slot_whose_writer_died_before_its_sync_is_synced_before_it_is_trusted),
      EXPECT_TEST(file_without_a_good_slot_is_corrupt_until_it_is_rewritten),
      EXPECT_TEST(truncated_file_is_corrupt),
      EXPECT_TEST(file_of_another_user_is_corrupt),
      EXPECT_TEST(missing_file_is_not_found),
      EXPECT_TEST(untrusted_file_is_refused),
      EXPECT_TEST(held_lock_is_waited_for_5_seconds_and_no_longer),
      EXPECT_TEST(lock_is_free_again_after_its_object),
      EXPECT_TEST(child_that_holds_the_descriptor_does_not_hold_the_lock),
      EXPECT_TEST(lock_on_a_file_that_lost_its_name_does_not_count),
      EXPECT_TEST(stop_signals_wait_while_the_lock_is_held),
      EXPECT_TEST(signal_mask_is_restored_when_the_lock_is_not_got),
      EXPECT_TEST(file_on_a_read_only_disk_is_read_and_not_written),
      EXPECT_TEST(commit_needs_no_space_on_a_full_disk),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
