// SPDX-License-Identifier: Apache-2.0
//
// outcome_test.cc - from what happens in a login to what PAM is told.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

// A stack hides what a module returned; this one shows it: PAM_IGNORE comes
// out as PAM_AUTHTOK_EXPIRED, all else as it is.
constexpr int kIgnored = PAM_AUTHTOK_EXPIRED;

void WriteShowingStack(TestHost& host, const std::string& service,
                       const std::string& arguments) {
  host.WriteStack(
      service,
      "auth [success=1 ignore=ignore default=die] @MODULE@ config=@CONFIG@ " +
          arguments +
          "\n"
          "auth [default=die] pam_debug.so auth=authtok_expired\n"
          "auth required pam_permit.so\n");
}

int ShownResult(const TestHost& host, const std::string& service,
                const std::string& user, const std::string& answer) {
  PamLogin login(host, service, user);
  return login.Answer(answer).Authenticate();
}

// A row of the table: what has happened to a host with alice enrolled, what
// she types, and the PAM code with and without `first=proven`.
struct Row {
  const char* what;
  std::function<void(TestHost&)> prepare;
  std::function<std::string(TestHost&)> answer;
  int proven;
  int unproven;
};

std::string RightCode(TestHost& host) { return host.Code("alice"); }
std::string WrongCode(TestHost& host) { return host.WrongCode("alice"); }
void Nothing(TestHost&) {}

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {"a right code", Nothing, RightCode, PAM_SUCCESS, PAM_SUCCESS},
      {"a wrong code", Nothing, WrongCode, PAM_AUTH_ERR, PAM_AUTH_ERR},
      {"no answer at all", Nothing, [](TestHost&) { return std::string(); },
       PAM_AUTH_ERR, PAM_AUTH_ERR},
      {"a used code",
       [](TestHost& host) {
         EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", RightCode(host)));
       },
       RightCode, PAM_AUTH_ERR, PAM_AUTH_ERR},
      {"too many failures",
       [](TestHost& host) {
         for (int i = 0; i < 5; ++i)
           EXPECT_PAM(host, PAM_AUTH_ERR,
                      LogIn(host, "alice", host.WrongCode("alice", i)));
       },
       RightCode, PAM_MAXTRIES, PAM_AUTH_ERR},
      {"a store that is gone",
       [](TestHost& host) { std::filesystem::remove_all(host.paths().state); },
       RightCode, PAM_AUTHINFO_UNAVAIL, PAM_AUTH_ERR},
      {"a configuration that is gone",
       [](TestHost& host) { unlink(host.config_path().c_str()); }, RightCode,
       PAM_AUTHINFO_UNAVAIL, PAM_AUTH_ERR},
      {"a user without a record, required",
       [](TestHost& host) {
         unlink(host.SecretFile("alice").c_str()),
             unlink(host.LockoutFile("alice").c_str());
       },
       RightCode, PAM_AUTH_ERR, PAM_AUTH_ERR},
      {"a user without a record, optional",
       [](TestHost& host) {
         host.WriteConfig("users = system\nsecond_factor = optional\n");
         unlink(host.SecretFile("alice").c_str());
         unlink(host.LockoutFile("alice").c_str());
       },
       RightCode, kIgnored, kIgnored},
      {"a service that is off",
       [](TestHost& host) {
         host.WriteConfigText("services = other\n" + host.FolderLines());
       },
       RightCode, kIgnored, kIgnored},
  };
  return rows;
}

CASE(each_outcome_has_its_pam_code) {
  for (const Row& row : Rows()) {
    for (const bool proven : {true, false}) {
      TestHost host;
      host.Enroll("alice");
      WriteShowingStack(host, kService, proven ? "first=proven" : "");
      row.prepare(host);
      host.log().Forget();
      const int result = ShownResult(host, kService, "alice", row.answer(host));
      const int expected = proven ? row.proven : row.unproven;
      EXPECT(result == expected, "%s, %s: %s, not %s\n%s", row.what,
             proven ? "first=proven" : "unproven", PamName(result).c_str(),
             PamName(expected).c_str(), host.log().Text().c_str());
    }
  }
}

CASE(a_failed_conversation_has_its_pam_code) {
  TestHost host;
  host.Enroll("alice");
  for (const bool proven : {true, false}) {
    WriteShowingStack(host, kService, proven ? "first=proven" : "");
    Reply reply;
    reply.result = PAM_CONV_ERR;
    PamLogin login(host, "alice");
    EXPECT_PAM(host, proven ? PAM_CONV_ERR : PAM_AUTH_ERR,
               login.Answer(reply).Authenticate());
  }
}

