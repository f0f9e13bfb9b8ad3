// SPDX-License-Identifier: Apache-2.0
//
// login.h - one PAM login, answered by the program itself.

#ifndef TWOFACTOR_TESTS_BENCH_LOGIN_H_
#define TWOFACTOR_TESTS_BENCH_LOGIN_H_

#include <security/pam_appl.h>

#include <cstdint>
#include <string>

namespace bench {

enum class Answer { kNone, kRight, kWrong, kEarly };

// A PAM service "sshd" in a folder of its own, and how its prompts are
// answered.
struct Stack {
  std::string name;
  std::string confdir;
  Answer answer = Answer::kNone;
  std::size_t logins_a_round = SIZE_MAX;
};

struct User {
  std::string name;
  std::string key;  // Of TOTP, raw.
};

// What is typed at this moment.
std::string CodeFor(const Stack& stack, const User& user);

struct Login {
  pam_handle_t* handle = nullptr;  // The caller ends it.
  int status = PAM_SYSTEM_ERR;
};
Login Authenticate(const Stack& stack, const User& user,
                   const std::string& code);

// Whether the login ended as the stack's answer says.
bool EndedAsExpected(const Stack& stack, const Login& login);

// From pam_start to pam_end.  Never inlined: callgrind counts from here.
bool LogIn(const Stack& stack, const User& user, const std::string& code);

}  // namespace bench

#endif  // TWOFACTOR_TESTS_BENCH_LOGIN_H_
