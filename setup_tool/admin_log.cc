// SPDX-License-Identifier: Apache-2.0
//
// admin_log.cc - who did what to whom.

#include "setup_tool/admin_log.h"

#include <unistd.h>

#include "setup_tool/caller.h"

namespace twofactor::tool {

LogLine AdminLine(std::string_view event) {
  LogLine line(event);
  line.Add("by", ResponsibleUid()).Add("uid", std::int64_t{getuid()});
  return line;
}

LogLine AdminLine(std::string_view event, const UserName& user) {
  LogLine line(event);
  line.Add("user", user.text())
      .Add("by", ResponsibleUid())
      .Add("uid", std::int64_t{getuid()});
  return line;
}

void LogFailure(std::string_view verb, const Failure& failure) {
  AdminLine("admin_failed")
      .Add("verb", verb)
      .Add("reason", failure.message)
      .Send(Severity::kWarning);
}

}  // namespace twofactor::tool
