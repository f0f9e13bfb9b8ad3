// SPDX-License-Identifier: Apache-2.0
//
// plain_login.h - logins by plain_host: each in a process that has nothing of
// ours in it but the module.

#ifndef TWOFACTOR_TESTS_PAM_PLAIN_LOGIN_H_
#define TWOFACTOR_TESTS_PAM_PLAIN_LOGIN_H_

#include <string>
#include <vector>

#include "tests/pam/process.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {

struct PlainLogin {
  std::string user;
  std::string answer;
};

// Starts plain_host with `options` before its operands; see plain_host.c.
Process StartPlainHost(const TestHost& host,
                       const std::vector<PlainLogin>& logins,
                       const std::vector<std::string>& options = {},
                       const std::vector<int>& kept_descriptors = {});

// First numbers of its lines: PAM codes of the logins that it finished.
std::vector<int> PamCodes(const Exit& exit);
// Second numbers of its lines.
std::vector<long> SecondNumbers(const Exit& exit);

// One login in a process of its own.  A login that did not finish is -1.
struct PlainResult {
  int pam_code = -1;
  long second = 0;
  Exit exit;
};
PlainResult LogInPlainly(const TestHost& host, const std::string& user,
                         const std::string& answer,
                         const std::vector<std::string>& options = {});

// Lets many processes come to their prompt and then all answer at once.
class Crowd {
 public:
  explicit Crowd(const TestHost& host) : host_(host) {}
  void Add(const std::string& user, const std::string& answer,
           const std::vector<std::string>& options = {});

  // PAM codes, in the order of Add.
  std::vector<int> LogInAtOnce();

 private:
  struct Member {
    PlainLogin login;
    std::vector<std::string> options;
  };
  const TestHost& host_;
  std::vector<Member> members_;
};

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_PAM_PLAIN_LOGIN_H_
