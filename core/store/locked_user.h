// SPDX-License-Identifier: Apache-2.0
//
// locked_user.h - one user's files, from the moment that the lock is held.
//
// While the disk takes no writes, the state lives in a stand-in: a second
// lockout file under /run.  The one of the higher sequence is the truth, and
// the first commit that the disk takes again ends the other.
//
// MUSTs (docs/SECURITY.md, docs/file-formats.md):
//   1. The lock is flock(2) on the lockout file (slot_file.h).
//   2. Under the lock nothing sleeps, prompts, logs or executes.
//   3. A state is written, synced if need be, before a verdict leaves.

#ifndef TWOFACTOR_CORE_STORE_LOCKED_USER_H_
#define TWOFACTOR_CORE_STORE_LOCKED_USER_H_

#include <memory>
#include <optional>
#include <string>

#include "core/base/audit_log.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/store/enrollment.h"
#include "core/store/login_state.h"
#include "core/store/slot_file.h"
#include "core/store/store_folders.h"

namespace twofactor {

// A write beyond the limit would be answered with SIGXFSZ, which kills the
// host, and `su` inherits the limits of whoever calls it.  kCallerLimits.
Result<void> CheckCallerLimits();

// Deletes a log line by sending it.
struct SendLater {
  Severity severity = Severity::kNotice;
  void operator()(const LogLine* line) const noexcept {
    try {
      line->Send(severity);
    } catch (...) {
      // Without memory the line is lost; what was decided stands.
    }
    delete line;
  }
};

class LockedUser {
 public:
  // `folders` and `user` outlive it.  kNotFound when there is no lockout file,
  // kLockTimeout.
  static Result<LockedUser> Lock(const StoreFolders& folders,
                                 const UserName& user);

  // Makes the lockout file where there is none, with this mark and no more.
  static Result<LockedUser> LockOrCreate(const StoreFolders& folders,
                                         const UserName& user, RecordMark mark);

  Result<void> LoadState(LoginState& state);

  // kReadOnly when what is asked needs the disk and the disk takes no writes.
  Result<void> Commit(const LoginState& state, Durability durability);

  // A state for a lockout file whose content is lost.
  Result<void> Rewrite(const LoginState& state);

  // As LoadState, past a stand-in that cannot be read.  Once a later state is
  // committed, the stand-in may be dropped.
  Result<void> LoadStateOfDisk(LoginState& state);
  Result<void> DropStandIn();

  // Empty when there is no secret file, or one whose removal was cut off:
  // `state` expects none, and knows none of its devices.
  Result<std::optional<Enrollment>> ReadEnrollment(
      const LoginState& state) const;
  Result<void> WriteEnrollment(const Enrollment& enrollment) const;
  Result<void> RemoveEnrollment() const;

 private:
  LockedUser(const StoreFolders& folders, const UserName& user,
             std::string file, SlotFile disk)
      : folders_(&folders),
        user_(&user),
        file_(std::move(file)),
        disk_(std::move(disk)) {}

  void MarkUntold(const LoginState& state);
  bool StandInIsNewer() const;
  std::uint64_t NextSequence() const;
  SlotFileName StandInName() const;
  Result<void> LoadStandIn();
  Result<void> CommitToStandIn(Bytes body, std::uint64_t sequence,
                               const Error& cause);
  Result<void> RemoveStandIn();

  const StoreFolders* folders_;
  const UserName* user_;
  std::string file_;
  std::unique_ptr<const LogLine, SendLater> notice_;  // Sent after the unlock.
  UniqueFd stand_in_folder_;
  SlotFile disk_;
  std::optional<SlotFile> stand_in_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_LOCKED_USER_H_
