// SPDX-License-Identifier: Apache-2.0
//
// account_session_test.cc - the proof that authentication leaves behind, and
// who asks for it.

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <string>

#include "core/base/unique_fd.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

// Moves the clock that measures time since boot, for this process alone.
// False where time namespaces do not exist.
bool AdvanceMonotonicClock(long seconds) {
  if (unshare(CLONE_NEWTIME) != 0) return false;
  const std::string offsets = "monotonic " + std::to_string(seconds) +
                              " 0\nboottime " + std::to_string(seconds) +
                              " 0\n";
  const UniqueFd file(open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC));
  if (write(file.get(), offsets.data(), offsets.size()) < 0) return false;
  const UniqueFd space(
      open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC));
  return setns(space.get(), CLONE_NEWTIME) == 0;
}

CASE(account_demands_the_proof_of_this_transaction) {
  TestHost host;
  host.Enroll("alice");
  PamLogin without(host, "alice");
  EXPECT_PAM(host, PAM_PERM_DENIED, without.Account());

  PamLogin with(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS, with.Answer(host.Code("alice")).Authenticate());
  EXPECT_PAM(host, PAM_SUCCESS, with.Account());
  EXPECT_PAM(host, PAM_SUCCESS, with.Session());
  EXPECT_PAM(host, PAM_SUCCESS, with.CloseSession());

  PamLogin other(host, "alice");
  EXPECT_PAM(host, PAM_PERM_DENIED, other.Account());
}

CASE(a_denied_login_leaves_no_proof) {
  TestHost host;
  host.Enroll("alice");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_AUTH_ERR,
             login.Answer(host.WrongCode("alice")).Authenticate());
  EXPECT_PAM(host, PAM_PERM_DENIED, login.Account());
}

CASE(each_authentication_clears_the_earlier_proof) {
  TestHost host;
  host.Enroll("alice");
  PamLogin login(host, "alice");
  login.Answer(host.Code("alice")).Answer(host.WrongCode("alice"));
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT_PAM(host, PAM_AUTH_ERR, login.Authenticate());
  EXPECT_PAM(host, PAM_PERM_DENIED, login.Account());
}

CASE(a_failed_conversation_clears_the_earlier_proof) {
  TestHost host;
  host.Enroll("alice");
  PamLogin login(host, "alice");
  Reply reply;
  reply.result = PAM_CONV_ERR;
  login.Answer(host.Code("alice")).Answer(reply);
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(login.Authenticate() != PAM_SUCCESS, "accepted without an answer");
  EXPECT_PAM(host, PAM_PERM_DENIED, login.Account());
}

CASE(a_proof_is_of_one_user) {
  TestHost host;
  host.Enroll("alice");
  host.Enroll("bob");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS,
             login.Answer(host.Code("alice")).Authenticate());
  pam_set_item(login.handle(), PAM_USER, "bob");
  EXPECT_PAM(host, PAM_PERM_DENIED, login.Account());
  EXPECT(login.Session() != PAM_SUCCESS, "bob got a session");
}

CASE(a_proof_is_of_one_service) {
  TestHost host;
  host.WriteConfigText("services = test other\nusers = any\n" +
                       host.FolderLines());
  host.WriteStack("other", "account required @MODULE@ config=@CONFIG@\n");
  host.Enroll("alice");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS,
             login.Answer(host.Code("alice")).Authenticate());
  pam_set_item(login.handle(), PAM_SERVICE, "other");
  EXPECT_PAM(host, PAM_PERM_DENIED, login.Account());
}

CASE(a_proof_is_still_valid_after_117_seconds) {
  TestHost host;
  host.Enroll("alice");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS,
             login.Answer(host.Code("alice")).Authenticate());
  if (!AdvanceMonotonicClock(117)) {
    print_message("SKIP: this kernel has no time namespaces\n");
    return;
  }
  EXPECT_PAM(host, PAM_SUCCESS, login.Account());
}

CASE(a_proof_is_not_valid_after_121_seconds) {
  TestHost host;
  host.Enroll("alice");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS,
             login.Answer(host.Code("alice")).Authenticate());
  // Offsets add to those of the machine, not to those of the case before.
  if (!AdvanceMonotonicClock(117 + 121)) {
    print_message("SKIP: this kernel has no time namespaces\n");
    return;
  }
  EXPECT_PAM(host, PAM_PERM_DENIED, login.Account());
}

CASE(who_is_exempt_passes_account_and_session) {
  TestHost host;
  host.WriteConfig("users = system\nsecond_factor = optional\n");
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@\n"
                  "auth required pam_permit.so\n"
                  "account required @MODULE@ config=@CONFIG@\n"
                  "account required pam_permit.so\n"
                  "session required @MODULE@ config=@CONFIG@\n"
                  "session required pam_permit.so\n");
  PamLogin login(host, "bob");
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(login.prompts().empty(), "bob was asked");
  EXPECT_PAM(host, PAM_SUCCESS, login.Account());
  EXPECT_PAM(host, PAM_SUCCESS, login.Session());
  // Without authentication too: a key login of somebody without a factor.
  PamLogin key(host, "bob");
  EXPECT_PAM(host, PAM_SUCCESS, key.Account());
  EXPECT_PAM(host, PAM_SUCCESS, key.Session());
}

CASE(a_service_that_is_off_passes_account_and_session) {
  TestHost host;
  host.WriteConfigText("services = other\n" + host.FolderLines());
  host.WriteStack(kService,
                  "account required @MODULE@ config=@CONFIG@\n"
                  "account required pam_permit.so\n"
                  "session required @MODULE@ config=@CONFIG@\n"
                  "session required pam_permit.so\n");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS, login.Account());
  EXPECT_PAM(host, PAM_SUCCESS, login.Session());
}

