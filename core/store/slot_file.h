// SPDX-License-Identifier: Apache-2.0
//
// slot_file.h - one user's lockout file, open and locked.
//
// MUSTs (docs/file-formats.md):
//   1. The file is never renamed or unlinked once it has its name.
//   2. A lock counts only on the file that has the name now.
//   3. The last synced slot is overwritten only after a later one is synced.
//   4. The unlock is explicit: a child of the host may hold the description.
//   5. While the lock is held, the terminal cannot stop this thread.

#ifndef TWOFACTOR_CORE_STORE_SLOT_FILE_H_
#define TWOFACTOR_CORE_STORE_SLOT_FILE_H_

#include <signal.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/store/secure_file.h"
#include "core/store/slot_image.h"

namespace twofactor {

// Where a lockout file stands.
struct SlotFileName {
  int folder;  // Descriptor; outlives the SlotFile.
  std::string name;
  std::string_view owner;  // The user's name; outlives the SlotFile.
};

// The disk on which a commit has to be before it counts.
enum class SlotDurability : std::uint8_t { kSynced = 0, kWritten = 1 };

class SlotFile {
 public:
  // Opens for reading and, unless the disk is read-only, for writing.
  static Result<SlotFile> Open(const SlotFileName& name);

  // Opens and locks; kLockTimeout after 5 s, kNotFound when there is no file.
  static Result<SlotFile> Lock(const SlotFileName& name, const Clock& clock);

  // As Lock, and makes the file, with `body` as its first state, where it
  // does not exist.
  static Result<SlotFile> LockOrCreate(const SlotFileName& name, Bytes body,
                                       const Clock& clock);

  // A new file for `name`, or nothing: for a folder whose users hold another
  // lock already.
  static Result<void> CreateUnlocked(const SlotFileName& name, Bytes body,
                                     std::uint64_t sequence);

  SlotFile(SlotFile&&) = default;
  SlotFile& operator=(SlotFile&&) = delete;
  ~SlotFile();

  // Reads the whole file; kCorrupt when it holds no good slot.
  Result<void> Load();

  // The newest state, until the next Load or Commit.
  Bytes body() const { return newest_.body; }
  std::uint64_t sequence() const { return newest_.header.sequence; }

  // Writes the next state.  `sequence` is above that of every earlier one.
  // kReadOnly when the disk takes no writes.
  Result<void> Commit(Bytes body, std::uint64_t sequence,
                      SlotDurability durability);

  // Writes a file anew, in place, whatever it held.
  Result<void> Rewrite(Bytes body, std::uint64_t sequence);

 private:
  using Image = std::array<std::uint8_t, kSlotFileSize>;

  SlotFile(const SlotFileName& name, UniqueFd file, Access access)
      : name_(name), file_(std::move(file)), access_(access) {}

  static Result<SlotFile> OpenTemporary(const SlotFileName& name);
  Result<void> WriteWhole(Bytes body, std::uint64_t sequence);
  Result<void> Publish(const SlotFileName& name, Bytes body,
                       std::uint64_t sequence);
  Result<void> Sync();

  enum class LockState : std::uint8_t { kUnlocked = 0, kLocked };
  Result<LockState> TryLock();
  Result<bool> HasItsName() const;
  void Unlock();

  SlotFileName name_;
  UniqueFd file_;
  Access access_ = Access::kRead;
  LockState lock_ = LockState::kUnlocked;
  sigset_t mask_before_lock_{};
  std::unique_ptr<Image> image_;
  Slot newest_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_SLOT_FILE_H_
