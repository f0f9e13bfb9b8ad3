// SPDX-License-Identifier: Apache-2.0
//
// slot_file.cc - flock(2), pwrite(2), fdatasync(2).

#include "core/store/slot_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/store/paths.h"

namespace twofactor {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLockTimeout{5000};
constexpr milliseconds kLockPollInterval{2};

// Calls `attempt` until it has a file or fails, or time is up.
template <typename Attempt>
Result<SlotFile> PollForLock(const Clock& clock, const Attempt& attempt) {
  const milliseconds deadline = clock.Monotonic() + kLockTimeout;
  while (true) {
    Result<std::optional<SlotFile>> got = attempt();
    if (!got) return std::unexpected(got.error());
    if (*got) return std::move(**got);
    if (clock.Monotonic() >= deadline)
      return Fail(ErrorCode::kLockTimeout, "the user's lock is held");
    clock.Sleep(kLockPollInterval);
  }
}

}  // namespace

SlotFile::~SlotFile() {
  if (file_) Unlock();
}

Result<SlotFile> SlotFile::Open(const SlotFileName& name) {
  auto file = OpenFileAt(name.folder, name.name, Access::kReadWrite,
                         Privacy::kRootOnly);
  if (file) return SlotFile(name, std::move(*file), Access::kReadWrite);
  if (file.error().code != ErrorCode::kReadOnly)
    return std::unexpected(file.error());
  ASSIGN_OR_RETURN(
      UniqueFd read_only,
      OpenFileAt(name.folder, name.name, Access::kRead, Privacy::kRootOnly));
  return SlotFile(name, std::move(read_only), Access::kRead);
}

Result<SlotFile> SlotFile::Lock(const SlotFileName& name, const Clock& clock) {
  return PollForLock(clock, [&]() -> Result<std::optional<SlotFile>> {
    ASSIGN_OR_RETURN(SlotFile opened, Open(name));
    ASSIGN_OR_RETURN(const LockState lock, opened.TryLock());
    if (lock == LockState::kUnlocked) return std::nullopt;
    ASSIGN_OR_RETURN(const bool current, opened.HasItsName());
    if (!current) return std::nullopt;
    return opened;
  });
}

Result<SlotFile> SlotFile::LockOrCreate(const SlotFileName& name, Bytes body,
                                        const Clock& clock) {
  return PollForLock(clock, [&]() -> Result<std::optional<SlotFile>> {
    auto existing = Lock(name, clock);
    if (existing) return std::move(*existing);
    if (existing.error().code != ErrorCode::kNotFound)
      return std::unexpected(existing.error());

    ASSIGN_OR_RETURN(SlotFile created, OpenTemporary(name));
    ASSIGN_OR_RETURN(const LockState lock, created.TryLock());
    if (lock == LockState::kUnlocked) return std::nullopt;
    ASSIGN_OR_RETURN(const bool current, created.HasItsName());
    if (!current) return std::nullopt;
    ASSIGN_OR_RETURN(const bool exists, ExistsAt(name.folder, name.name));
    if (exists) {  // Made by another since we looked.
      unlinkat(created.name_.folder, created.name_.name.c_str(), 0);
      return std::nullopt;
    }
    RETURN_IF_ERROR(created.Publish(name, body, 1));
    RETURN_IF_ERROR(created.Load());
    return created;
  });
}

Result<void> SlotFile::CreateUnlocked(const SlotFileName& name, Bytes body,
                                      std::uint64_t sequence) {
  ASSIGN_OR_RETURN(SlotFile created, OpenTemporary(name));
  return created.Publish(name, body, sequence);
}

// The file that whoever creates `name` fills under its lock.
Result<SlotFile> SlotFile::OpenTemporary(const SlotFileName& name) {
  SlotFileName temporary = name;
  temporary.name = std::string(kTemporaryPrefix) + name.name;
  UniqueFd file(openat(temporary.folder, temporary.name.c_str(),
                       O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
                       0600));
  if (!file) return FailErrno(CodeOfWriteError(errno), temporary.name, errno);
  if (fchmod(file.get(), 0600) != 0)  // Whatever the host's umask is.
    return FailErrno(CodeOfWriteError(errno), temporary.name, errno);
  return SlotFile(temporary, std::move(file), Access::kReadWrite);
}

// Gives a temporary file, once it is whole and on the disk, its name.
Result<void> SlotFile::Publish(const SlotFileName& name, Bytes body,
                               std::uint64_t sequence) {
  RETURN_IF_ERROR(WriteWhole(body, sequence));
  if (renameat2(name_.folder, name_.name.c_str(), name.folder,
                name.name.c_str(), RENAME_NOREPLACE) != 0)
    return FailErrno(CodeOfWriteError(errno), "rename " + name.name, errno);
  if (fsync(name.folder) != 0)
    return FailErrno(CodeOfWriteError(errno), "fsync", errno);
  name_ = name;
  return {};
}

