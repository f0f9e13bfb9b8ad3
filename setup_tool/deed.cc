// SPDX-License-Identifier: Apache-2.0
//
// deed.cc - one line in the log, one on the terminal.

#include "setup_tool/deed.h"

#include "setup_tool/admin_log.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/terminal_text.h"

namespace twofactor::tool {

Try<void> ReportDeed(const Invocation& invocation, const Deed& deed) {
  LogLine line = AdminLine(deed.event, deed.user);
  if (deed.device) line.Add("device", *deed.device);
  line.Send(Severity::kNotice);
  if (invocation.format == Format::kText) {
    Print(EscapeForTerminal(deed.text) + "\n");
    return {};
  }
  JsonWriter json;
  json.BeginObject()
      .Member("user", deed.user.text())
      .Member("done", deed.event);
  if (deed.device) json.Member("name", *deed.device);
  json.EndObject();
  RETURN_IF_ERROR(PrintSecret(json.Finish()));
  return {};
}

}  // namespace twofactor::tool
