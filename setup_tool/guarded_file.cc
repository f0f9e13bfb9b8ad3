// SPDX-License-Identifier: Apache-2.0
//
// guarded_file.cc - openat2(2), fstat(2), read(2).

#include "setup_tool/guarded_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/unique_fd.h"

namespace twofactor::tool {
namespace {

// glibc has no wrapper.
int OpenWithoutLinks(int folder, const char* name, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(
      syscall(SYS_openat2, folder, name, &how, sizeof(how)));
}

FileFault FaultOfErrno(int error) {
  if (error == ENOENT || error == ENOTDIR) return FileFault::kAbsent;
  if (error == ELOOP) return FileFault::kLink;
  if (error == ENXIO || error == ENODEV) return FileFault::kNotRegular;
  return FileFault::kSystem;
}

FileFault Judge(const struct stat& status, uid_t owner, std::size_t max_size) {
  if (S_ISLNK(status.st_mode)) return FileFault::kLink;
  if (!S_ISREG(status.st_mode)) return FileFault::kNotRegular;
  if (status.st_uid != 0 && status.st_uid != owner) return FileFault::kOwner;
  if (status.st_nlink != 1) return FileFault::kManyNames;
  if (status.st_mode & (S_IWGRP | S_IWOTH)) return FileFault::kWritable;
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > max_size)
    return FileFault::kTooLarge;
  return FileFault::kNone;
}

std::string Describe(FileFault fault, int error) {
  switch (fault) {
    case FileFault::kSystem:
      return std::string("cannot be read: ") + std::strerror(error);
    case FileFault::kNone:
      return "is good";
    case FileFault::kAbsent:
      return "does not exist";
    case FileFault::kLink:
      return "is a symbolic link, or lies behind one";
    case FileFault::kNotRegular:
      return "is no regular file";
    case FileFault::kManyNames:
      return "has more than one name (a hard link)";
    case FileFault::kOwner:
      return "belongs to somebody else";
    case FileFault::kWritable:
      return "can be written by others";
    case FileFault::kTooLarge:
      return "is too large";
  }
  return "cannot be read";
}

}  // namespace

GuardedRead ReadGuarded(int folder, const char* name, uid_t owner,
                        MutableBytes buffer) {
  const int file =
      OpenWithoutLinks(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return {FaultOfErrno(errno), errno, 0};
  const UniqueFd guard(file);
  struct stat status {};
  if (fstat(file, &status) != 0) return {FileFault::kSystem, errno, 0};
  const FileFault fault = Judge(status, owner, buffer.size() - 1);
  if (fault != FileFault::kNone) return {fault, 0, 0};
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = read(file, buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {FileFault::kSystem, errno, 0};
    if (got == 0) return {FileFault::kNone, 0, size};
    size += static_cast<std::size_t>(got);
  }
  return {FileFault::kTooLarge, 0, 0};
}

Failure FaultOf(const std::string& path, FileFault fault, int error) {
  return Failure(
      fault == FileFault::kAbsent ? ExitCode::kNotFound : ExitCode::kFailed,
      path + " " + Describe(fault, error), "");
}

Try<Secret> ReadRootsFile(const std::string& path, std::size_t max_size) {
  Secret content(max_size + 1);
  const GuardedRead result =
      ReadGuarded(AT_FDCWD, path.c_str(), 0, content.ExposeMutable());
  if (result.fault != FileFault::kNone)
    return std::unexpected(FaultOf(path, result.fault, result.error));
  content.Shrink(result.size);
  return content;
}

Try<uid_t> OwnerOf(const std::string& path) {
  const UniqueFd file(OpenWithoutLinks(AT_FDCWD, path.c_str(), O_PATH));
  if (!file) return std::unexpected(FaultOf(path, FaultOfErrno(errno), errno));
  struct stat status {};
  if (fstat(file.get(), &status) != 0)
    return std::unexpected(FaultOf(path, FileFault::kSystem, errno));
  return status.st_uid;
}

}  // namespace twofactor::tool
