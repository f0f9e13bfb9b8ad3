// SPDX-License-Identifier: Apache-2.0
//
// budget_report.h - a user's failed attempts, and who may try again when.

#ifndef TWOFACTOR_SETUP_TOOL_BUDGET_REPORT_H_
#define TWOFACTOR_SETUP_TOOL_BUDGET_REPORT_H_

#include <chrono>
#include <string>
#include <vector>

#include "core/session/config.h"
#include "core/session/throttle.h"
#include "core/store/login_state.h"
#include "setup_tool/json_writer.h"

namespace twofactor::tool {

struct BudgetReport {
  std::string source;  // As ToText(Source), or "others".
  int failures = 0;    // In the window of the limit ...
  RateLimit limit;     // ... which is this.
  int failures_in_30_days = 0;
  UnixTime last_success{};  // Zero: never, or long ago.
  ThrottleRuling ruling;
  UnixTime locked_until{};  // When the ruling refuses.
};

// One for each source that is remembered, and last the one that all others
// share.
std::vector<BudgetReport> ReportBudgets(LoginState state,
                                        const VerifyLimits& limits,
                                        UnixTime now);

// Lines for a terminal.
std::string BudgetText(const BudgetReport& report);

void WriteBudget(JsonWriter& json, const BudgetReport& report);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_BUDGET_REPORT_H_
