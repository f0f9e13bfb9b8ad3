// SPDX-License-Identifier: Apache-2.0
//
// subject.h - the user that a verb acts on.

#ifndef TWOFACTOR_SETUP_TOOL_SUBJECT_H_
#define TWOFACTOR_SETUP_TOOL_SUBJECT_H_

#include <optional>
#include <string>

#include "core/session/config.h"
#include "core/store/store.h"
#include "core/store/user_name.h"
#include "setup_tool/failure.h"
#include "setup_tool/option_list.h"

namespace twofactor::tool {

// What the command line says of the user.
class UserChoice {
 public:
  void AddOption(OptionList& options);
  // USER without --user in front of it, too.
  void AddArgument(OptionList& options);

  bool given() const { return option_ || argument_; }
  // --user or USER, else the caller.  kUsage.
  Try<std::string> Name() const;

 private:
  std::optional<std::string> option_;
  std::optional<std::string> argument_;
};

// The canonical name of somebody who may be enrolled.  kNotFound unless the
// name service knows the user, or `users = any`.
Try<UserName> ExistingUser(const std::string& name, const Config& config);

// The same for somebody who may have gone since: a record will do.
Try<UserName> RecordedUser(const std::string& name, const Config& config,
                           const Store& store);

// kNotFound, saying how to enroll.
std::unexpected<Failure> NotEnrolled(const UserName& user);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_SUBJECT_H_
