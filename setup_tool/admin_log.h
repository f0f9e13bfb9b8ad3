// SPDX-License-Identifier: Apache-2.0
//
// admin_log.h - a line in the system log for everything that an administrator
// changes, and for every refusal.

#ifndef TWOFACTOR_SETUP_TOOL_ADMIN_LOG_H_
#define TWOFACTOR_SETUP_TOOL_ADMIN_LOG_H_

#include <string_view>

#include "core/base/audit_log.h"
#include "core/store/user_name.h"
#include "setup_tool/failure.h"

namespace twofactor::tool {

// `event=... by=... uid=...`, to be sent at kNotice when the deed is done.
LogLine AdminLine(std::string_view event);
LogLine AdminLine(std::string_view event, const UserName& user);

// One `event=admin_failed` line.
void LogFailure(std::string_view verb, const Failure& failure);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_ADMIN_LOG_H_
