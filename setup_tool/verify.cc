// SPDX-License-Identifier: Apache-2.0
//
// verify.cc - twofactor verify: why a code is good or bad.  Spends nothing and
// counts nothing.
//
// Trust: the code may be any bytes.

#include <algorithm>
#include <optional>
#include <vector>

#include "core/session/answer.h"
#include "core/session/comparison.h"
#include "setup_tool/budget_report.h"
#include "setup_tool/code_diagnosis.h"
#include "setup_tool/code_set_diagnosis.h"
#include "setup_tool/code_set_report.h"
#include "setup_tool/device_choice.h"
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_conversation.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/time_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

struct Finding {
  std::string label;
  DeviceStatus status = DeviceStatus::kDisabled;
  CodeDiagnosis diagnosis;

  bool accepted() const {
    return status == DeviceStatus::kEnabled &&
           diagnosis.kind == CodeDiagnosis::Kind::kValid;
  }
};

struct Report {
  std::vector<Finding> findings;
  std::vector<CodeSetDiagnosis> code_sets;
  // Of what the answer was compared with.
  std::vector<BudgetReport> locked;
  std::vector<CodeBudget> codes_locked;
  UnixTime now{};

  bool accepted() const {
    return std::ranges::any_of(findings, &Finding::accepted) ||
           std::ranges::any_of(code_sets, [](const CodeSetDiagnosis& each) {
             return each.kind == CodeSetDiagnosis::Kind::kValid;
           });
  }
};

void PrintReport(const Report& report) {
  for (const Finding& finding : report.findings) {
    Print(EscapeForTerminal(finding.label) + ": " +
          DiagnosisText(finding.diagnosis) +
          (finding.status == DeviceStatus::kDisabled
               ? "; the device is disabled"
               : "") +
          "\n");
  }
  for (const CodeSetDiagnosis& diagnosis : report.code_sets)
    Print(DiagnosisText(diagnosis) + "\n");
  if (report.findings.empty() && report.code_sets.empty())
    Print("wrong: the user has nothing that makes such codes\n");
  const bool has_clock =
      std::ranges::any_of(report.findings, [](const Finding& finding) {
        return finding.diagnosis.device == DeviceKind::kTotp;
      });
  if (!report.accepted() && has_clock)
    PrintNote("this host's time is " + TimeText(report.now));
  for (const BudgetReport& budget : report.locked)
    PrintNote("logins from " + budget.source + " are refused until " +
              TimeText(budget.locked_until) +
              ", whatever the code: too many failures");
  for (const CodeBudget& budget : report.codes_locked)
    PrintNote(std::string("backup and bypass codes from ") + budget.source +
              " sources are refused until " + TimeText(budget.locked_until) +
              ": too many failures");
}

Try<void> PrintReportAsJson(const UserName& user, const Report& report) {
  JsonWriter json;
  json.BeginObject()
      .Member("user", user.text())
      .Member("time", TimeStamp(report.now))
      .Member("valid", report.accepted());
  json.Key("devices").BeginArray();
  for (const Finding& finding : report.findings)
    json.BeginObject()
        .Member("name", finding.label)
        .Member("enabled", finding.status == DeviceStatus::kEnabled)
        .Member("result", KindName(finding.diagnosis.kind))
        .Member("steps", finding.diagnosis.steps)
        .Member("seconds", finding.diagnosis.distance.count())
        .EndObject();
  json.EndArray().Key("code_sets").BeginArray();
  for (const CodeSetDiagnosis& diagnosis : report.code_sets) {
    json.BeginObject()
        .Member("type", SetName(diagnosis.set))
        .Member("result", KindName(diagnosis.kind));
    if (diagnosis.set == CodeSet::Kind::kBypass)
      json.Member("reason", diagnosis.reason);
    json.EndObject();
  }
  json.EndArray().Key("locked").BeginArray();
  for (const BudgetReport& budget : report.locked) WriteBudget(json, budget);
  json.EndArray().Key("codes_locked").BeginArray();
  for (const CodeBudget& budget : report.codes_locked)
    WriteCodeBudget(json, budget);
  json.EndArray().EndObject();
  return PrintSecret(json.Finish());
}

