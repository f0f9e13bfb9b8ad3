// SPDX-License-Identifier: Apache-2.0
//
// repair.cc - twofactor repair: brings a user's two files in step again.

#include <vector>

#include "setup_tool/admin_log.h"
#include "setup_tool/command_text.h"
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

void PrintDeeds(const UserName& user, const std::vector<std::string>& deeds) {
  std::string name = EscapeForTerminal(user.text());
  if (deeds.empty()) Print(name + ": nothing to repair\n");
  for (const std::string& deed : deeds)
    Print(name + ": " + EscapeForTerminal(deed) + "\n");
}

Try<void> PrintDeedsAsJson(const UserName& user,
                           const std::vector<std::string>& deeds) {
  JsonWriter json;
  json.BeginObject().Member("user", user.text());
  json.Key("done").BeginArray();
  for (const std::string& deed : deeds) json.Value(deed);
  json.EndArray().EndObject();
  return PrintSecret(json.Finish());
}

class Repair final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    user_.AddArgument(options);
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user, KnownUser(name, host));
    auto repaired = host.store->Repair(user);
    if (!repaired) {
      Failure failure = FailureAbout(user, repaired.error());
      failure.hint =
          "restore the file from a backup; if there is none: twofactor reset " +
          CommandWord(user.text());
      return std::unexpected(failure);
    }
    if (!repaired->empty()) LogDeeds(user, *repaired);
    if (invocation.format == Format::kJson) {
      RETURN_IF_ERROR(PrintDeedsAsJson(user, *repaired));
    } else {
      PrintDeeds(user, *repaired);
    }
    return ExitCode::kDone;
  }

 private:
  // Find may fail for somebody whose files disagree: that is no reason to
  // refuse here.
  static Try<UserName> KnownUser(const std::string& name, const Host& host) {
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    auto presence = host.store->Find(user);
    if (presence && *presence == Presence::kAbsent) return NotEnrolled(user);
    return user;
  }

  static void LogDeeds(const UserName& user,
                       const std::vector<std::string>& deeds) {
    for (const std::string& deed : deeds)
      AdminLine("repaired", user).Add("done", deed).Send(Severity::kNotice);
  }

  UserChoice user_;
};

}  // namespace

std::unique_ptr<Verb> MakeRepair() { return std::make_unique<Repair>(); }

}  // namespace twofactor::tool
