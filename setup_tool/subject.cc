// SPDX-License-Identifier: Apache-2.0
//
// subject.cc - from the words of the command line to a canonical name.

#include "setup_tool/subject.h"

#include "core/session/account.h"
#include "setup_tool/caller.h"
#include "setup_tool/command_text.h"

namespace twofactor::tool {
namespace {

bool IsVouchedFor(const Account& account, const Config& config) {
  return config.users == UserSource::kAny ||
         account.status == AccountStatus::kKnown;
}

std::unexpected<Failure> NoSuchUser(const std::string& name) {
  return Refuse(ExitCode::kNotFound, "there is no user " + name,
                "getent passwd " + CommandWord(name));
}

}  // namespace

void UserChoice::AddOption(OptionList& options) {
  options.Text("--user", "NAME", option_, "act on NAME, not on the caller");
}

void UserChoice::AddArgument(OptionList& options) {
  options.Argument("USER", argument_, "the same as --user USER");
}

Try<std::string> UserChoice::Name() const {
  if (option_ && argument_ && *option_ != *argument_)
    return Refuse(ExitCode::kUsage,
                  "two users: --user " + *option_ + " and " + *argument_,
                  "name one of them");
  if (option_) return *option_;
  if (argument_) return *argument_;
  return CallerName();
}

Try<UserName> ExistingUser(const std::string& name, const Config& config) {
  ASSIGN_OR_RETURN(Account account, FindAccount(name, config));
  if (!IsVouchedFor(account, config)) return NoSuchUser(name);
  return account.name;
}

Try<UserName> RecordedUser(const std::string& name, const Config& config,
                           const Store& store) {
  ASSIGN_OR_RETURN(Account account, FindAccount(name, config));
  if (IsVouchedFor(account, config)) return account.name;
  // An error means that there is something, if damaged.
  auto presence = store.Find(account.name);
  if (presence && *presence == Presence::kAbsent) return NoSuchUser(name);
  return account.name;
}

std::unexpected<Failure> NotEnrolled(const UserName& user) {
  return Refuse(ExitCode::kNotFound, user.text() + " is not enrolled",
                "twofactor enroll totp --user " + CommandWord(user.text()));
}

}  // namespace twofactor::tool
