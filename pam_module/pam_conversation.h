// SPDX-License-Identifier: Apache-2.0
//
// pam_conversation.h - the Conversation of core/session/ over pam_conv.
//
// Trust: what comes back was typed by the peer and passed on by the host.

#ifndef TWOFACTOR_PAM_MODULE_PAM_CONVERSATION_H_
#define TWOFACTOR_PAM_MODULE_PAM_CONVERSATION_H_

#include <security/pam_appl.h>
#include <security/pam_modules.h>

#include "core/session/conversation.h"

namespace twofactor {

class PamConversation final : public Conversation {
 public:
  explicit PamConversation(pam_handle_t* handle) : handle_(handle) {}

  // One prompt, whose text holds all that the user must see: sshd shows
  // PAM_TEXT_INFO late or never.  The host's copy of the answer is wiped.
  Result<Secret> Ask(std::string_view prompt, Echo echo) override;
  void Tell(const std::string& text) override;

 private:
  // The host's, null if it offers none.
  const pam_conv* Find() const;

  pam_handle_t* handle_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_PAM_MODULE_PAM_CONVERSATION_H_
