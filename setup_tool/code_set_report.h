// SPDX-License-Identifier: Apache-2.0
//
// code_set_report.h - what a user has besides devices: backup codes, bypasses,
// the recovery address, and the budget for wrong codes of that form.

#ifndef TWOFACTOR_SETUP_TOOL_CODE_SET_REPORT_H_
#define TWOFACTOR_SETUP_TOOL_CODE_SET_REPORT_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/session/config.h"
#include "core/store/store.h"
#include "setup_tool/json_writer.h"

namespace twofactor::tool {

// Codes that the user can still type; empty when none of the kind were made.
std::optional<int> CodesLeftOf(const Record& record, CodeSet::Kind kind);

struct CodeBudget {
  // "known": together, the sources that the user logged in from; "others".
  const char* source = "";
  int failures = 0;  // In the window of the limit ...
  RateLimit limit;   // ... which is this.
  std::chrono::seconds retry_after{};
  UnixTime locked_until{};  // Zero: not locked.
};

std::vector<CodeBudget> ReportCodeBudgets(LoginState state,
                                          const RateLimit& limit, UnixTime now);

// Lines for a terminal; none for what the user does not have.  Bypasses that
// are over are left out.
std::string CodeSetsText(const Record& record, UnixTime now);
std::string RecoveryText(const Enrollment& enrollment);
std::string CodeBudgetText(const CodeBudget& budget);

// The members "backup_codes", "scratch_codes", "bypasses" and "recovery".
void WriteCodeSets(JsonWriter& json, const Record& record, UnixTime now);
void WriteCodeBudget(JsonWriter& json, const CodeBudget& budget);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_CODE_SET_REPORT_H_
