// SPDX-License-Identifier: Apache-2.0
//
// conversation.h - asking whoever is logging in.
//
// Implemented over pam_conv in pam_module/ and over the terminal in
// setup_tool/.

#ifndef TWOFACTOR_CORE_SESSION_CONVERSATION_H_
#define TWOFACTOR_CORE_SESSION_CONVERSATION_H_

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/session/config.h"

namespace twofactor {

class Conversation {
 public:
  virtual ~Conversation() = default;

  // Shows `prompt` and returns what was typed, without the line end: any
  // bytes, possibly none.  kConversation when there is nobody to ask.
  virtual Result<Secret> Ask(std::string_view prompt, Echo echo) = 0;

  // Shows a line, as far as the host shows any: nothing may depend on it.
  // OpenSSH up to 10.2 keeps it until the next prompt or the shell.
  virtual void Tell(const std::string& text) = 0;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_CONVERSATION_H_
