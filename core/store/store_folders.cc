// SPDX-License-Identifier: Apache-2.0
//
// store_folders.cc - opening and reading; nothing here writes.

#include "core/store/store_folders.h"

#include "core/store/sealing.h"
#include "core/store/secure_file.h"
#include "core/store/slot_file.h"

namespace twofactor {
namespace {

template <typename T>
Result<T> StoreMissingIfAbsent(Result<T> result) {
  if (!result && result.error().code == ErrorCode::kNotFound)
    return Fail(ErrorCode::kStoreMissing, result.error().context);
  return result;
}

Result<UniqueFd> OpenPart(int state_folder, const char* name) {
  return StoreMissingIfAbsent(
      OpenFolderAt(state_folder, name, Privacy::kRootOnly));
}

}  // namespace

Result<Secret> ReadSealedMarker(int state_folder) {
  return StoreMissingIfAbsent(ReadFileAt(state_folder, kMarkerName,
                                         kMaxSealedSize, Privacy::kRootOnly));
}

Result<std::unique_ptr<StoreFolders>> StoreFolders::Open(
    const StorePaths& paths, const Clock& clock) {
  ASSIGN_OR_RETURN(Keyring keyring, Keyring::Open(paths.keys));
  ASSIGN_OR_RETURN(UniqueFd state, StoreMissingIfAbsent(OpenFolder(
                                       paths.state, Privacy::kRootOnly)));
  ASSIGN_OR_RETURN(UniqueFd secrets, OpenPart(state.get(), kSecretsFolder));
  ASSIGN_OR_RETURN(UniqueFd lockout, OpenPart(state.get(), kLockoutFolder));
  return std::unique_ptr<StoreFolders>(
      new StoreFolders{paths, clock, std::move(keyring), std::move(state),
                       std::move(secrets), std::move(lockout)});
}

Result<std::unique_ptr<StoreFolders>> StoreFolders::OpenProven(
    const StorePaths& paths, const Clock& clock) {
  ASSIGN_OR_RETURN(auto folders, Open(paths, clock));
  RETURN_IF_ERROR(folders->CheckMarker());
  return folders;
}

Result<void> StoreFolders::CheckMarker() const {
  ASSIGN_OR_RETURN(const Secret marker, ReadSealedMarker(state.get()));
  ASSIGN_OR_RETURN(
      const Secret text,
      twofactor::Open(keyring, {SealPurpose::kMarker, ""}, marker.Expose()));
  if (AsText(text.Expose()) != kMarkerText)
    return Fail(ErrorCode::kCorrupt, "the store's marker");
  return {};
}

Result<Presence> StoreFolders::Find(const UserName& user) const {
  ASSIGN_OR_RETURN(Presence seen, Look(user));
  if (seen == Presence::kRecord) return seen;
  RETURN_IF_ERROR(CheckMarker());
  // A store may come back between the two, the marker last.
  ASSIGN_OR_RETURN(seen, Look(user));
  return seen == Presence::kRecord ? seen : Presence::kAbsent;
}

Result<Presence> StoreFolders::Look(const UserName& user) const {
  ASSIGN_OR_RETURN(const std::string file, RecordFileName(user));
  ASSIGN_OR_RETURN(const bool has_secret, ExistsAt(secrets.get(), file));
  if (has_secret) return Presence::kRecord;

  auto slots = SlotFile::Open({lockout.get(), file, user.text()});
  if (!slots && slots.error().code == ErrorCode::kNotFound)
    return Presence::kUnseen;
  if (!slots) return std::unexpected(slots.error());
  RETURN_IF_ERROR(slots->Load());
  LoginState login_state;
  RETURN_IF_ERROR(DecodeLoginState(slots->body(), login_state));
  if (login_state.record == RecordMark::kRemoved) return Presence::kUnseen;
  return Fail(ErrorCode::kNeedsRepair,
              "the lockout file stands without its secret file");
}

Result<std::optional<Enrollment>> StoreFolders::ReadEnrollment(
    const UserName& user, const std::string& file) const {
  auto sealed =
      ReadFileAt(secrets.get(), file, kMaxSealedSize, Privacy::kRootOnly);
  if (!sealed && sealed.error().code == ErrorCode::kNotFound)
    return std::nullopt;
  if (!sealed) return std::unexpected(sealed.error());
  ASSIGN_OR_RETURN(
      const Secret payload,
      twofactor::Open(keyring, {SealPurpose::kEnrollment, user.text()},
                      sealed->Expose()));
  ASSIGN_OR_RETURN(Enrollment enrollment, DecodeEnrollment(payload.Expose()));
  return std::optional(std::move(enrollment));
}

Result<std::optional<UniqueFd>> StoreFolders::OpenStandIns() const {
  auto folder =
      OpenFolder(paths.runtime + "/" + kLockoutFolder, Privacy::kRootOnly);
  if (folder) return std::optional(std::move(*folder));
  if (folder.error().code == ErrorCode::kNotFound) return std::nullopt;
  return std::unexpected(folder.error());
}

}  // namespace twofactor
