// SPDX-License-Identifier: Apache-2.0
//
// guarded_file.h - reading a file that somebody may have prepared for us.
//
// Every check is made on what was opened, before a byte of it is read.

#ifndef TWOFACTOR_SETUP_TOOL_GUARDED_FILE_H_
#define TWOFACTOR_SETUP_TOOL_GUARDED_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/secret.h"
#include "setup_tool/failure.h"

namespace twofactor::tool {

enum class FileFault : std::uint8_t {
  kSystem = 0,  // A system call failed; errno says why.
  kNone = 1,
  kAbsent,
  kLink,        // The name, or one on its way, is a symbolic link.
  kNotRegular,  // A folder, FIFO, socket or device.
  kManyNames,   // More than one link.
  kOwner,       // Neither root's nor the user's.
  kWritable,    // By group or others.
  kTooLarge,
};

struct GuardedRead {
  FileFault fault = FileFault::kSystem;
  int error = 0;         // kSystem: errno.
  std::size_t size = 0;  // kNone: bytes that were read.
};

// Reads `name`, relative to `folder`, whole into `buffer`; one byte fewer than
// it has may be in the file.  `owner` may own it, and root.  Allocates nothing,
// so that a forked child can call it.
GuardedRead ReadGuarded(int folder, const char* name, uid_t owner,
                        MutableBytes buffer);

// "PATH is a symbolic link"; of kSystem with the reason.
Failure FaultOf(const std::string& path, FileFault fault, int error);

// A file that is root's alone, behind no link.
Try<Secret> ReadRootsFile(const std::string& path, std::size_t max_size);

// Who owns `path`, without opening it and through no link.
Try<uid_t> OwnerOf(const std::string& path);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_GUARDED_FILE_H_
