// SPDX-License-Identifier: Apache-2.0
//
// import_run.cc - change, log, report, count.

#include "setup_tool/import_run.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "setup_tool/admin_log.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/move_in.h"
#include "setup_tool/output.h"
#include "setup_tool/terminal_text.h"

namespace twofactor::tool {
namespace {

using Outcome = MovedDevice::Outcome;

const char* WordOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kHere:
      return "already_here";
    case Outcome::kRaised:
      return "updated";
    case Outcome::kNew:
      return "imported";
  }
  return "";
}

std::string SentenceOf(const MovedDevice& device, Rehearsal rehearsal) {
  const std::string& label = device.label;
  const bool real = rehearsal == Rehearsal::kForReal;
  switch (device.outcome) {
    case Outcome::kHere:
      return label + " is already here";
    case Outcome::kRaised:
      return label + " is already here, what was used meanwhile " +
             (real ? "is spent now" : "would be spent");
    case Outcome::kNew:
      return label + (real ? " imported" : " would be imported");
  }
  return label;
}

const char* WordOf(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::kNotTaken:
      return "not_taken";
    case Finding::Kind::kWarning:
      return "warning";
    case Finding::Kind::kTaken:
      return "taken";
  }
  return "";
}

const char* TextOf(Finding::Kind kind) {
  return kind == Finding::Kind::kNotTaken ? "not taken" : WordOf(kind);
}

Outcome OutcomeOf(const MoveReport& report) {
  Outcome outcome =
      report.scratch_codes_spent > 0 ? Outcome::kRaised : Outcome::kHere;
  for (const MovedDevice& device : report.devices)
    outcome = std::max(outcome, device.outcome);
  return outcome;
}

std::string ScratchCodes(std::size_t count) {
  return std::to_string(count) +
         (count == 1 ? " scratch code" : " scratch codes");
}

// What became of the scratch codes, as findings like those of the lines.
std::vector<Finding> FindingsOf(const MoveReport& report,
                                const ForeignRecord& record) {
  std::vector<Finding> findings;
  // Of a device that is here nothing else was taken.
  if (OutcomeOf(report) == Outcome::kNew) findings = record.findings;
  const auto add = [&](std::size_t count, Finding::Kind kind,
                       const char* what) {
    if (count > 0)
      findings.push_back(
          {record.scratch_line, kind, ScratchCodes(count) + what});
  };
  add(report.scratch_codes_added, Finding::Kind::kTaken, "");
  add(report.scratch_codes_spent, Finding::Kind::kTaken,
      " used meanwhile, spent");
  add(report.scratch_codes_left_out, Finding::Kind::kNotTaken,
      ": not of the set that is here, double, or more than 32");
  return findings;
}

}  // namespace

struct ImportRun::Done {
  Outcome outcome = Outcome::kHere;
  MoveReport report;
};

Try<ImportRun::Done> ImportRun::Change(const UserName& user,
                                       const ForeignRecord& record) {
  // First on a copy: what would change nothing writes nothing.
  ASSIGN_OR_RETURN(const Moment now, host_.clock.Now());
  ASSIGN_OR_RETURN(Record copy, About(user, host_.store->Read(user)));
  ASSIGN_OR_RETURN(MoveReport report,
                   About(user, MoveIn(record, host_.config, now, copy)));
  Done done{OutcomeOf(report), std::move(report)};
  if (rehearsal_ == Rehearsal::kDryRun || done.outcome == Outcome::kHere)
    return done;
  RETURN_IF_ERROR(About(
      user,
      host_.store->Change(
          user, [&](Record before, const Moment& moment) -> Result<Record> {
            ASSIGN_OR_RETURN(done.report,
                             MoveIn(record, host_.config, moment, before));
            return before;
          })));
  done.outcome = OutcomeOf(done.report);
  return done;
}

Try<void> ImportRun::Take(const UserName& user, const std::string& path,
                          ForeignRecord record) {
  ASSIGN_OR_RETURN(const Done done, Change(user, record));
  Log(user, done);
  switch (done.outcome) {
    case Outcome::kHere:
      ++here_;
      break;
    case Outcome::kRaised:
      ++updated_;
      break;
    case Outcome::kNew:
      ++imported_;
      break;
  }
  return Report(user, path, done, record);
}