CASE(keys_session_leaves_the_decision_to_the_session_line) {
  TestHost host;
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@\n"
                  "account required @MODULE@ config=@CONFIG@ keys=session\n"
                  "account required pam_permit.so\n"
                  "session required @MODULE@ config=@CONFIG@\n");
  host.Enroll("alice");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS, login.Account());
  EXPECT_PAM(host, PAM_SESSION_ERR, login.Session());

  PamLogin proven(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS,
             proven.Answer(host.Code("alice")).Authenticate());
  EXPECT_PAM(host, PAM_SUCCESS, proven.Account());
  EXPECT_PAM(host, PAM_SUCCESS, proven.Session());
}

CASE(keys_session_still_denies_after_a_refused_code) {
  TestHost host;
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@\n"
                  "account required @MODULE@ config=@CONFIG@ keys=session\n"
                  "account required pam_permit.so\n"
                  "session required @MODULE@ config=@CONFIG@\n");
  host.Enroll("alice");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_AUTH_ERR,
             login.Answer(host.WrongCode("alice")).Authenticate());
  EXPECT_PAM(host, PAM_PERM_DENIED, login.Account());
  EXPECT_PAM(host, PAM_SESSION_ERR, login.Session());
}

// What sshd tells of the methods that were completed before this one.
int LogInAfter(TestHost& host, const std::string& user,
               const std::string& methods) {
  PamLogin login(host, user);
  if (!methods.empty())
    pam_putenv(login.handle(), ("SSH_AUTH_INFO_0=" + methods).c_str());
  return login.Answer(host.Code(user)).Authenticate();
}

CASE(first_key_demands_a_key_before_the_code) {
  TestHost host;
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@ first=key\n");
  host.Enroll("alice");
  for (const char* methods :
       {"", "password", "password\nkeyboard-interactive/pam", "publickeys x",
        "password publickey", "hostbased publickey ssh-ed25519 AAAA"}) {
    host.log().Forget();
    EXPECT_PAM(host, PAM_AUTH_ERR, LogInAfter(host, "alice", methods));
    EXPECT(host.log().Has({"event=login", "result=denied", "user=alice",
                           "reason=no_key_before"}),
           "after '%s'\n%s", methods, host.log().Text().c_str());
  }
  EXPECT_PAM(host, PAM_SUCCESS,
             LogInAfter(host, "alice", "publickey ssh-ed25519 AAAA"));
  host.Enroll("bob");
  EXPECT_PAM(host, PAM_SUCCESS,
             LogInAfter(host, "bob", "password\npublickey ssh-rsa AAAA"));
}

// In sshd, keyboard-interactive leaves its proof in another process; its name
// is then all that the session line has.
CASE(a_session_without_other_phases_goes_by_the_methods_that_sshd_names) {
  TestHost host;
  host.Enroll("alice");
  for (const auto& [methods, result] :
       {std::pair("publickey ssh-ed25519 AAAA", PAM_SESSION_ERR),
        std::pair("publickey keyboard-interactive", PAM_SESSION_ERR),
        std::pair("keyboard-interactively", PAM_SESSION_ERR),
        std::pair("publickey ssh-ed25519 A\nkeyboard-interactive/pam",
                  PAM_SUCCESS)}) {
    PamLogin login(host, "alice");
    pam_putenv(login.handle(),
               ("SSH_AUTH_INFO_0=" + std::string(methods)).c_str());
    EXPECT_PAM(host, result, login.Session());
  }
  // A phase of ours in this process knows better.
  PamLogin refused(host, "alice");
  refused.Answer(host.WrongCode("alice")).Authenticate();
  pam_putenv(refused.handle(), "SSH_AUTH_INFO_0=keyboard-interactive/pam");
  EXPECT_PAM(host, PAM_SESSION_ERR, refused.Session());
}

CASE(a_broken_host_fails_account_and_session) {
  TestHost host;
  host.Enroll("alice");
  unlink(host.Marker().c_str());
  PamLogin login(host, "alice");
  EXPECT(login.Account() != PAM_SUCCESS, "account without a store");
  EXPECT(login.Session() != PAM_SUCCESS, "session without a store");
  unlink(host.config_path().c_str());
  PamLogin second(host, "alice");
  EXPECT(second.Account() != PAM_SUCCESS, "account without a configuration");
  EXPECT(second.Session() != PAM_SUCCESS, "session without a configuration");
}

CASE(setcred_always_succeeds) {
  TestHost host;
  int number = 0;
  for (auto each : {PAM_ESTABLISH_CRED, PAM_DELETE_CRED, PAM_REINITIALIZE_CRED,
                    PAM_REFRESH_CRED}) {
    const int flag = static_cast<int>(each);
    // Alone, as sshd calls it for keys, and after authentication.
    PamLogin alone(host, "alice");
    EXPECT_PAM(host, PAM_SUCCESS, alone.Credentials(flag));
    const std::string user = "user" + std::to_string(++number);
    host.Enroll(user);
    PamLogin after(host, user);
    EXPECT_PAM(host, PAM_SUCCESS, after.Answer(host.Code(user)).Authenticate());
    EXPECT_PAM(host, PAM_SUCCESS, after.Credentials(flag));
  }
}

CASE(changing_a_password_is_not_ours) {
  TestHost host;
  host.WriteStack(kService,
                  "password required @MODULE@ config=@CONFIG@\n"
                  "password required pam_permit.so\n");
  PamLogin login(host, "alice");
  const int result = pam_chauthtok(login.handle(), 0);
  EXPECT(result != PAM_ABORT && result != PAM_MODULE_UNKNOWN, "%s",
         PamName(result).c_str());
}

}  // namespace
}  // namespace twofactor::test
