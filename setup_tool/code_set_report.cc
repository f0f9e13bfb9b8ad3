// SPDX-License-Identifier: Apache-2.0
//
// code_set_report.cc - sets of codes in lines and in JSON.

#include "setup_tool/code_set_report.h"

#include <algorithm>

#include "core/session/code_set.h"
#include "core/session/throttle.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/time_text.h"

namespace twofactor::tool {
namespace {

std::string LastUsedText(const CodeSetState* state) {
  if (!state) return "state LOST: all count as used";
  if (state->last_used == UnixTime{}) return "last used never";
  return "last used " + TimeText(state->last_used);
}

std::string CodesText(const char* name, const CodeSet& set,
                      const CodeSetState* state) {
  return std::string("  ") + name + "\n    " +
         std::to_string(CodesLeft(set, state)) + " of " +
         std::to_string(set.hashes.size()) + " left, made " +
         TimeText(set.created) + ", " + LastUsedText(state) + "\n";
}

std::string BypassText(const CodeSet& set, const CodeSetState* state) {
  return "  bypass\n    " + std::to_string(CodesLeft(set, state)) + " of " +
         std::to_string(set.uses) + " logins left, until " +
         TimeText(set.expires) + ": " + EscapeForTerminal(set.reason) + "\n";
}

std::optional<std::string> StampUnlessZero(UnixTime time) {
  if (time == UnixTime{}) return std::nullopt;
  return TimeStamp(time);
}

void WriteCodes(JsonWriter& json, const char* key, const Record& record,
                CodeSet::Kind kind) {
  json.Key(key);
  const CodeSet* set = record.enrollment->FindSet(kind);
  if (!set) {
    json.Value(std::optional<int>());
    return;
  }
  const CodeSetState* state = record.state.Find(set->id);
  json.BeginObject()
      .Member("left", CodesLeft(*set, state))
      .Member("made", set->hashes.size())
      .Member("created", TimeStamp(set->created))
      .Member("last_used",
              StampUnlessZero(state ? state->last_used : UnixTime{}))
      .Member("state_is_lost", state == nullptr)
      .EndObject();
}

CodeBudget Report(const char* source, const RecentTimes& times,
                  const RateLimit& limit, UnixTime now) {
  CodeBudget budget{source, 0, limit, WaitFor(times, limit, now), {}};
  budget.failures = static_cast<int>(std::ranges::count_if(
      times, [&](UnixTime at) { return at + limit.window > now; }));
  if (budget.retry_after > std::chrono::seconds(0))
    budget.locked_until = now + budget.retry_after;
  return budget;
}

}  // namespace

std::optional<int> CodesLeftOf(const Record& record, CodeSet::Kind kind) {
  const CodeSet* set = record.enrollment->FindSet(kind);
  if (!set) return std::nullopt;
  return CodesLeft(*set, record.state.Find(set->id));
}

std::vector<CodeBudget> ReportCodeBudgets(LoginState state,
                                          const RateLimit& limit,
                                          UnixTime now) {
  ForgiveTheFuture(state, now);
  return {Report("known", state.known_code_failures, limit, now),
          Report("others", state.strange_code_failures, limit, now)};
}

std::string CodeSetsText(const Record& record, UnixTime now) {
  std::string text;
  for (const CodeSet& set : record.enrollment->code_sets) {
    const CodeSetState* state = record.state.Find(set.id);
    switch (set.kind) {
      case CodeSet::Kind::kBackup:
        text += CodesText("backup codes", set, state);
        break;
      case CodeSet::Kind::kScratch:
        text += CodesText("scratch codes", set, state);
        break;
      case CodeSet::Kind::kBypass:
        if (IsLiveBypass(set, state, now)) text += BypassText(set, state);
        break;
    }
  }
  return text;
}

std::string RecoveryText(const Enrollment& enrollment) {
  if (!enrollment.recovery) return "";
  return "  recovery address\n    " +
         EscapeForTerminal(enrollment.recovery->address) + ", confirmed " +
         TimeText(enrollment.recovery->confirmed) + "\n";
}

std::string CodeBudgetText(const CodeBudget& budget) {
  std::string text = std::string("    ") + budget.source + ": " +
                     std::to_string(budget.failures) + " of " +
                     std::to_string(budget.limit.failures) + " in " +
                     DurationText(budget.limit.window);
  if (budget.locked_until != UnixTime{})
    text += ", LOCKED until " + TimeText(budget.locked_until) + " (" +
            DurationText(budget.retry_after) + ")";
  return text + "\n";
}

void WriteCodeSets(JsonWriter& json, const Record& record, UnixTime now) {
  WriteCodes(json, "backup_codes", record, CodeSet::Kind::kBackup);
  WriteCodes(json, "scratch_codes", record, CodeSet::Kind::kScratch);
  json.Key("bypasses").BeginArray();
  for (const CodeSet& set : record.enrollment->code_sets) {
    const CodeSetState* state = record.state.Find(set.id);
    if (!IsLiveBypass(set, state, now)) continue;
    json.BeginObject()
        .Member("left", CodesLeft(set, state))
        .Member("uses", set.uses)
        .Member("until", TimeStamp(set.expires))
        .Member("reason", set.reason)
        .EndObject();
  }
  json.EndArray().Key("recovery");
  const auto& recovery = record.enrollment->recovery;
  if (!recovery) {
    json.Value(std::optional<int>());
    return;
  }
  json.BeginObject()
      .Member("address", recovery->address)
      .Member("confirmed", TimeStamp(recovery->confirmed))
      .EndObject();
}

void WriteCodeBudget(JsonWriter& json, const CodeBudget& budget) {
  json.BeginObject()
      .Member("source", budget.source)
      .Member("failures", budget.failures)
      .Member("limit", budget.limit.failures)
      .Member("window_seconds", budget.limit.window.count())
      .Member("locked", budget.locked_until != UnixTime{})
      .Member("locked_until", StampUnlessZero(budget.locked_until))
      .EndObject();
}

}  // namespace twofactor::tool
