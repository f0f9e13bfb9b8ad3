// SPDX-License-Identifier: Apache-2.0
//
// file_login_store.cc - lock, re-read, decide, commit, unlock.

#include "core/store/file_login_store.h"

#include "core/store/locked_user.h"

namespace twofactor {

Result<std::unique_ptr<FileLoginStore>> FileLoginStore::Open(
    const StorePaths& paths, const Clock& clock) {
  ASSIGN_OR_RETURN(auto folders, StoreFolders::Open(paths, clock));
  return std::make_unique<FileLoginStore>(std::move(folders));
}

Result<Presence> FileLoginStore::Find(const UserName& user) const {
  return folders_->Find(user);
}

Result<Presence> FileLoginStore::Look(const UserName& user) const {
  return folders_->Look(user);
}

Result<Enrollment> FileLoginStore::ReadEnrollment(const UserName& user) const {
  ASSIGN_OR_RETURN(const std::string file, RecordFileName(user));
  ASSIGN_OR_RETURN(auto enrollment, folders_->ReadEnrollment(user, file));
  if (!enrollment) return Fail(ErrorCode::kNotFound, "not enrolled");
  return std::move(*enrollment);
}

Result<void> FileLoginStore::UpdateState(const UserName& user,
                                         const DecideState& decide) {
  RETURN_IF_ERROR(CheckCallerLimits());
  auto locked = LockedUser::Lock(*folders_, user);
  if (!locked && locked.error().code == ErrorCode::kNotFound) {
    ASSIGN_OR_RETURN(const Presence presence, Look(user));
    if (presence == Presence::kUnseen)
      return Fail(ErrorCode::kNotFound, "not enrolled");
    return Fail(ErrorCode::kNeedsRepair,
                "the secret file stands without its lockout file");
  }
  if (!locked) return std::unexpected(locked.error());

  StateChange change;
  RETURN_IF_ERROR(locked->LoadState(change.state));
  ASSIGN_OR_RETURN(const auto enrollment, locked->ReadEnrollment(change.state));
  if (!enrollment && change.state.record == RecordMark::kRemoved)
    return Fail(ErrorCode::kNotFound, "not enrolled");
  if (!enrollment)
    return Fail(ErrorCode::kNeedsRepair,
                "the lockout file stands without its secret file");

  ASSIGN_OR_RETURN(const Moment moment, folders_->clock.Now());
  RETURN_IF_ERROR(decide(*enrollment, moment, change));
  change.state.record = RecordMark::kExpected;
  return locked->Commit(change.state, change.durability);
}

}  // namespace twofactor
