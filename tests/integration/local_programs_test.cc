// SPDX-License-Identifier: Apache-2.0
//
// local_programs_test.cc - login, sudo and su.  The latter two keep the real
// uid of who calls them while they ask PAM, so who calls them could stop or
// freeze them with a lock in their hands.

#include <sys/stat.h>

#include <string>

#include "tests/integration/real_programs.h"
#include "tests/integration/terminal.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

constexpr char kStack[] =
    "auth required pam_unix.so nodelay\n"
    "auth required @MODULE@ config=@CONFIG@ first=proven\n"
    "account required pam_unix.so\n"
    "account required @MODULE@ config=@CONFIG@\n"
    "session required pam_permit.so\n";

void Prepare(TestHost& host) {
  host.WriteConfigText("services = sudo su\n" + host.FolderLines());
  for (const char* service : {"sudo", "su"})
    host.WriteSystemStack(service, kStack);
  host.Enroll("alice");
  host.Enroll("bob");
}

// sudo as the distribution ships it, for alice alone.
std::string PrepareSudo(TestHost& host) {
  const std::string sudo = Need("sudo");
  Prepare(host);
  WriteFile("/etc/sudoers",
            "Defaults !lecture, timestamp_timeout=0\nalice ALL=(ALL) ALL\n");
  chmod("/etc/sudoers", 0440);
  chmod(host.folder().c_str(), 0755);
  return sudo;
}

CASE(sudo_by_an_unprivileged_user_is_denied_and_told_in_the_log) {
  TestHost host;
  const std::string sudo = PrepareSudo(host);
  Terminal terminal({sudo, "id", "-u"}, kAliceUid);
  terminal.Expect("password for alice");
  terminal.Type(kPassword);
  terminal.Expect("try again");
  EXPECT(terminal.screen().find("\r\n0\r\n") == std::string::npos,
         "sudo ran the command: %s", terminal.screen().c_str());
  EXPECT(host.log().Has({"event=login", "result=denied", "user=alice",
                         "service=sudo", "reason=caller_is_not_root"}),
         "%s", host.log().Text().c_str());
  EXPECT(host.log().Count({"result=accepted"}) == 0, "%s",
         host.log().Text().c_str());
}
CASE(su_by_an_unprivileged_user_is_denied_and_told_in_the_log) {
  TestHost host;
  const std::string su = Need("su");
  Prepare(host);
  Terminal terminal({su, "bob", "-c", "id -un"}, kAliceUid);
  terminal.Expect("Password: ");
  terminal.Type(kPassword);
  EXPECT(terminal.Wait() != 0, "su let alice become bob: %s",
         terminal.screen().c_str());
  EXPECT(host.log().Has({"event=login", "result=denied", "user=bob",
                         "service=su", "reason=caller_is_not_root"}),
         "%s", host.log().Text().c_str());
  EXPECT(host.log().Count({"result=accepted"}) == 0, "%s",
         host.log().Text().c_str());
}

CASE(su_by_root_asks_for_the_code_of_the_target) {
  TestHost host;
  const std::string su = Need("su");
  Prepare(host);
  Terminal terminal({su, "bob", "-c", "id -un"});
  terminal.Expect("Password: ");
  terminal.Type(kPassword);
  terminal.Expect("Verification code: ");
  terminal.Type(OathtoolCode(host.Key("bob")));
  EXPECT(terminal.Wait() == 0 &&
             terminal.screen().find("bob\r\n") != std::string::npos,
         "%s\n%s", terminal.screen().c_str(), host.log().Text().c_str());
}

CASE(the_example_stack_of_login_asks_for_password_and_code) {
  TestHost host;
  const std::string login = Need("login");
  host.WriteConfigText("services = login\n" + host.FolderLines());
  host.WriteSystemStack("login", ExampleStack("login-password-code"));
  host.Enroll("alice");
  const std::string code = OathtoolCode(host.Key("alice"));
  for (const bool right : {true, false}) {
    Terminal terminal({login, "alice"});
    terminal.Expect("Password: ");
    terminal.Type(kPassword);
    terminal.Expect("Verification code: ");
    terminal.Type(code);  // The second time it is used.
    if (right) {
      terminal.Expect("$ ");
      terminal.Type("echo in-as-$(id -un)");
      EXPECT(terminal.See("\nin-as-alice"), "%s\n%s", terminal.screen().c_str(),
             host.log().Text().c_str());
    } else {
      terminal.Expect("Login incorrect");
    }
  }
  EXPECT(host.log().Has({"result=accepted", "user=alice", "service=login"}),
         "%s", host.log().Text().c_str());
  EXPECT(host.log().Has({"reason=used_code", "service=login"}), "%s",
         host.log().Text().c_str());
}

}  // namespace
}  // namespace twofactor::test
