// SPDX-License-Identifier: Apache-2.0
//
// caller_test.cc - processes that a user without privileges can stop, limit
// and freeze are refused, and the log says so.

#include <sys/resource.h>

#include <string>
#include <vector>

#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

constexpr char kAliceUid[] = "61001";

CASE(a_caller_that_is_not_root_is_denied_and_told_in_the_log) {
  TestHost host;
  host.Enroll("alice");
  const PlainResult result =
      LogInPlainly(host, "alice", host.Code("alice"), {"-u", kAliceUid});
  EXPECT(result.pam_code == PAM_AUTH_ERR, "%s\n%s",
         PamName(result.pam_code).c_str(), host.log().Text().c_str());
  EXPECT(host.log().Has({"event=login", "result=denied", "user=alice",
                         "reason=caller_is_not_root"}),
         "%s", host.log().Text().c_str());
  // Nothing was evaluated: the code is still good.
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

CASE(a_caller_that_is_not_root_is_not_exempt_unless_the_service_is_off) {
  TestHost host;
  host.WriteConfig("users = system\nsecond_factor = optional\n");
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@\n"
                  "auth required pam_permit.so\n");
  PlainResult result = LogInPlainly(host, "bob", "123456", {"-u", kAliceUid});
  EXPECT(result.pam_code != PAM_SUCCESS, "let in\n%s",
         host.log().Text().c_str());
  host.WriteConfigText("services = other\n" + host.FolderLines());
  result = LogInPlainly(host, "bob", "123456", {"-u", kAliceUid});
  EXPECT(result.pam_code == PAM_SUCCESS, "%s\n%s",
         PamName(result.pam_code).c_str(), host.log().Text().c_str());
}

// RLIMIT_FSIZE below what a record may need: a write beyond it is answered
// with SIGXFSZ, which ends the host application.
CASE(a_small_file_size_limit_denies_before_anything_is_evaluated) {
  TestHost host;
  host.Enroll("alice");
  const std::string state = ReadFile(host.LockoutFile("alice"));
  for (const char* bytes :
       {"0", "1", "511", "4095", "4096", "8191", "8192", "12287"}) {
    host.log().Forget();
    const PlainResult result =
        LogInPlainly(host, "alice", host.Code("alice"), {"-f", bytes});
    EXPECT(result.exit.signal == 0, "ulimit -f %s: %s", bytes,
           Describe(result.exit).c_str());
    EXPECT(result.pam_code == PAM_AUTH_ERR, "ulimit -f %s: %s\n%s", bytes,
           PamName(result.pam_code).c_str(), host.log().Text().c_str());
    EXPECT(host.log().Has({"event=login", "result=denied", "user=alice",
                           "reason=caller_limits"}),
           "ulimit -f %s\n%s", bytes, host.log().Text().c_str());
    EXPECT(ReadFile(host.LockoutFile("alice")) == state,
           "ulimit -f %s: an attempt was recorded", bytes);
  }
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

CASE(a_file_size_limit_never_lets_guesses_go_unrecorded) {
  TestHost host;
  host.Enroll("alice");
  for (int i = 0; i < 30; ++i)
    LogInPlainly(host, "alice", host.WrongCode("alice", i), {"-f", "4096"});
  EXPECT(host.log().Count({"reason=wrong_code"}) == 0, "guesses were judged");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

CASE(a_small_descriptor_limit_never_succeeds_without_a_commit) {
  TestHost host;
  bool once_denied = false;
  bool once_accepted = false;
  for (const char* when : {"-n", "-p"}) {
    for (int count = 0; count <= 16; ++count) {
      const std::string user = std::string("u") + when + std::to_string(count);
      host.Enroll(user);
      const std::string code = host.Code(user);
      const PlainResult result =
          LogInPlainly(host, user, code, {when, std::to_string(count)});
      EXPECT(result.exit.signal == 0, "%s %d: %s", when, count,
             Describe(result.exit).c_str());
      if (result.pam_code == PAM_SUCCESS) {
        once_accepted = true;
        EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, user, code));
      } else {
        once_denied = true;
        EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, user, host.Code(user, 1)));
      }
    }
  }
  EXPECT(once_denied && once_accepted, "the limits were not tried");
}

}  // namespace
}  // namespace twofactor::test
