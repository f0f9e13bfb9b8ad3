// SPDX-License-Identifier: Apache-2.0
//
// file_record_store.cc - reading and replacing both files of a user.

#include "core/store/file_record_store.h"

#include "core/store/locked_user.h"

namespace twofactor {
namespace {

std::unexpected<Error> FailRepair(const std::string& what) {
  return Fail(ErrorCode::kNeedsRepair, what);
}

}  // namespace

Result<std::unique_ptr<FileRecordStore>> FileRecordStore::Open(
    const StorePaths& paths, const Clock& clock) {
  ASSIGN_OR_RETURN(auto folders, StoreFolders::OpenProven(paths, clock));
  return std::make_unique<FileRecordStore>(std::move(folders));
}

Result<Presence> FileRecordStore::Find(const UserName& user) const {
  return logins_.Find(user);
}

Result<Enrollment> FileRecordStore::ReadEnrollment(const UserName& user) const {
  return logins_.ReadEnrollment(user);
}

Result<void> FileRecordStore::UpdateState(const UserName& user,
                                          const DecideState& decide) {
  return logins_.UpdateState(user, decide);
}

Result<Record> FileRecordStore::Read(const UserName& user) {
  ASSIGN_OR_RETURN(const Presence presence, Find(user));
  auto locked = LockedUser::Lock(folders(), user);
  const bool unlocked = !locked && locked.error().code == ErrorCode::kNotFound;
  if (unlocked && presence == Presence::kAbsent) return Record{};
  if (unlocked)
    return FailRepair("the secret file stands without its lockout file");
  if (!locked) return std::unexpected(locked.error());
  Record record;
  RETURN_IF_ERROR(locked->LoadState(record.state));
  ASSIGN_OR_RETURN(record.enrollment, locked->ReadEnrollment(record.state));
  return record;
}

Result<void> FileRecordStore::Change(const UserName& user,
                                     const ChangeRecord& change) {
  RETURN_IF_ERROR(CheckCallerLimits());
  RETURN_IF_ERROR(folders().keyring.Reload());
  ASSIGN_OR_RETURN(const Presence presence, Find(user));
  auto locked =
      presence == Presence::kRecord
          ? LockedUser::Lock(folders(), user)
          : LockedUser::LockOrCreate(folders(), user, RecordMark::kRemoved);
  if (!locked && locked.error().code == ErrorCode::kNotFound)
    return FailRepair("the secret file stands without its lockout file");
  if (!locked) return std::unexpected(locked.error());

  Record record;
  RETURN_IF_ERROR(locked->LoadState(record.state));
  ASSIGN_OR_RETURN(record.enrollment, locked->ReadEnrollment(record.state));
  const RecordMark mark = record.state.record;
  if (!record.enrollment && mark == RecordMark::kExpected)
    return FailRepair("the lockout file stands without its secret file");

  ASSIGN_OR_RETURN(const Moment moment, folders().clock.Now());
  DropOrphans(record.state, record.enrollment);
  const auto addresses = record.enrollment ? record.enrollment->EmailAddresses()
                                           : std::vector<std::string>();
  ASSIGN_OR_RETURN(Record changed, change(std::move(record), moment));
  KeepFormerAddresses(addresses, changed.enrollment, changed.state.notices);
  if (!changed.enrollment) {
    changed.state.record = RecordMark::kRemoved;
    DropOrphans(changed.state, std::nullopt);
    RETURN_IF_ERROR(locked->Commit(changed.state, Durability::kPowerCut));
    return locked->RemoveEnrollment();
  }
  changed.state.record = mark;
  RETURN_IF_ERROR(locked->Commit(changed.state, Durability::kPowerCut));
  RETURN_IF_ERROR(locked->WriteEnrollment(*changed.enrollment));
  LoginState settled = changed.state;
  settled.record = RecordMark::kExpected;
  DropOrphans(settled, changed.enrollment);
  if (settled == changed.state) return {};
  return locked->Commit(settled, Durability::kPowerCut);
}

}  // namespace twofactor
