// SPDX-License-Identifier: Apache-2.0
//
// pam_login.h - one PAM transaction in this process, with scripted answers.

#ifndef TWOFACTOR_TESTS_PAM_PAM_LOGIN_H_
#define TWOFACTOR_TESTS_PAM_PAM_LOGIN_H_

#include <security/pam_appl.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/pam/test_host.h"

namespace twofactor::test {

// What the application says to one call of its conversation function.
struct Reply {
  std::optional<std::string> text;  // Empty: a response whose text is NULL.
  // Says what to answer to this prompt, when that is not known before.
  std::function<std::string(const std::string& prompt)> say;
  int result = PAM_SUCCESS;   // Of the conversation function.
  bool no_responses = false;  // PAM_SUCCESS, but no array either.
  // Called before the function returns, with the handle.
  std::function<void(pam_handle_t*)> meanwhile;
};

struct Prompt {
  int style = 0;
  std::string text;
};

class PamLogin {
 public:
  PamLogin(const TestHost& host, const std::string& service,
           const std::string& user);
  PamLogin(const TestHost& host, const std::string& user)
      : PamLogin(host, kService, user) {}
  ~PamLogin();
  PamLogin(const PamLogin&) = delete;
  PamLogin& operator=(const PamLogin&) = delete;

  PamLogin& From(const std::string& remote_host);

  // Each adds what is said to the next prompt that has no answer yet.
  PamLogin& Answer(const std::string& text);
  PamLogin& Answer(Reply reply);

  int Authenticate(int flags = 0);
  int Account() { return result_ = pam_acct_mgmt(handle_, 0); }
  int Session() { return result_ = pam_open_session(handle_, 0); }
  int CloseSession() { return result_ = pam_close_session(handle_, 0); }
  int Credentials(int flags) { return result_ = pam_setcred(handle_, flags); }

  pam_handle_t* handle() { return handle_; }
  const std::vector<Prompt>& prompts() const { return prompts_; }

 private:
  static int Converse(int count, const pam_message** messages,
                      pam_response** responses, void* data);

  pam_handle_t* handle_ = nullptr;
  pam_conv conversation_{};
  std::vector<Reply> replies_;
  std::size_t next_reply_ = 0;
  std::vector<Prompt> prompts_;
  int result_ = PAM_SUCCESS;
};

// One login of kService by `user` who types `answer`.
int LogIn(const TestHost& host, const std::string& user,
          const std::string& answer);

// "PAM_SUCCESS" and so on.
std::string PamName(int result);

}  // namespace twofactor::test

// Compares PAM results and prints their names and the log.
#define EXPECT_PAM(host, expected, actual)                                     \
  do {                                                                         \
    const int expect_pam_actual = (actual);                                    \
    EXPECT(expect_pam_actual == (expected), "%s gave %s, not %s\n%s", #actual, \
           ::twofactor::test::PamName(expect_pam_actual).c_str(), #expected,   \
           (host).log().Text().c_str());                                       \
  } while (false)

#endif  // TWOFACTOR_TESTS_PAM_PAM_LOGIN_H_
