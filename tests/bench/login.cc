// SPDX-License-Identifier: Apache-2.0
//
// login.cc - pam_start_confdir(3) to pam_end(3).

#include "login.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "totp_code.h"

namespace bench {
namespace {

int Converse(int count, const pam_message** messages, pam_response** responses,
             void* data) {
  auto* answers = static_cast<pam_response*>(
      std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  if (answers == nullptr) return PAM_BUF_ERR;
  for (int i = 0; i < count; ++i) {
    const int style = messages[i]->msg_style;
    if (style == PAM_PROMPT_ECHO_ON || style == PAM_PROMPT_ECHO_OFF)
      answers[i].resp = strdup(static_cast<const char*>(data));
  }
  *responses = answers;
  return PAM_SUCCESS;
}

// A host that delays after a failure would be measured sleeping.
void NoDelay(int, unsigned, void*) {}

}  // namespace

std::string CodeFor(const Stack& stack, const User& user) {
  if (stack.answer == Answer::kNone) return "";
  const std::time_t now = std::time(nullptr);
  if (stack.answer == Answer::kRight) return TotpCode(user.key, now);
  if (stack.answer == Answer::kEarly) return TotpCode(user.key, now - 30);
  // Another number than any of these minutes.
  for (int number = 0;; ++number) {
    char guess[16];
    std::snprintf(guess, sizeof(guess), "%06d", number * 7919 % 1'000'000);
    bool right = false;
    for (std::time_t at = now - 150; at <= now + 150; at += 30)
      right = right || TotpCode(user.key, at) == guess;
    if (!right) return guess;
  }
}

Login Authenticate(const Stack& stack, const User& user,
                   const std::string& code) {
  Login login;
  const pam_conv conversation{Converse, const_cast<char*>(code.c_str())};
  if (pam_start_confdir("sshd", user.name.c_str(), &conversation,
                        stack.confdir.c_str(), &login.handle) != PAM_SUCCESS)
    return login;
  pam_set_item(login.handle, PAM_RHOST, "127.0.0.1");
  pam_set_item(login.handle, PAM_TTY, "ssh");
  pam_set_item(login.handle, PAM_FAIL_DELAY,
               reinterpret_cast<const void*>(&NoDelay));
  login.status = pam_authenticate(login.handle, 0);
  return login;
}

bool EndedAsExpected(const Stack& stack, const Login& login) {
  return (login.status == PAM_SUCCESS) == (stack.answer != Answer::kWrong);
}

[[gnu::noinline]] bool LogIn(const Stack& stack, const User& user,
                             const std::string& code) {
  const Login login = Authenticate(stack, user, code);
  pam_end(login.handle, login.status);
  return EndedAsExpected(stack, login);
}

}  // namespace bench