CASE(ignored_only_when_absence_is_proven) {
  TestHost host;
  host.WriteConfig("users = system\nsecond_factor = optional\n");
  WriteShowingStack(host, kService, "");
  // Known to the name service, and a good store has no record.
  EXPECT_PAM(host, kIgnored, ShownResult(host, kService, "bob", "123456"));
  // Unknown to the name service.
  EXPECT_PAM(host, PAM_AUTH_ERR,
             ShownResult(host, kService, "nobody-of-that-name", "123456"));
  // Enrolled.
  host.Enroll("bob");
  EXPECT_PAM(host, PAM_AUTH_ERR,
             ShownResult(host, kService, "bob", host.WrongCode("bob")));
  // Half of a record: damage, not absence.
  host.Enroll("carol");
  unlink(host.SecretFile("carol").c_str());
  EXPECT_PAM(host, PAM_AUTH_ERR,
             ShownResult(host, kService, "carol", host.Code("carol")));
  host.Enroll("dave");
  unlink(host.LockoutFile("dave").c_str());
  EXPECT_PAM(host, PAM_AUTH_ERR,
             ShownResult(host, kService, "dave", host.Code("dave")));
  // A store that cannot be read proves nothing.
  rename(host.Marker().c_str(), (host.folder() + "/elsewhere").c_str());
  EXPECT_PAM(host, PAM_AUTH_ERR,
             ShownResult(host, kService, "alice", "123456"));
}

CASE(a_name_service_that_does_not_know_means_required) {
  TestHost host;
  host.WriteConfig("users = any\nsecond_factor = optional\n");
  WriteShowingStack(host, kService, "");
  EXPECT_PAM(host, PAM_AUTH_ERR,
             ShownResult(host, kService, "radius-user", "123456"));
}

CASE(only_right_codes_succeed) {
  TestHost host;
  host.Enroll("alice");
  const std::string right = host.Code("alice");
  std::vector<std::string> wrong = {right + "0",
                                    "0" + right,
                                    right.substr(1),
                                    right.substr(0, 5),
                                    "",
                                    right + "\n",
                                    right + "x",
                                    "x" + right,
                                    "-",
                                    "000000000000",
                                    host.WrongCode("alice")};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    const int result = LogIn(host, "alice", wrong[i]);
    EXPECT(result != PAM_SUCCESS, "accepted wrong answer %zu", i);
    host.Unlock("alice");
  }
  // Spaces and dashes are how people read codes to themselves.
  EXPECT_PAM(
      host, PAM_SUCCESS,
      LogIn(host, "alice", right.substr(0, 3) + " " + right.substr(3) + " "));
}

CASE(another_users_code_is_wrong) {
  TestHost host;
  host.Enroll("alice");
  host.Enroll("bob");
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("bob")));
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "bob", host.Code("bob")));
}

CASE(a_right_code_works_once_and_an_earlier_one_never_again) {
  TestHost host;
  host.Enroll("alice");
  const Counter now = StepNow();
  const std::string current = host.CodeAt("alice", now);
  const std::string next = host.CodeAt("alice", Counter{Number(now) + 1});
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", next));
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", next));
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", current));
}

CASE(users_system_logs_in_those_whom_the_name_service_knows) {
  TestHost host;
  host.WriteConfig("users = system\n");
  host.Enroll("alice");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

CASE(names_are_folded_only_when_configured) {
  TestHost host;
  host.Enroll("alice");
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "ALICE", host.Code("alice")));
  host.WriteConfig("users = any\nuser_names = lower\n");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "Alice", host.Code("alice")));
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice")));
}

CASE(every_decision_is_logged_once_without_any_code) {
  TestHost host;
  host.Enroll("alice");
  const std::string right = host.Code("alice");
  const std::string wrong = host.WrongCode("alice");
  LogIn(host, "alice", wrong);
  LogIn(host, "alice", right);
  LogIn(host, "alice", right);
  EXPECT(host.log().Count({"event=login", "result=denied", "user=alice",
                           "service=test", "reason=wrong_code"}) == 1,
         "%s", host.log().Text().c_str());
  EXPECT(host.log().Count({"event=login", "result=denied", "user=alice",
                           "reason=used_code"}) == 1,
         "%s", host.log().Text().c_str());
  EXPECT(
      host.log().Count({"event=login", "result=accepted", "user=alice"}) == 1,
      "%s", host.log().Text().c_str());
  EXPECT(host.log().Count({"event=login"}) == 3, "%s",
         host.log().Text().c_str());
  for (const std::string& line : host.log().Lines()) {
    EXPECT(line.find(right) == std::string::npos, "a code in: %s",
           line.c_str());
    EXPECT(line.find(wrong) == std::string::npos, "a code in: %s",
           line.c_str());
    EXPECT(line.find(host.Key("alice")) == std::string::npos, "a key in: %s",
           line.c_str());
  }
}

}  // namespace
}  // namespace twofactor::test
