// SPDX-License-Identifier: Apache-2.0
//
// secure_file.h - opening state, and replacing it whole.
//
// Every name is opened relative to a folder's descriptor, never through a
// link, close-on-exec and without blocking on a FIFO; type, owner and mode are
// checked on what was opened.
//
// Trust: a file's content is hostile until its reader has checked it.  Its
// name comes from paths.h or from root's configuration.

#ifndef TWOFACTOR_CORE_STORE_SECURE_FILE_H_
#define TWOFACTOR_CORE_STORE_SECURE_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/base/unique_fd.h"

namespace twofactor {

// Who but root may do what with a file or folder.
enum class Privacy : std::uint8_t {
  kRootOnly = 0,      // Nothing: no bit for group or others.
  kRootWritable = 1,  // Read it.
};

// Errors of all of these: kNotFound (the name does not exist),
// kUntrustedFile (a link, another type, owner or mode), kReadOnly (EROFS,
// ENOSPC, EDQUOT, EIO), kIo.

Result<UniqueFd> OpenFolder(const std::string& path, Privacy privacy);
Result<UniqueFd> OpenFolderAt(int folder, const std::string& name,
                              Privacy privacy);
// Makes `path` with mode 0700, if need be, and its parents never.
Result<UniqueFd> MakeFolder(const std::string& path);
Result<UniqueFd> MakeFolderAt(int folder, const std::string& name);

enum class Access : std::uint8_t { kRead = 0, kReadWrite = 1 };

// A regular file that exists, root's, and of one name where it is kRootOnly.
Result<UniqueFd> OpenFileAt(int folder, const std::string& name, Access access,
                            Privacy privacy);

// All of a file.  kCorrupt above `max_size`.
Result<Secret> ReadFileAt(int folder, const std::string& name,
                          std::size_t max_size, Privacy privacy);

// Replaces a file whole, durably, or changes nothing: a temporary file beside
// it, fsync, rename, fsync of the folder.  What an earlier writer of the same
// name left behind is swept.
Result<void> ReplaceFileAt(int folder, const std::string& name, Bytes content,
                           unsigned mode);

// Removes a name durably, and what a writer of it left behind.  A name that
// does not exist is no error.
Result<void> RemoveFileAt(int folder, const std::string& name);

// Keeps other writers of a folder's own files out while the result lives.
// Waits for as long as it takes: only an administrator's verbs write these.
Result<UniqueFd> LockFolder(int folder);

// The same, but empty when another has it.
Result<std::optional<UniqueFd>> TryLockFolder(int folder);

// Whether the name exists, as anything.
Result<bool> ExistsAt(int folder, const std::string& name);

// Names in a folder, sorted, without those that start with a dot.
Result<std::vector<std::string>> NamesIn(int folder);

// All of `bytes` at `offset`; a short write is an error.
Result<void> WriteAll(int file, Bytes bytes, std::size_t offset);

// The ErrorCode for a failed write or open: kReadOnly for what /run can stand
// in for, else kIo.
ErrorCode CodeOfWriteError(int errno_value);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_SECURE_FILE_H_
