// SPDX-License-Identifier: Apache-2.0
//
// new_file.cc - creating, keeping and removing.

#include "setup_tool/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "setup_tool/stream.h"

namespace twofactor::tool {
namespace {

Try<void> SyncFolderOf(const std::string& path) {
  std::string folder = FolderOf(path);
  UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) return RefuseErrno("cannot sync " + folder);
  return {};
}

}  // namespace

std::string FolderOf(const std::string& path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Try<NewFile> NewFile::Create(const std::string& path) {
  UniqueFd fd(open(path.c_str(),
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd && errno == EEXIST)
    return Refuse(ExitCode::kFailed, path + " exists already",
                  "choose another name, or remove it first");
  if (!fd) return RefuseErrno("cannot create " + path);
  return NewFile(path, std::move(fd));
}

NewFile::~NewFile() {
  if (fate_ == Fate::kGoes && !path_.empty()) unlink(path_.c_str());
}

Try<void> NewFile::Write(Bytes bytes) {
  auto written = WriteWhole(fd_.get(), bytes, path_);
  if (written)
    size_ += static_cast<off_t>(bytes.size());
  else if (ftruncate(fd_.get(), size_) == 0)
    lseek(fd_.get(), size_, SEEK_SET);
  return written;
}

Try<void> NewFile::Keep() {
  fate_ = Fate::kStays;
  if (fsync(fd_.get()) != 0) return RefuseErrno("cannot sync " + path_);
  return SyncFolderOf(path_);
}

Try<void> NewFile::KeepAs(const std::string& path, mode_t mode) {
  if (fchmod(fd_.get(), mode) != 0 || fsync(fd_.get()) != 0)
    return RefuseErrno("cannot finish " + path_);
  if (rename(path_.c_str(), path.c_str()) != 0)
    return RefuseErrno("cannot replace " + path);
  fate_ = Fate::kStays;
  return SyncFolderOf(path);
}

}  // namespace twofactor::tool
