// SPDX-License-Identifier: Apache-2.0
//
// locked_user.cc - the lockout file, its stand-in, and the secret file.

#include "core/store/locked_user.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/store/notice_marks.h"
#include "core/store/sealing.h"
#include "core/store/secure_file.h"

namespace twofactor {
namespace {

constexpr unsigned kSecretMode = 0600;

using StateBytes = std::array<std::uint8_t, kMaxLoginStateSize>;

Result<Bytes> Encode(const LoginState& state, StateBytes& buffer) {
  ASSIGN_OR_RETURN(const std::size_t size, EncodeLoginState(state, buffer));
  return Bytes(buffer).first(size);
}

}  // namespace

Result<void> CheckCallerLimits() {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
    return FailErrno(ErrorCode::kIo, "getrlimit", errno);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < kMaxSealedSize)
    return Fail(ErrorCode::kCallerLimits,
                "the caller's file size limit (ulimit -f) is too low");
  return {};
}

Result<LockedUser> LockedUser::Lock(const StoreFolders& folders,
                                    const UserName& user) {
  ASSIGN_OR_RETURN(std::string file, RecordFileName(user));
  ASSIGN_OR_RETURN(SlotFile slots,
                   SlotFile::Lock({folders.lockout.get(), file, user.text()},
                                  folders.clock));
  return LockedUser(folders, user, std::move(file), std::move(slots));
}

Result<LockedUser> LockedUser::LockOrCreate(const StoreFolders& folders,
                                            const UserName& user,
                                            RecordMark mark) {
  ASSIGN_OR_RETURN(std::string file, RecordFileName(user));
  LoginState fresh;
  fresh.record = mark;
  StateBytes buffer;
  ASSIGN_OR_RETURN(const Bytes body, Encode(fresh, buffer));
  ASSIGN_OR_RETURN(
      SlotFile slots,
      SlotFile::LockOrCreate({folders.lockout.get(), file, user.text()}, body,
                             folders.clock));
  return LockedUser(folders, user, std::move(file), std::move(slots));
}

Result<void> LockedUser::LoadState(LoginState& state) {
  RETURN_IF_ERROR(disk_.Load());
  RETURN_IF_ERROR(LoadStandIn());
  return DecodeLoginState(StandInIsNewer() ? stand_in_->body() : disk_.body(),
                          state);
}

Result<void> LockedUser::Commit(const LoginState& state,
                                Durability durability) {
  StateBytes buffer;
  ASSIGN_OR_RETURN(const Bytes body, Encode(state, buffer));
  const std::uint64_t sequence = NextSequence();
  // Until the disk has it for sure, the stand-in must not go.
  const bool sync = durability != Durability::kCrash || stand_in_.has_value();
  auto written =
      disk_.Commit(body, sequence,
                   sync ? SlotDurability::kSynced : SlotDurability::kWritten);
  if (written) {
    if (stand_in_) RETURN_IF_ERROR(RemoveStandIn());
  } else {
    if (written.error().code != ErrorCode::kReadOnly) return written;
    if (durability == Durability::kPowerCut) return written;
    RETURN_IF_ERROR(CommitToStandIn(body, sequence + 1, written.error()));
  }
  MarkUntold(state);
  return {};
}

// The state is committed whatever becomes of this.
void LockedUser::MarkUntold(const LoginState& state) {
  if (Untold(state.notices) + UntoldToAdministrators(state.notices) == 0)
    return;
  const auto marked = MarkNotices(folders_->paths, file_, *user_);
  if (marked || notice_) return;
  LogLine line("notices");
  line.Add("user", user_->text()).Add("result", "not_marked");
  line.Add("detail", marked.error().context);
  notice_ = {new LogLine(line), SendLater{Severity::kError}};
}

Result<void> LockedUser::Rewrite(const LoginState& state) {
  StateBytes buffer;
  ASSIGN_OR_RETURN(const Bytes body, Encode(state, buffer));
  RETURN_IF_ERROR(disk_.Rewrite(body, NextSequence()));
  return DropStandIn();
}

Result<void> LockedUser::LoadStateOfDisk(LoginState& state) {
  RETURN_IF_ERROR(disk_.Load());
  return DecodeLoginState(disk_.body(), state);
}

Result<void> LockedUser::DropStandIn() {
  ASSIGN_OR_RETURN(auto folder, folders_->OpenStandIns());
  if (!folder) return {};
  stand_in_folder_ = std::move(*folder);
  return RemoveStandIn();
}

Result<std::optional<Enrollment>> LockedUser::ReadEnrollment(
    const LoginState& state) const {
  ASSIGN_OR_RETURN(auto enrollment, folders_->ReadEnrollment(*user_, file_));
  if (!enrollment || state.record == RecordMark::kExpected) return enrollment;
  for (const DeviceState& device : state.devices)
    if (enrollment->Lists(device.id)) return enrollment;
  return std::nullopt;
}

Result<void> LockedUser::WriteEnrollment(const Enrollment& enrollment) const {
  ASSIGN_OR_RETURN(const Secret payload, EncodeEnrollment(enrollment));
  ASSIGN_OR_RETURN(
      const auto sealed,
      Seal(folders_->keyring, {SealPurpose::kEnrollment, user_->text()},
           payload.Expose()));
  return ReplaceFileAt(folders_->secrets.get(), file_, sealed, kSecretMode);
}

Result<void> LockedUser::RemoveEnrollment() const {
  return RemoveFileAt(folders_->secrets.get(), file_);
}

bool LockedUser::StandInIsNewer() const {
  return stand_in_ && stand_in_->sequence() > disk_.sequence();
}

std::uint64_t LockedUser::NextSequence() const {
  const std::uint64_t stand_in = stand_in_ ? stand_in_->sequence() : 0;
  return std::max(disk_.sequence(), stand_in) + 1;
}

SlotFileName LockedUser::StandInName() const {
  return {stand_in_folder_.get(), file_, user_->text()};
}

Result<void> LockedUser::LoadStandIn() {
  ASSIGN_OR_RETURN(auto folder, folders_->OpenStandIns());
  if (!folder) return {};
  stand_in_folder_ = std::move(*folder);
  auto slots = SlotFile::Open(StandInName());
  if (!slots && slots.error().code == ErrorCode::kNotFound) return {};
  if (!slots) return std::unexpected(slots.error());
  RETURN_IF_ERROR(slots->Load());
  stand_in_.emplace(std::move(*slots));
  return {};
}

Result<void> LockedUser::CommitToStandIn(Bytes body, std::uint64_t sequence,
                                         const Error& cause) {
  LogLine line("state_on_run");
  line.Add("user", user_->text()).Add("reason", ErrorName(cause.code));
  line.Add("detail", cause.context);
  notice_ = {new LogLine(line), SendLater{Severity::kAlert}};
  if (stand_in_)
    return stand_in_->Commit(body, sequence, SlotDurability::kWritten);
  ASSIGN_OR_RETURN(UniqueFd runtime, MakeFolder(folders_->paths.runtime));
  ASSIGN_OR_RETURN(stand_in_folder_,
                   MakeFolderAt(runtime.get(), kLockoutFolder));
  return SlotFile::CreateUnlocked(StandInName(), body, sequence);
}

Result<void> LockedUser::RemoveStandIn() {
  stand_in_.reset();
  LogLine line("state_on_disk");
  line.Add("user", user_->text());
  notice_ = {new LogLine(line), SendLater{Severity::kNotice}};
  return RemoveFileAt(stand_in_folder_.get(), file_);
}

}  // namespace twofactor