Result<void> SlotFile::WriteWhole(Bytes body, std::uint64_t sequence) {
  if (access_ == Access::kRead)
    return Fail(ErrorCode::kReadOnly, name_.name + ": the disk is read-only");
  Image image{};
  RETURN_IF_ERROR(EncodeSlot({sequence, sequence, SlotSync::kNone}, name_.owner,
                             body, MutableBytes(image).first(kSlotSize)));
  if (ftruncate(file_.get(), kSlotFileSize) != 0)
    return FailErrno(CodeOfWriteError(errno), "truncate " + name_.name, errno);
  RETURN_IF_ERROR(WriteAll(file_.get(), image, 0));
  if (fsync(file_.get()) != 0)
    return FailErrno(CodeOfWriteError(errno), "fsync " + name_.name, errno);
  return {};
}

Result<void> SlotFile::Rewrite(Bytes body, std::uint64_t sequence) {
  RETURN_IF_ERROR(WriteWhole(body, sequence));
  return Load();
}

Result<void> SlotFile::Load() {
  if (!image_) image_ = std::make_unique_for_overwrite<Image>();
  std::size_t size = 0;
  while (size < image_->size()) {
    const ssize_t got = pread(file_.get(), image_->data() + size,
                              image_->size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno(ErrorCode::kIo, "read " + name_.name, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  const auto newest = NewestSlot(Bytes(*image_).first(size), name_.owner);
  if (size != kSlotFileSize || !newest)
    return Fail(ErrorCode::kCorrupt,
                "lockout file " + name_.name + " holds no good state");
  newest_ = *newest;
  return {};
}

Result<void> SlotFile::Commit(Bytes body, std::uint64_t sequence,
                              SlotDurability durability) {
  if (access_ == Access::kRead)
    return Fail(ErrorCode::kReadOnly, name_.name + ": the disk is read-only");
  std::uint64_t synced = newest_.header.synced;
  auto index = NextSlot(*image_, name_.owner, newest_);
  if (newest_.header.sync == SlotSync::kWanted || !index) {
    // Whoever wrote the newest slot may have died before it was synced, or have
    // seen that fail; the kernel then takes a page that it lost for clean.
    RETURN_IF_ERROR(
        WriteAll(file_.get(),
                 Bytes(*image_).subspan(newest_.index * kSlotSize, kSlotSize),
                 newest_.index * kSlotSize));
    RETURN_IF_ERROR(Sync());
    synced = newest_.header.sequence;
    index = (newest_.index + 1) % kSlotCount;
  }

  const SlotHeader header{sequence, synced,
                          durability == SlotDurability::kSynced
                              ? SlotSync::kWanted
                              : SlotSync::kNone};
  const MutableBytes slot =
      MutableBytes(*image_).subspan(*index * kSlotSize, kSlotSize);
  RETURN_IF_ERROR(EncodeSlot(header, name_.owner, body, slot));
  RETURN_IF_ERROR(WriteAll(file_.get(), slot, *index * kSlotSize));
  if (durability == SlotDurability::kSynced) RETURN_IF_ERROR(Sync());
  newest_ =
      Slot{*index, header, Bytes(slot).subspan(kSlotHeaderSize, body.size())};
  return {};
}

Result<void> SlotFile::Sync() {
  if (fdatasync(file_.get()) != 0)
    return FailErrno(CodeOfWriteError(errno), "fdatasync " + name_.name, errno);
  return {};
}

Result<SlotFile::LockState> SlotFile::TryLock() {
  // A process that is stopped with the lock in its hands stops everybody.
  sigset_t stops;
  sigemptyset(&stops);
  for (int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) sigaddset(&stops, signal);
  pthread_sigmask(SIG_BLOCK, &stops, &mask_before_lock_);

  int locked = -1;
  do {
    locked = flock(file_.get(), LOCK_EX | LOCK_NB);
  } while (locked != 0 && errno == EINTR);
  const int error = errno;
  if (locked == 0) {
    lock_ = LockState::kLocked;
    return lock_;
  }
  pthread_sigmask(SIG_SETMASK, &mask_before_lock_, nullptr);
  if (error == EWOULDBLOCK) return LockState::kUnlocked;
  return FailErrno(ErrorCode::kIo, "flock " + name_.name, error);
}

void SlotFile::Unlock() {
  if (lock_ == LockState::kUnlocked) return;
  flock(file_.get(), LOCK_UN);
  lock_ = LockState::kUnlocked;
  pthread_sigmask(SIG_SETMASK, &mask_before_lock_, nullptr);
}

Result<bool> SlotFile::HasItsName() const {
  struct stat opened {};
  struct stat named {};
  if (fstat(file_.get(), &opened) != 0)
    return FailErrno(ErrorCode::kIo, "fstat " + name_.name, errno);
  if (fstatat(name_.folder, name_.name.c_str(), &named, AT_SYMLINK_NOFOLLOW) !=
      0) {
    if (errno == ENOENT) return false;
    return FailErrno(ErrorCode::kIo, "stat " + name_.name, errno);
  }
  return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace twofactor
