// SPDX-License-Identifier: Apache-2.0
//
// secure_file.cc - openat(2) with nothing taken on trust.

#include "core/store/secure_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <set>

#include "core/store/paths.h"

namespace twofactor {
namespace {

constexpr uid_t kRoot = 0;
constexpr int kFolderFlags =
    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
constexpr int kFileFlags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

Result<struct stat> CheckTrust(int file, const std::string& name, mode_t type,
                               Privacy privacy) {
  struct stat status {};
  if (fstat(file, &status) != 0)
    return FailErrno(ErrorCode::kIo, "fstat " + name, errno);
  if ((status.st_mode & S_IFMT) != type)
    return Fail(ErrorCode::kUntrustedFile,
                name + (type == S_IFDIR ? " is no folder" : " is no file"));
  if (status.st_uid != kRoot)
    return Fail(ErrorCode::kUntrustedFile, name + " does not belong to root");
  // Where others can read a file they may be able to link to it, too; the
  // checks above are on what it is, whatever its names are.
  if (type == S_IFREG && privacy == Privacy::kRootOnly && status.st_nlink > 1)
    return Fail(ErrorCode::kUntrustedFile, name + " has a second name");
  const mode_t forbidden = privacy == Privacy::kRootOnly ? 077 : 022;
  if (status.st_mode & forbidden)
    return Fail(ErrorCode::kUntrustedFile,
                name + (privacy == Privacy::kRootOnly
                            ? " can be read or written by others than root"
                            : " can be written by others than root"));
  return status;
}

std::unexpected<Error> FailOpen(const std::string& name) {
  const int error = errno;
  if (error == ENOENT) return Fail(ErrorCode::kNotFound, name + " is missing");
  if (error == ELOOP || error == ENOTDIR)
    return FailErrno(ErrorCode::kUntrustedFile, name, error);
  return FailErrno(CodeOfWriteError(error), name, error);
}

Result<UniqueFd> Open(int folder, const std::string& name, int flags) {
  int file = -1;
  do {
    file = openat(folder, name.c_str(), flags);
  } while (file < 0 && errno == EINTR);
  if (file < 0) return FailOpen(name);
  return UniqueFd(file);
}

Result<void> Sync(int file, const std::string& name) {
  if (fsync(file) != 0)
    return FailErrno(CodeOfWriteError(errno), "fsync " + name, errno);
  return {};
}

std::string TemporaryName(const std::string& name) {
  return std::string(kTemporaryPrefix) + name;
}

Result<void> WriteTemporary(int folder, const std::string& name, Bytes content,
                            unsigned mode) {
  UniqueFd file(openat(folder, name.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | kFileFlags, mode));
  if (!file) return FailErrno(CodeOfWriteError(errno), name, errno);
  if (fchmod(file.get(), mode) != 0)  // Whatever the host's umask is.
    return FailErrno(CodeOfWriteError(errno), name, errno);
  RETURN_IF_ERROR(WriteAll(file.get(), content, 0));
  return Sync(file.get(), name);
}

}  // namespace

ErrorCode CodeOfWriteError(int errno_value) {
  switch (errno_value) {
    case EROFS:
    case ENOSPC:
    case EDQUOT:
    case EIO:
      return ErrorCode::kReadOnly;
    default:
      return ErrorCode::kIo;
  }
}

Result<UniqueFd> OpenFolder(const std::string& path, Privacy privacy) {
  return OpenFolderAt(AT_FDCWD, path, privacy);
}

Result<UniqueFd> OpenFolderAt(int folder, const std::string& name,
                              Privacy privacy) {
  ASSIGN_OR_RETURN(UniqueFd opened, Open(folder, name, kFolderFlags));
  RETURN_IF_ERROR(CheckTrust(opened.get(), name, S_IFDIR, privacy));
  return opened;
}

Result<UniqueFd> MakeFolder(const std::string& path) {
  return MakeFolderAt(AT_FDCWD, path);
}

Result<UniqueFd> MakeFolderAt(int folder, const std::string& name) {
  if (mkdirat(folder, name.c_str(), 0700) != 0 && errno != EEXIST)
    return FailErrno(CodeOfWriteError(errno), "mkdir " + name, errno);
  return OpenFolderAt(folder, name, Privacy::kRootOnly);
}

namespace {

struct OpenedFile {
  UniqueFd file;
  std::size_t size = 0;
};

Result<OpenedFile> OpenTrusted(int folder, const std::string& name,
                               Access access, Privacy privacy) {
  const int mode = access == Access::kReadWrite ? O_RDWR : O_RDONLY;
  ASSIGN_OR_RETURN(UniqueFd file, Open(folder, name, mode | kFileFlags));
  ASSIGN_OR_RETURN(const struct stat status,
                   CheckTrust(file.get(), name, S_IFREG, privacy));
  return OpenedFile{std::move(file), static_cast<std::size_t>(status.st_size)};
}

}  // namespace

Result<UniqueFd> OpenFileAt(int folder, const std::string& name, Access access,
                            Privacy privacy) {
  ASSIGN_OR_RETURN(OpenedFile opened,
                   OpenTrusted(folder, name, access, privacy));
  return std::move(opened.file);
}

Result<Secret> ReadFileAt(int folder, const std::string& name,
                          std::size_t max_size, Privacy privacy) {
  ASSIGN_OR_RETURN(const OpenedFile opened,
                   OpenTrusted(folder, name, Access::kRead, privacy));
  const std::size_t size = opened.size;
  if (size > max_size) return Fail(ErrorCode::kCorrupt, name + " is too large");
  Secret content(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got =
        read(opened.file.get(), content.ExposeMutable().data() + filled,
             size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno(ErrorCode::kIo, "read " + name, errno);
    if (got == 0) return Fail(ErrorCode::kCorrupt, name + " shrank");
    filled += static_cast<std::size_t>(got);
  }
  return content;
}

Result<void> ReplaceFileAt(int folder, const std::string& name, Bytes content,
                           unsigned mode) {
  const std::string temporary = TemporaryName(name);
  unlinkat(folder, temporary.c_str(), 0);
  auto written = WriteTemporary(folder, temporary, content, mode);
  if (written && renameat(folder, temporary.c_str(), folder, name.c_str()) != 0)
    written = FailErrno(CodeOfWriteError(errno), "rename " + name, errno);
  if (!written) {
    unlinkat(folder, temporary.c_str(), 0);
    return written;
  }
  return Sync(folder, "the folder of " + name);
}

Result<void> RemoveFileAt(int folder, const std::string& name) {
  for (const std::string& each : {TemporaryName(name), name})
    if (unlinkat(folder, each.c_str(), 0) != 0 && errno != ENOENT)
      return FailErrno(CodeOfWriteError(errno), "unlink " + name, errno);
  return Sync(folder, "the folder of " + name);
}

Result<UniqueFd> LockFolder(int folder) {
  ASSIGN_OR_RETURN(UniqueFd lock, Open(folder, ".", kFolderFlags));
  while (flock(lock.get(), LOCK_EX) != 0)
    if (errno != EINTR) return FailErrno(ErrorCode::kIo, "flock", errno);
  return lock;
}

Result<std::optional<UniqueFd>> TryLockFolder(int folder) {
  ASSIGN_OR_RETURN(UniqueFd lock, Open(folder, ".", kFolderFlags));
  while (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) return FailErrno(ErrorCode::kIo, "flock", errno);
  }
  return lock;
}

Result<bool> ExistsAt(int folder, const std::string& name) {
  struct stat status {};
  if (fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
    return true;
  if (errno == ENOENT) return false;
  return FailErrno(ErrorCode::kIo, "stat " + name, errno);
}

Result<std::vector<std::string>> NamesIn(int folder) {
  // A descriptor of its own: the stream's position must not be shared.
  ASSIGN_OR_RETURN(UniqueFd copy, Open(folder, ".", kFolderFlags));
  std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(copy.get()), closedir);
  if (!stream) return FailErrno(ErrorCode::kIo, "opendir", errno);
  copy.Release();
  std::set<std::string> names;  // Sorted as they come.
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    if (entry->d_name[0] != '.') names.emplace(entry->d_name);
    errno = 0;
  }
  if (errno != 0) return FailErrno(ErrorCode::kIo, "readdir", errno);
  return std::vector<std::string>(names.begin(), names.end());
}

Result<void> WriteAll(int file, Bytes bytes, std::size_t offset) {
  while (true) {
    const ssize_t written =
        pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FailErrno(CodeOfWriteError(errno), "pwrite", errno);
    if (static_cast<std::size_t>(written) != bytes.size())
      return Fail(ErrorCode::kIo, "a short write");
    return {};
  }
}

}  // namespace twofactor
