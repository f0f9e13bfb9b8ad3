// SPDX-License-Identifier: Apache-2.0
//
// pam_login.cc - pam_start_confdir and a conversation that follows a script.

#include "tests/pam/pam_login.h"

#include <cstdlib>
#include <cstring>

#include "tests/pam/cmocka_case.h"

namespace twofactor::test {

PamLogin::PamLogin(const TestHost& host, const std::string& service,
                   const std::string& user)
    : conversation_{Converse, this} {
  const int result =
      pam_start_confdir(service.c_str(), user.c_str(), &conversation_,
                        host.stack_folder().c_str(), &handle_);
  EXPECT(result == PAM_SUCCESS, "pam_start gave %s", PamName(result).c_str());
}

PamLogin::~PamLogin() { pam_end(handle_, result_); }

PamLogin& PamLogin::From(const std::string& remote_host) {
  pam_set_item(handle_, PAM_RHOST, remote_host.c_str());
  return *this;
}

PamLogin& PamLogin::Answer(const std::string& text) {
  Reply reply;
  reply.text = text;
  return Answer(std::move(reply));
}

PamLogin& PamLogin::Answer(Reply reply) {
  replies_.push_back(std::move(reply));
  return *this;
}

int PamLogin::Authenticate(int flags) {
  return result_ = pam_authenticate(handle_, flags);
}

int PamLogin::Converse(int count, const pam_message** messages,
                       pam_response** responses, void* data) {
  auto* login = static_cast<PamLogin*>(data);
  auto* array = static_cast<pam_response*>(
      std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  Reply reply;
  for (int i = 0; i < count; ++i) {
    login->prompts_.push_back({messages[i]->msg_style, messages[i]->msg});
    if (messages[i]->msg_style != PAM_PROMPT_ECHO_ON &&
        messages[i]->msg_style != PAM_PROMPT_ECHO_OFF)
      continue;
    if (login->next_reply_ < login->replies_.size())
      reply = login->replies_[login->next_reply_++];
    else
      reply.result = PAM_CONV_ERR;
    if (reply.say) reply.text = reply.say(messages[i]->msg);
    if (reply.text) {
      array[i].resp = static_cast<char*>(std::malloc(reply.text->size() + 1));
      std::memcpy(array[i].resp, reply.text->c_str(), reply.text->size() + 1);
    }
  }
  if (reply.meanwhile) reply.meanwhile(login->handle_);
  if (reply.result != PAM_SUCCESS || reply.no_responses) {
    for (int i = 0; i < count; ++i) std::free(array[i].resp);
    std::free(array);
    array = nullptr;
  }
  *responses = array;
  return reply.result;
}

int LogIn(const TestHost& host, const std::string& user,
          const std::string& answer) {
  PamLogin login(host, user);
  return login.Answer(answer).Authenticate();
}

std::string PamName(int result) {
  switch (result) {
    case PAM_SUCCESS:
      return "PAM_SUCCESS";
    case PAM_AUTH_ERR:
      return "PAM_AUTH_ERR";
    case PAM_IGNORE:
      return "PAM_IGNORE";
    case PAM_MAXTRIES:
      return "PAM_MAXTRIES";
    case PAM_AUTHINFO_UNAVAIL:
      return "PAM_AUTHINFO_UNAVAIL";
    case PAM_PERM_DENIED:
      return "PAM_PERM_DENIED";
    case PAM_CONV_ERR:
      return "PAM_CONV_ERR";
    case PAM_SYSTEM_ERR:
      return "PAM_SYSTEM_ERR";
    case PAM_SERVICE_ERR:
      return "PAM_SERVICE_ERR";
    case PAM_BUF_ERR:
      return "PAM_BUF_ERR";
    case PAM_MODULE_UNKNOWN:
      return "PAM_MODULE_UNKNOWN";
    case PAM_USER_UNKNOWN:
      return "PAM_USER_UNKNOWN";
    case PAM_ACCT_EXPIRED:
      return "PAM_ACCT_EXPIRED";
    case PAM_SESSION_ERR:
      return "PAM_SESSION_ERR";
    case PAM_ABORT:
      return "PAM_ABORT";
    default:
      return "PAM code " + std::to_string(result);
  }
}

}  // namespace twofactor::test
