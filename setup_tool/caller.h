// SPDX-License-Identifier: Apache-2.0
//
// caller.h - who runs the tool.
//
// Trust: SUDO_USER and SUDO_UID are the environment's.  They only ever make
// the tool ask for --user, or stand in a log line beside what the kernel says.

#ifndef TWOFACTOR_SETUP_TOOL_CALLER_H_
#define TWOFACTOR_SETUP_TOOL_CALLER_H_

#include <string>

#include "setup_tool/failure.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {

// kFailed, with the sudo command to use, unless `access` lets the caller in.
Try<void> RequireAccess(const Invocation& invocation, Access access);

// The name of the real uid, on whom a verb without --user acts.  kUsage when
// sudo hides who that is.
Try<std::string> CallerName();

// Who is behind this process, for the log: the login uid that the kernel
// keeps, else SUDO_UID, else the real uid.
std::string ResponsibleUid();

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_CALLER_H_
