// SPDX-License-Identifier: Apache-2.0
//
// notice_marks.cc - small files with a name in each.

#include "core/store/notice_marks.h"

#include "core/store/secure_file.h"

namespace twofactor {
namespace {

constexpr unsigned kMarkMode = 0600;
constexpr std::size_t kMaxMarkSize = 4096;
constexpr char kScannedName[] = ".scanned";

Result<UniqueFd> OpenMarks(const StorePaths& paths) {
  ASSIGN_OR_RETURN(const UniqueFd runtime, MakeFolder(paths.runtime));
  return MakeFolderAt(runtime.get(), kNoticesFolder);
}

Result<void> WriteMark(int folder, const std::string& file,
                       const UserName& user) {
  return ReplaceFileAt(folder, file, AsBytes(user.text()), kMarkMode);
}

}  // namespace

Result<void> MarkNotices(const StorePaths& paths, const std::string& file,
                         const UserName& user) {
  ASSIGN_OR_RETURN(const UniqueFd folder, OpenMarks(paths));
  return WriteMark(folder.get(), file, user);
}

Result<std::optional<NoticeMarks>> NoticeMarks::Lock(const StorePaths& paths) {
  ASSIGN_OR_RETURN(UniqueFd folder, OpenMarks(paths));
  ASSIGN_OR_RETURN(auto lock, TryLockFolder(folder.get()));
  if (!lock) return std::nullopt;
  return NoticeMarks(std::move(folder), std::move(*lock));
}

Result<bool> NoticeMarks::Scanned() const {
  return ExistsAt(folder_.get(), kScannedName);
}

Result<void> NoticeMarks::SetScanned() const {
  return ReplaceFileAt(folder_.get(), kScannedName, {}, kMarkMode);
}

Result<std::vector<UserName>> NoticeMarks::Users() const {
  ASSIGN_OR_RETURN(const auto names, NamesIn(folder_.get()));
  std::vector<UserName> users;
  for (const std::string& name : names) {
    const auto content =
        ReadFileAt(folder_.get(), name, kMaxMarkSize, Privacy::kRootOnly);
    const auto user = content ? UserName::Create(AsText(content->Expose()))
                              : std::unexpected(content.error());
    if (user)
      users.push_back(*user);
    else
      RETURN_IF_ERROR(RemoveFileAt(folder_.get(), name));
  }
  return users;
}

Result<void> NoticeMarks::Add(const UserName& user) const {
  ASSIGN_OR_RETURN(const std::string file, RecordFileName(user));
  return WriteMark(folder_.get(), file, user);
}

Result<void> NoticeMarks::Remove(const UserName& user) const {
  ASSIGN_OR_RETURN(const std::string file, RecordFileName(user));
  return RemoveFileAt(folder_.get(), file);
}

}  // namespace twofactor