void ImportRun::Log(const UserName& user, const Done& done) const {
  if (rehearsal_ == Rehearsal::kDryRun) return;
  for (const MovedDevice& device : done.report.devices)
    if (device.outcome != Outcome::kHere)
      AdminLine(device.outcome == Outcome::kNew ? "imported" : "import_updated",
                user)
          .Add("device", device.label)
          .Add("from", from_)
          .Send(Severity::kNotice);
  if (done.report.scratch_codes_spent > 0)
    AdminLine("scratch_codes_spent", user)
        .Add("codes",
             static_cast<std::int64_t>(done.report.scratch_codes_spent))
        .Add("from", from_)
        .Send(Severity::kNotice);
}

Try<void> ImportRun::Report(const UserName& user, const std::string& path,
                            const Done& done, const ForeignRecord& record) {
  const auto findings = FindingsOf(done.report, record);
  clear_();
  if (format_ == Format::kText) {
    std::string text = user.text() + ": ";
    for (const MovedDevice& device : done.report.devices)
      text += SentenceOf(device, rehearsal_) + ", ";
    Print(EscapeForTerminal(text + "from " + path) + "\n");
    for (const Finding& finding : findings)
      Print("  " +
            (finding.line > 0 ? "line " + std::to_string(finding.line) + ": "
                              : std::string()) +
            TextOf(finding.kind) + ": " + EscapeForTerminal(finding.text) +
            "\n");
    return {};
  }
  JsonWriter json;
  json.BeginObject()
      .Member("user", user.text())
      .Member("file", path)
      .Member("result", WordOf(done.outcome))
      .Member("dry_run", rehearsal_ == Rehearsal::kDryRun)
      .Key("devices")
      .BeginArray();
  for (const MovedDevice& device : done.report.devices)
    json.BeginObject()
        .Member("name", device.label)
        .Member("result", WordOf(device.outcome))
        .EndObject();
  json.EndArray()
      .Member("scratch_codes_added", done.report.scratch_codes_added)
      .Member("scratch_codes_spent", done.report.scratch_codes_spent)
      .Key("findings")
      .BeginArray();
  for (const Finding& finding : findings)
    json.BeginObject()
        .Member("line", finding.line)
        .Member("kind", WordOf(finding.kind))
        .Member("text", finding.text)
        .EndObject();
  json.EndArray().EndObject();
  return PrintSecret(json.Finish());
}

Try<void> ImportRun::ReportFailure(const std::string& path, std::size_t line,
                                   const std::string& user,
                                   const std::string& reason) {
  ++failed_;
  clear_();
  std::string text;
  if (line > 0 || !reason.starts_with(path)) {
    text = path;
    if (line > 0) text += ":" + std::to_string(line);
    text += ": ";
  }
  if (!user.empty()) text += user + ": ";
  std::fflush(stdout);
  std::fputs((EscapeForTerminal(text + reason) + "\n").c_str(), stderr);
  if (format_ == Format::kText) return {};
  JsonWriter json;
  json.BeginObject()
      .Member("user", user)
      .Member("file", path)
      .Member("line", line)
      .Member("result", "failed")
      .Member("reason", reason)
      .EndObject();
  return PrintSecret(json.Finish());
}

void ImportRun::Summarize() const {
  std::string text = std::to_string(imported_) + " imported, " +
                     std::to_string(updated_) + " updated, " +
                     std::to_string(here_) + " already here, " +
                     std::to_string(failed_) + " failed";
  if (absent_ > 0) text += ", " + std::to_string(absent_) + " without the file";
  if (rehearsal_ == Rehearsal::kDryRun) text += "; nothing was changed";
  PrintNote(text);
}

ExitCode ImportRun::exit_code() const {
  if (failed_ == 0) return ExitCode::kDone;
  return imported_ + updated_ + here_ == 0 ? ExitCode::kFailed
                                           : ExitCode::kPartly;
}

}  // namespace twofactor::tool
