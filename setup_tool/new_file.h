// SPDX-License-Identifier: Apache-2.0
//
// new_file.h - a file that did not exist before, for root alone, and gone
// again unless it is kept.

#ifndef TWOFACTOR_SETUP_TOOL_NEW_FILE_H_
#define TWOFACTOR_SETUP_TOOL_NEW_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/unique_fd.h"
#include "setup_tool/failure.h"

namespace twofactor::tool {

// Everything fails as kFailed.
class NewFile {
 public:
  // Mode 0600.  Refuses whatever has that name already, a dangling link too.
  static Try<NewFile> Create(const std::string& path);

  NewFile(NewFile&& other) noexcept
      : path_(std::exchange(other.path_, "")),
        fate_(other.fate_),
        fd_(std::move(other.fd_)),
        size_(other.size_) {}
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  // Appends everything, or nothing as far as the disk lets it.
  Try<void> Write(Bytes bytes);

  // Lets it stay from now on, even where syncing it then fails.
  Try<void> Keep();

  // As Keep, under the name `path`, which it replaces, with these permissions.
  Try<void> KeepAs(const std::string& path, mode_t mode);

  const std::string& path() const { return path_; }

 private:
  NewFile(std::string path, UniqueFd fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}

  enum class Fate : std::uint8_t { kGoes = 0, kStays };

  std::string path_;  // Empty: moved from.
  Fate fate_ = Fate::kGoes;
  UniqueFd fd_;
  off_t size_ = 0;
};

// The folder of a path; "." for a plain name.
std::string FolderOf(const std::string& path);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_NEW_FILE_H_
