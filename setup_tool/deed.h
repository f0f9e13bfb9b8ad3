// SPDX-License-Identifier: Apache-2.0
//
// deed.h - an administrator's change to one user: logged, then said.

#ifndef TWOFACTOR_SETUP_TOOL_DEED_H_
#define TWOFACTOR_SETUP_TOOL_DEED_H_

#include <optional>
#include <string>

#include "core/store/user_name.h"
#include "setup_tool/failure.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {

struct Deed {
  const char* event;  // "removed", in the log and in JSON.
  const UserName& user;
  std::optional<std::string> device;  // Its label; empty: not about one.
  std::string text;                   // For the terminal; is escaped there.
};

Try<void> ReportDeed(const Invocation& invocation, const Deed& deed);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_DEED_H_
