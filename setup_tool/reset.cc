// SPDX-License-Identifier: Apache-2.0
//
// reset.cc - twofactor reset: removes a record, readable or not.

#include "core/session/notices.h"
#include "setup_tool/deed.h"
#include "setup_tool/host.h"
#include "setup_tool/output.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_conversation.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

class Reset final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    user_.AddArgument(options);
    options.Flag("--yes", yes_, "do not ask");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    // An error is what reset is for: only proof of absence ends it here.
    auto presence = host.store->Find(user);
    if (presence && *presence == Presence::kAbsent) return NotEnrolled(user);
    RETURN_IF_ERROR(RequireConsent(host.config, user));
    // One that cannot be read has no address that could be told.
    if (!Remove(host, user)) RETURN_IF_ERROR(ResetAndTell(host, user));
    RETURN_IF_ERROR(ReportDeed(
        invocation,
        {"reset", user, std::nullopt, "removed the record of " + user.text()}));
    PrintNote(MeaningOfNoRecord(host.config, user));
    return ExitCode::kDone;
  }

 private:
  // Administrators are, whoever else cannot be.
  static Try<void> ResetAndTell(Host& host, const UserName& user) {
    RETURN_IF_ERROR(About(user, host.store->Reset(user)));
    (void)Remove(host, user);
    return {};
  }

  static Result<void> Remove(Host& host, const UserName& user) {
    return host.store->Change(
        user, [&](Record record, const Moment& moment) -> Result<Record> {
          Notify(host.config, NoticeKind::kReset, moment.now, {}, "",
                 record.state);
          record.enrollment.reset();
          return record;
        });
  }

  Try<void> RequireConsent(const Config& config, const UserName& user) const {
    if (yes_) return {};
    ASSIGN_OR_RETURN(Consent consent,
                     AskConsent(EscapeForTerminal(
                         "Remove all devices of " + user.text() + "?  Then " +
                         MeaningOfNoRecord(config, user) + ".")));
    if (consent == Consent::kYes) return {};
    return Refuse(ExitCode::kFailed, "nothing was removed", "");
  }

  UserChoice user_;
  bool yes_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeReset() { return std::make_unique<Reset>(); }

}  // namespace twofactor::tool
