// SPDX-License-Identifier: Apache-2.0
//
// status.cc - twofactor status: a user's devices, codes and failed attempts.

#include <vector>

#include "setup_tool/budget_report.h"
#include "setup_tool/code_set_report.h"
#include "setup_tool/device_report.h"
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

struct Budgets {
  std::vector<BudgetReport> codes_of_devices;
  std::vector<CodeBudget> backup_codes;
};

void PrintStatus(const UserName& user, const Record& record,
                 const Budgets& budgets, UnixTime now) {
  const Enrollment& enrollment = *record.enrollment;
  Print(EscapeForTerminal(user.text()) + ": enrolled, " +
        std::to_string(enrollment.factors()) +
        (enrollment.factors() == 1 ? " device" : " devices") +
        (enrollment.usable() ? "" : ", NONE USABLE: logins are denied") + "\n");
  for (const Device& device : enrollment.devices)
    Print(DeviceText(device, record.state.Find(device.id)));
  for (const Address& address : enrollment.addresses)
    Print(AddressText(address, record.state.Find(address.id)));
  Print(CodeSetsText(record, now) + RecoveryText(enrollment));
  Print("  failed attempts\n");
  for (const BudgetReport& budget : budgets.codes_of_devices)
    Print(BudgetText(budget));
  Print("  wrong backup and bypass codes\n");
  for (const CodeBudget& budget : budgets.backup_codes)
    Print(CodeBudgetText(budget));
}

Try<void> PrintStatusAsJson(const UserName& user, const Record& record,
                            const Budgets& budgets, UnixTime now) {
  JsonWriter json;
  json.BeginObject()
      .Member("user", user.text())
      .Member("enrolled", record.enrollment.has_value());
  if (record.enrollment) {
    json.Member("usable", record.enrollment->usable());
    json.Key("devices").BeginArray();
    for (const Device& device : record.enrollment->devices)
      WriteDevice(json, device, record.state.Find(device.id));
    json.EndArray().Key("addresses").BeginArray();
    for (const Address& address : record.enrollment->addresses)
      WriteAddress(json, address, record.state.Find(address.id));
    json.EndArray();
    WriteCodeSets(json, record, now);
    json.Key("failed_attempts").BeginArray();
    for (const BudgetReport& budget : budgets.codes_of_devices)
      WriteBudget(json, budget);
    json.EndArray().Key("failed_backup_codes").BeginArray();
    for (const CodeBudget& budget : budgets.backup_codes)
      WriteCodeBudget(json, budget);
    json.EndArray();
  }
  json.EndObject();
  return PrintSecret(json.Finish());
}

class Status final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    user_.AddArgument(options);
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    ASSIGN_OR_RETURN(Record record, About(user, host.store->Read(user)));
    ASSIGN_OR_RETURN(Moment moment, host.clock.Now());
    const Budgets budgets{
        ReportBudgets(record.state, host.config.verify_limits, moment.now),
        ReportCodeBudgets(record.state, host.config.backup_limit, moment.now)};
    if (invocation.format == Format::kJson) {
      RETURN_IF_ERROR(PrintStatusAsJson(user, record, budgets, moment.now));
    } else if (record.enrollment) {
      PrintStatus(user, record, budgets, moment.now);
    } else {
      Print(EscapeForTerminal(user.text()) + ": not enrolled\n");
    }
    return record.enrollment ? ExitCode::kDone : ExitCode::kNotFound;
  }

 private:
  UserChoice user_;
};

}  // namespace

std::unique_ptr<Verb> MakeStatus() { return std::make_unique<Status>(); }

}  // namespace twofactor::tool
