// SPDX-License-Identifier: Apache-2.0
//
// unlock.cc - twofactor unlock: forgets a user's failed attempts.

#include "core/session/throttle.h"
#include "setup_tool/deed.h"
#include "setup_tool/host.h"
#include "setup_tool/record_change.h"
#include "setup_tool/subject.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

class Unlock final : public Verb {
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
    auto edit = [](Record& record, const Moment&) -> Try<void> {
      ClearFailures(record.state);
      return {};
    };
    RETURN_IF_ERROR(ChangeRecordOf(*host.store, user, edit));
    RETURN_IF_ERROR(ReportDeed(
        invocation, {"unlocked", user, std::nullopt,
                     "forgot the failed attempts of " + user.text()}));
    return ExitCode::kDone;
  }

 private:
  UserChoice user_;
};

}  // namespace

std::unique_ptr<Verb> MakeUnlock() { return std::make_unique<Unlock>(); }

}  // namespace twofactor::tool
