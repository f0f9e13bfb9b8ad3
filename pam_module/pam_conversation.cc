// SPDX-License-Identifier: Apache-2.0
//
// pam_conversation.cc - one message, one response.

#include "pam_module/pam_conversation.h"

#include <security/pam_appl.h>

#include <cstdlib>
#include <cstring>

namespace twofactor {

Result<Secret> PamConversation::Ask(const std::string& prompt, Echo echo) {
  const void* item = nullptr;
  if (pam_get_item(handle_, PAM_CONV, &item) != PAM_SUCCESS || !item)
    return Fail(ErrorCode::kConversation, "the host offers no conversation");
  const auto* conversation = static_cast<const pam_conv*>(item);
  if (!conversation->conv)
    return Fail(ErrorCode::kConversation, "the host offers no conversation");

  const pam_message message{
      echo == Echo::kOn ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF,
      prompt.c_str()};
  const pam_message* messages[] = {&message};
  pam_response* response = nullptr;
  const int code =
      conversation->conv(1, messages, &response, conversation->appdata_ptr);
  if (code != PAM_SUCCESS)
    return Fail(ErrorCode::kConversation, "the conversation failed");
  if (!response)
    return Fail(ErrorCode::kConversation, "the conversation has no response");

  Secret answer;
  if (char* text = response->resp) {
    const std::size_t size = strlen(text);
    answer = Secret::CopyOf(AsBytes({text, size}));
    explicit_bzero(text, size);
    free(text);
  }
  free(response);
  return answer;
}

}  // namespace twofactor
