// SPDX-License-Identifier: Apache-2.0
//
// sudo_su_test.cc - the setuid programs that ask PAM.  Both keep the real uid
// of who calls them while they do, so who calls them could stop or freeze them
// with a lock in their hands.

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

// Whether sudo by an unprivileged user can be let in: not before a service of
// our own judges for callers whose real uid is not root's.
#define TWOFACTOR_SUDO_ALLOWED 0

#if TWOFACTOR_SUDO_ALLOWED
CASE(sudo_asks_for_password_and_code) {
  TestHost host;
  const std::string sudo = PrepareSudo(host);
  Terminal terminal({sudo, "id", "-u"}, kAliceUid);
  terminal.Expect("password for alice");
  terminal.Type(kPassword);
  terminal.Expect("Verification code: ");
  terminal.Type(OathtoolCode(host.Key("alice")));
  const int code = terminal.Wait();
  EXPECT(code == 0 && terminal.screen().ends_with("\r\n0\r\n"),
         "exit %d: %s\n%s", code, terminal.screen().c_str(),
         host.log().Text().c_str());
  EXPECT(host.log().Has(
             {"event=login", "result=accepted", "user=alice", "service=sudo"}),
         "%s", host.log().Text().c_str());
}

CASE(sudo_refuses_a_wrong_and_a_used_code) {
  TestHost host;
  const std::string sudo = PrepareSudo(host);
  const std::string key = host.Key("alice");
  const std::string used = OathtoolCode(key);
  for (const std::string& code : {used, used, WrongOathtoolCode(key)}) {
    const bool first = !host.log().Has({"result=accepted"});
    Terminal terminal({sudo, "id", "-u"}, kAliceUid);
    terminal.Expect("password for alice");
    terminal.Type(kPassword);
    terminal.Expect("Verification code: ");
    terminal.Type(code);
    if (first) {
      EXPECT(terminal.Wait() == 0, "%s", terminal.screen().c_str());
      continue;
    }
    terminal.Expect("try again");
    EXPECT(terminal.screen().find("\r\n0\r\n") == std::string::npos,
           "sudo ran the command: %s", terminal.screen().c_str());
  }
  EXPECT(host.log().Has({"reason=used_code", "service=sudo"}), "%s",
         host.log().Text().c_str());
  EXPECT(host.log().Has({"reason=wrong_code", "service=sudo"}), "%s",
         host.log().Text().c_str());
}
#else
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
#endif

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

}  // namespace
}  // namespace twofactor::test