class Verify final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    options.Text("--name", "LABEL", label_, "only this device, not all");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    ASSIGN_OR_RETURN(Presence presence, About(user, host.store->Find(user)));
    if (presence == Presence::kAbsent) return NotEnrolled(user);
    ASSIGN_OR_RETURN(Answer answer, AskForCode(user));
    ASSIGN_OR_RETURN(Record record, About(user, host.store->Read(user)));
    if (!record.enrollment) return NotEnrolled(user);
    ASSIGN_OR_RETURN(Report report, Examine(host, record, answer));
    if (invocation.format == Format::kJson) {
      RETURN_IF_ERROR(PrintReportAsJson(user, report));
    } else {
      PrintReport(report);
    }
    return report.accepted() ? ExitCode::kDone : ExitCode::kWrongCode;
  }

 private:
  static Try<Answer> AskForCode(const UserName& user) {
    Interrupts interrupts;
    TerminalConversation conversation(interrupts);
    ASSIGN_OR_RETURN(Secret typed,
                     AskLine(conversation, interrupts, "Code: ", Echo::kOn));
    Answer answer = ClassifyAnswer(typed.Expose(), user.text());
    if (answer.kind != Answer::Kind::kCode &&
        answer.kind != Answer::Kind::kCodePair &&
        answer.kind != Answer::Kind::kBackupCode)
      return Refuse(ExitCode::kWrongCode,
                    "that is not a code: 6 to 8 digits, two such codes in a "
                    "row, or a backup code of 12 letters and digits",
                    "");
    return answer;
  }

  Try<Report> Examine(const Host& host, const Record& record,
                      const Answer& answer) const {
    ASSIGN_OR_RETURN(Moment moment, host.clock.Now());
    Report report;
    report.now = moment.now;
    std::optional<std::size_t> only;
    if (label_) {
      ASSIGN_OR_RETURN(only, ChooseDevice(*record.enrollment, label_));
    }
    const auto& devices = record.enrollment->devices;
    for (std::size_t i = 0; i < devices.size(); ++i) {
      if ((only && i != *only) || !Fits(devices[i], answer.kind)) continue;
      ASSIGN_OR_RETURN(
          CodeDiagnosis diagnosis,
          Diagnose(devices[i], record, host.config, answer, moment));
      report.findings.push_back(
          {devices[i].label, devices[i].status, diagnosis});
    }
    if (!label_) {
      ASSIGN_OR_RETURN(report.code_sets,
                       DiagnoseCodeSets(answer, record, moment.now));
    }
    AddLocks(host.config, record.state, report);
    return report;
  }

  static bool Fits(const Device& device, Answer::Kind kind) {
    return kind == Answer::Kind::kCode || (kind == Answer::Kind::kCodePair &&
                                           device.kind == DeviceKind::kHotp);
  }

  static Result<CodeDiagnosis> Diagnose(const Device& device,
                                        const Record& record,
                                        const Config& config,
                                        const Answer& answer,
                                        const Moment& moment) {
    const DeviceState* found = record.state.Find(device.id);
    const DeviceState state = found ? *found : DeviceState{};
    const std::string_view code = AsText(answer.code.Expose());
    if (answer.kind == Answer::Kind::kCodePair)
      return DiagnoseCodePair(device, state, config, code);
    return DiagnoseCode(device, state, config, code, moment,
                        TokenLookAhead(config, *record.enrollment, record.state,
                                       device.digits));
  }

  static void AddLocks(const Config& config, const LoginState& state,
                       Report& report) {
    if (!report.findings.empty())
      for (BudgetReport& budget :
           ReportBudgets(state, config.verify_limits, report.now))
        if (budget.ruling.kind == ThrottleRuling::Kind::kRefused)
          report.locked.push_back(std::move(budget));
    if (!report.code_sets.empty())
      for (const CodeBudget& budget :
           ReportCodeBudgets(state, config.backup_limit, report.now))
        if (budget.locked_until != UnixTime{})
          report.codes_locked.push_back(budget);
  }

  UserChoice user_;
  std::optional<std::string> label_;
};

}  // namespace

std::unique_ptr<Verb> MakeVerify() { return std::make_unique<Verify>(); }

}  // namespace twofactor::tool
