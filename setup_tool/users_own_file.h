// SPDX-License-Identifier: Apache-2.0
//
// users_own_file.h - reading a file that its user can write, as that user.
//
// A child process takes on the user's identity, reads, and hands the bytes over
// a pipe: whatever stands at the name, it can show nothing that the user could
// not read, and cannot keep us waiting.
//
// Trust: folder and file are the user's, who may change them meanwhile, and may
// stop or kill the child.

#ifndef TWOFACTOR_SETUP_TOOL_USERS_OWN_FILE_H_
#define TWOFACTOR_SETUP_TOOL_USERS_OWN_FILE_H_

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "setup_tool/failure.h"
#include "setup_tool/home.h"

namespace twofactor::tool {

constexpr std::size_t kMaxOwnFileSize = 64 * 1024;

// `name` in `folder`: a regular file of one name, the user's or root's, that
// nobody else can write.  Empty when it does not exist.  kFailed, also when it
// took longer than some seconds.
Try<std::optional<Secret>> ReadAsUser(const Home& user,
                                      const std::string& folder,
                                      const std::string& name,
                                      const Clock& clock);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_USERS_OWN_FILE_H_
