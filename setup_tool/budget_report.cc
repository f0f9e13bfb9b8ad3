// SPDX-License-Identifier: Apache-2.0
//
// budget_report.cc - reading what throttle.h keeps.

#include "setup_tool/budget_report.h"

#include <algorithm>
#include <numeric>

#include "setup_tool/time_text.h"

namespace twofactor::tool {
namespace {

// An address that no login comes from: it stands for any source not seen yet.
constexpr Source kAnyOther{Source::Kind::kIpv4, {}};

int RecentFailures(const FailureHistory& history, const RateLimit& limit,
                   UnixTime now) {
  return static_cast<int>(
      std::count_if(history.recent.begin(), history.recent.end(),
                    [&](UnixTime at) { return at + limit.window > now; }));
}

int FailuresIn30Days(const FailureHistory& history, UnixTime now) {
  const auto today = now.time_since_epoch() / std::chrono::days(1);
  int sum = 0;
  for (std::size_t i = 0; i < history.daily.size(); ++i) {
    const auto day = static_cast<std::int64_t>(history.last_day) -
                     static_cast<std::int64_t>(i);
    if (day > today - static_cast<std::int64_t>(kFailureDays))
      sum += history.daily[i];
  }
  return sum;
}

BudgetReport Report(const FailureHistory& history, const RateLimit& limit,
                    UnixTime now) {
  BudgetReport report;
  report.failures = RecentFailures(history, limit, now);
  report.limit = limit;
  report.failures_in_30_days = FailuresIn30Days(history, now);
  return report;
}

void Rule(BudgetReport& report, const LoginState& state, const Source& source,
          const VerifyLimits& limits, UnixTime now) {
  report.ruling = MayAttempt(state, source, limits, now);
  if (report.ruling.kind == ThrottleRuling::Kind::kRefused)
    report.locked_until = now + report.ruling.retry_after;
}

}  // namespace

std::vector<BudgetReport> ReportBudgets(LoginState state,
                                        const VerifyLimits& limits,
                                        UnixTime now) {
  ForgiveTheFuture(state, now);
  std::vector<BudgetReport> reports;
  for (const SourceState& each : state.sources) {
    BudgetReport report = Report(each.failures, limits.source, now);
    report.source = ToText(each.source);
    report.last_success = each.last_success;
    Rule(report, state, each.source, limits, now);
    reports.push_back(report);
  }
  BudgetReport others = Report(state.strangers, limits.strangers, now);
  others.source = "others";
  Rule(others, state, kAnyOther, limits, now);
  reports.push_back(others);
  return reports;
}

std::string BudgetText(const BudgetReport& report) {
  std::string text = "    " + report.source + ": " +
                     std::to_string(report.failures) + " of " +
                     std::to_string(report.limit.failures) + " in " +
                     DurationText(report.limit.window) + ", " +
                     std::to_string(report.failures_in_30_days) + " in 30 days";
  if (report.last_success != UnixTime{})
    text += ", last success " + TimeText(report.last_success);
  if (report.ruling.kind == ThrottleRuling::Kind::kRefused)
    text += ", LOCKED until " + TimeText(report.locked_until) + " (" +
            DurationText(report.ruling.retry_after) + ")";
  return text + "\n";
}

void WriteBudget(JsonWriter& json, const BudgetReport& report) {
  const bool locked = report.ruling.kind == ThrottleRuling::Kind::kRefused;
  std::optional<std::string> locked_until;
  if (locked) locked_until = TimeStamp(report.locked_until);
  std::optional<std::string> last_success;
  if (report.last_success != UnixTime{})
    last_success = TimeStamp(report.last_success);
  json.BeginObject()
      .Member("source", report.source)
      .Member("failures", report.failures)
      .Member("limit", report.limit.failures)
      .Member("window_seconds", report.limit.window.count())
      .Member("failures_in_30_days", report.failures_in_30_days)
      .Member("last_success", last_success)
      .Member("locked", locked)
      .Member("locked_until", locked_until)
      .EndObject();
}

}  // namespace twofactor::tool
