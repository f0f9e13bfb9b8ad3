// SPDX-License-Identifier: Apache-2.0
//
// stream.h - whole reads and writes, past stdio's buffers, which nobody wipes.

#ifndef TWOFACTOR_SETUP_TOOL_STREAM_H_
#define TWOFACTOR_SETUP_TOOL_STREAM_H_

#include <string>

#include "core/base/bytes.h"
#include "core/base/secret.h"
#include "core/base/unique_fd.h"
#include "setup_tool/failure.h"

namespace twofactor::tool {

// Each fails as kFailed; `name` is what its message calls the other side.

// Writes everything.
Try<void> WriteWhole(int fd, Bytes bytes, const std::string& name);

// Reads to the end, which must come within `limit` bytes.
Try<Secret> ReadWhole(int fd, std::size_t limit, const std::string& name);

// Opens a file that an administrator named for reading; "-" is stdin.
Try<UniqueFd> OpenInput(const std::string& path);

// For a system call that failed just now: "what: why".
std::unexpected<Failure> RefuseErrno(const std::string& what);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_STREAM_H_
