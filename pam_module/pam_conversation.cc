// SPDX-License-Identifier: Apache-2.0
//
// pam_conversation.cc - one message, one response.

#include "pam_module/pam_conversation.h"

#include <cstdlib>
#include <cstring>

namespace twofactor {

namespace {

// The host's copy of the answer, ours to wipe and to free.
class HostAnswer {
 public:
  explicit HostAnswer(pam_response* response) : response_(response) {}
  HostAnswer(const HostAnswer&) = delete;
  HostAnswer& operator=(const HostAnswer&) = delete;
  ~HostAnswer() {
    if (char* text = response_->resp) {
      explicit_bzero(text, strlen(text));
      free(text);
    }
    free(response_);
  }

 private:
  pam_response* response_;
};

}  // namespace

const pam_conv* PamConversation::Find() const {
  const void* item = nullptr;
  if (pam_get_item(handle_, PAM_CONV, &item) != PAM_SUCCESS || !item)
    return nullptr;
  const auto* conversation = static_cast<const pam_conv*>(item);
  return conversation->conv ? conversation : nullptr;
}

Result<Secret> PamConversation::Ask(std::string_view prompt, Echo echo) {
  const pam_conv* conversation = Find();
  if (!conversation)
    return Fail(ErrorCode::kConversation, "the host offers no conversation");

  // What is asked may show a key: the copy with the NUL is wiped.
  const Secret text = Joined({prompt, std::string_view("", 1)});
  const pam_message message{
      echo == Echo::kOn ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF,
      AsText(text.Expose()).data()};
  const pam_message* messages[] = {&message};
  pam_response* response = nullptr;
  const int code =
      conversation->conv(1, messages, &response, conversation->appdata_ptr);
  if (code != PAM_SUCCESS)
    return Fail(ErrorCode::kConversation, "the conversation failed");
  if (!response)
    return Fail(ErrorCode::kConversation, "the conversation has no response");

  const HostAnswer owned(response);
  if (!response->resp) return Secret();
  return Secret::CopyOf(AsBytes(response->resp));
}

void PamConversation::Tell(const std::string& text) {
  const pam_conv* conversation = Find();
  if (!conversation) return;
  const pam_message message{PAM_TEXT_INFO, text.c_str()};
  const pam_message* messages[] = {&message};
  pam_response* response = nullptr;
  const int code =
      conversation->conv(1, messages, &response, conversation->appdata_ptr);
  if (code == PAM_SUCCESS && response) const HostAnswer owned(response);
}

}  // namespace twofactor
