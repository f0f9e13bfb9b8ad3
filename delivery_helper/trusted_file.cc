// SPDX-License-Identifier: Apache-2.0
//
// trusted_file.cc - open, check what was opened, read.

#include "delivery_helper/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/unique_fd.h"

namespace twofactor::delivery {
namespace {

// What is wrong with the file; null when nothing is.
const char* Distrust(const struct stat& status, Kind kind) {
  constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
  if (!S_ISREG(status.st_mode)) return "is no regular file";
  if ((status.st_mode & kOthersWrite) != 0) return "can be written by others";
  if (kind == Kind::kPublic)
    return status.st_uid == 0 ? nullptr : "does not belong to root";
  if (status.st_uid != 0 && status.st_uid != geteuid())
    return "belongs to another user";
  if ((status.st_mode & S_IRWXO) != 0) return "can be read by others";
  // Of other groups, others are members.
  const bool ours = status.st_gid == 0 || status.st_gid == getegid();
  return ours || (status.st_mode & S_IRWXG) == 0 ? nullptr
                                                 : "can be read by a group";
}

// The file, when it is as it should be.
Result<UniqueFd> OpenTrusted(const std::string& path, Kind kind, int flags) {
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags));
  if (!file) return FailErrno(ErrorCode::kConfig, path, errno);
  struct stat status {};
  if (fstat(file.get(), &status) != 0)
    return FailErrno(ErrorCode::kConfig, path, errno);
  if (const char* why = Distrust(status, kind))
    return Fail(ErrorCode::kConfig, path + " " + why);
  return file;
}

}  // namespace

Result<Secret> ReadTrustedFile(const std::string& path, Kind kind) {
  ASSIGN_OR_RETURN(const UniqueFd file, OpenTrusted(path, kind, O_NOFOLLOW));
  Secret content(kMaxFileSize + 1);
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t count =
        read(file.get(), content.ExposeMutable().data() + size,
             content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailErrno(ErrorCode::kConfig, path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > kMaxFileSize)
    return Fail(ErrorCode::kConfig, path + " has more than 64 KiB");
  content.Shrink(size);
  return content;
}

Result<void> CheckCertificates(const std::string& path) {
  if (path.empty()) return {};
  // Distributions have links to theirs.
  constexpr int kFollow = 0;
  RETURN_IF_ERROR(OpenTrusted(path, Kind::kPublic, kFollow));
  return {};
}

Result<Secret> ReadCredential(const std::string& path) {
  ASSIGN_OR_RETURN(Secret content, ReadTrustedFile(path, Kind::kCredential));
  const std::string_view text = AsText(content.Expose());
  const auto size = text.find('\n');
  if (size != std::string_view::npos && size + 1 != text.size())
    return Fail(ErrorCode::kConfig, path + " has more than one line");
  if (text.substr(0, size).find_first_of(std::string_view("\0\r", 2)) !=
          std::string_view::npos ||
      size == 0 || text.empty())
    return Fail(ErrorCode::kConfig, path + " holds no credential");
  if (size != std::string_view::npos) content.Shrink(size);
  return content;
}

}  // namespace twofactor::delivery
