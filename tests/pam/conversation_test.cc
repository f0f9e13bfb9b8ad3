// SPDX-License-Identifier: Apache-2.0
//
// conversation_test.cc - what applications and people do at the prompt.

#include <fcntl.h>
#include <sys/file.h>

#include <string>
#include <vector>

#include "core/base/unique_fd.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

// OpenSSH's auth-pam.c repeats this to the length of what was typed.
std::string HostDummy(std::size_t size) {
  const std::string junk = "\b\n\r\177INCORRECT";
  std::string dummy;
  for (std::size_t i = 0; i < size; ++i) dummy.push_back(junk[i % junk.size()]);
  return dummy;
}

// More often than any limit of wrong codes.
constexpr int kOften = 25;

// Says `reply` kOften times and then logs in with a right code.
void ExpectDeniedAndNotCounted(TestHost& host, const Reply& reply) {
  for (int i = 0; i < kOften; ++i) {
    PamLogin login(host, "alice");
    const int result = login.Answer(reply).Authenticate();
    EXPECT(result != PAM_SUCCESS && result != PAM_MAXTRIES, "time %d: %s\n%s",
           i, PamName(result).c_str(), host.log().Text().c_str());
  }
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

Reply Text(const std::string& text) {
  Reply reply;
  reply.text = text;
  return reply;
}

CASE(everybody_gets_the_same_prompt) {
  TestHost host;
  host.WriteConfig("users = system\n");
  host.Enroll("alice");
  for (const char* user : {"alice", "bob", "no-such-user", "root"}) {
    PamLogin login(host, user);
    login.Answer("123456").Authenticate();
    EXPECT(login.prompts().size() == 1, "%s: %zu prompts", user,
           login.prompts().size());
    EXPECT(login.prompts()[0].style == PAM_PROMPT_ECHO_ON, "%s", user);
    EXPECT(login.prompts()[0].text == "Verification code: ", "%s: '%s'", user,
           login.prompts()[0].text.c_str());
  }
}

CASE(the_throttled_and_the_damaged_get_the_same_prompt) {
  TestHost host;
  host.Enroll("alice");
  host.Enroll("bob");
  for (int i = 0; i < 8; ++i) LogIn(host, "alice", host.WrongCode("alice", i));
  OverwriteFile(host.SecretFile("bob"), "damaged");
  for (const char* user : {"alice", "bob"}) {
    PamLogin login(host, user);
    EXPECT_PAM(host, PAM_AUTH_ERR,
               login.Answer(host.Code(user)).Authenticate());
    EXPECT(login.prompts().size() == 1 &&
               login.prompts()[0].text == "Verification code: ",
           "%s", user);
  }
}

CASE(prompt_and_echo_can_be_configured) {
  TestHost host;
  host.WriteConfig("users = any\nprompt = \"Code please: \"\necho = no\n");
  host.Enroll("alice");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS,
             login.Answer(host.Code("alice")).Authenticate());
  EXPECT(login.prompts()[0].style == PAM_PROMPT_ECHO_OFF, "echo is on");
  EXPECT(login.prompts()[0].text == "Code please: ", "'%s'",
         login.prompts()[0].text.c_str());
}

// Recovery as far as a host goes that sends nothing.
struct RecoveryHost : TestHost {
  RecoveryHost() {
    WriteConfig("users = any\nrecovery = on\n");
    WriteStack(kService,
               "auth required @MODULE@ config=@CONFIG@ first=proven\n");
    Enroll("alice");
    Enroll("bob");
    const auto added = OpenStore()->Change(
        *UserName::Create("alice"),
        [](Record record, const Moment&) -> Result<Record> {
          RecoveryAddress& recovery = record.enrollment->recovery.emplace();
          recovery.address = "alice@example.org";
          recovery.key = Secret(32);
          return record;
        });
    EXPECT(added.has_value(), "cannot add the address");
  }
};

CASE(recovery_says_so_where_nothing_can_be_sent) {
  RecoveryHost host;
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_AUTHINFO_UNAVAIL,
             login.Answer("recover").Authenticate());
  EXPECT(login.prompts().size() == 2, "%zu", login.prompts().size());
  EXPECT(login.prompts()[1].style == PAM_TEXT_INFO, "not told");
  EXPECT(host.log().Text().find("reason=delivery") != std::string::npos, "%s",
         host.log().Text().c_str());
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

CASE(log_says_why_the_word_recover_does_nothing) {
  RecoveryHost host;
  struct {
    const char* recovery;
    const char* first;
    const char* reason;
  } const rows[] = {{"off", "first=proven", "reason=recovery_is_off"},
                    {"off", "", "reason=recovery_is_off"},
                    {"on", "", "reason=recovery_not_here"},
                    {"on", "first=key", "reason=recovery_not_here"}};
  for (const auto& row : rows) {
    host.WriteConfig("users = any\nrecovery = " + std::string(row.recovery) +
                     "\n");
    host.WriteStack(kService, "auth required @MODULE@ config=@CONFIG@ " +
                                  std::string(row.first) + "\n");
    host.log().Forget();
    PamLogin login(host, "alice");
    pam_putenv(login.handle(), "SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAA");
    EXPECT_PAM(host, PAM_AUTH_ERR, login.Answer("recover").Authenticate());
    EXPECT(host.log().Has({"event=login", "result=denied", row.reason}),
           "%s, %s\n%s", row.recovery, row.first, host.log().Text().c_str());
  }
}

CASE(recovery_of_who_has_no_address_asks_and_denies) {
  RecoveryHost host;
  for (const char* user : {"bob", "nobody-here"}) {
    PamLogin login(host, user);
    for (const char* text :
         {"recover", "7K3M-9QXP-T2WA", "7K3M-9QXP-T2WA", "7K3M-9QXP-T2WA"})
      login.Answer(text);
    EXPECT_PAM(host, PAM_AUTH_ERR, login.Authenticate());
    EXPECT(login.prompts().size() == 4, "%zu", login.prompts().size());
  }
}

CASE(recovery_needs_a_line_that_says_what_was_proven) {
  RecoveryHost host;
  host.WriteStack(kService, "auth required @MODULE@ config=@CONFIG@\n");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_AUTH_ERR, login.Answer("recover").Authenticate());
  EXPECT(login.prompts().size() == 1, "%zu", login.prompts().size());
}

CASE(no_lock_is_held_while_the_user_is_asked) {
  TestHost host;
  host.Enroll("alice");
  int locked = -1;
  Reply reply = Text(host.Code("alice"));
  reply.meanwhile = [&](pam_handle_t*) {
    const UniqueFd file(
        open(host.LockoutFile("alice").c_str(), O_RDWR | O_CLOEXEC));
    locked = flock(file.get(), LOCK_EX | LOCK_NB);
    // Somebody else logs in by that code before the answer is judged.
    flock(file.get(), LOCK_UN);
    EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", *reply.text));
  };
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_AUTH_ERR, login.Answer(reply).Authenticate());
  EXPECT(locked == 0, "the lock was held during the prompt");
}

CASE(a_null_answer_denies_and_is_not_counted) {
  TestHost host;
  host.Enroll("alice");
  ExpectDeniedAndNotCounted(host, Reply());
}

CASE(a_conversation_without_responses_denies) {
  TestHost host;
  host.Enroll("alice");
  Reply reply;
  reply.no_responses = true;
  ExpectDeniedAndNotCounted(host, reply);
}

CASE(an_empty_answer_denies_and_is_not_counted) {
  TestHost host;
  host.Enroll("alice");
  ExpectDeniedAndNotCounted(host, Text(""));
}

CASE(an_oversized_answer_denies_and_is_not_counted) {
  TestHost host;
  host.Enroll("alice");
  for (std::size_t size : {129u, 512u, 4096u, 1u << 20}) {
    PamLogin login(host, "alice");
    EXPECT_PAM(host, PAM_AUTH_ERR,
               login.Answer(std::string(size, '1')).Authenticate());
  }
  ExpectDeniedAndNotCounted(host, Text(std::string(513, '1')));
}

CASE(the_dummy_answer_of_sshd_is_recognized_and_not_counted) {
  TestHost host;
  host.Enroll("alice");
  for (std::size_t size : {1u, 2u, 4u, 6u, 8u, 13u, 14u, 26u, 40u, 100u}) {
    host.log().Forget();
    PamLogin login(host, "alice");
    EXPECT_PAM(host, PAM_AUTH_ERR,
               login.Answer(HostDummy(size)).Authenticate());
    EXPECT(host.log().Has({"event=login", "reason=host_admits_no_such_user",
                           "user=alice"}),
           "size %zu\n%s", size, host.log().Text().c_str());
  }
  ExpectDeniedAndNotCounted(host, Text(HostDummy(6)));
}

CASE(the_users_own_name_is_not_counted) {
  TestHost host;
  host.Enroll("alice");
  ExpectDeniedAndNotCounted(host, Text("alice"));
}

CASE(a_failed_conversation_denies_and_is_not_counted) {
  TestHost host;
  host.Enroll("alice");
  Reply reply;
  reply.result = PAM_CONV_ERR;
  ExpectDeniedAndNotCounted(host, reply);
}

CASE(an_application_without_conversation_is_denied) {
  TestHost host;
  host.Enroll("alice");
  const pam_conv none = {nullptr, nullptr};
  pam_handle_t* handle = nullptr;
  if (pam_start_confdir(kService, "alice", &none, host.stack_folder().c_str(),
                        &handle) != PAM_SUCCESS)
    return;  // libpam refuses it itself.
  const int result = pam_authenticate(handle, 0);
  pam_end(handle, result);
  EXPECT(result != PAM_SUCCESS, "accepted");
}

CASE(wrong_guesses_are_counted) {
  TestHost host;
  host.Enroll("alice");
  for (int i = 0; i < 5; ++i) LogIn(host, "alice", host.WrongCode("alice", i));
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice")));
  EXPECT(host.log().Has({"event=login", "reason=throttled", "user=alice"}),
         "%s", host.log().Text().c_str());
}

CASE(a_user_that_the_application_changes_meanwhile_is_denied) {
  TestHost host;
  host.Enroll("alice");
  host.Enroll("bob");
  for (const char* to : {"bob", "root", "alicex"}) {
    Reply reply = Text(host.Code("alice"));
    reply.meanwhile = [to](pam_handle_t* handle) {
      pam_set_item(handle, PAM_USER, to);
    };
    PamLogin login(host, "alice");
    EXPECT_PAM(host, PAM_AUTH_ERR, login.Answer(reply).Authenticate());
    EXPECT(login.Account() != PAM_SUCCESS, "the account line accepted %s", to);
    host.Enroll("alice-" + std::string(to));  // The host still works.
  }
}

// pam_exec hands PAM_AUTHTOK to a program, and asks for it where there is none.
std::string PamExecLine(const std::string& file) {
  return "auth required pam_exec.so expose_authtok /bin/sh -c [cat>" + file +
         "]\n";
}

CASE(the_password_of_the_stack_stays_as_it_was) {
  TestHost host;
  host.Enroll("alice");
  const std::string before = host.folder() + "/before";
  const std::string after = host.folder() + "/after";
  host.WriteStack(kService, PamExecLine(before) +
                                "auth required @MODULE@ config=@CONFIG@\n" +
                                PamExecLine(after));
  PamLogin login(host, "alice");
  login.Answer("the password").Answer(host.Code("alice"));
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(ReadFile(before) == ReadFile(after) &&
             ReadFile(after).starts_with("the password"),
         "before: %s, after: %s", ReadFile(before).c_str(),
         ReadFile(after).c_str());
}

CASE(a_code_never_becomes_the_password_of_later_modules) {
  TestHost host;
  host.Enroll("alice");
  const std::string after = host.folder() + "/after";
  host.WriteStack(kService, "auth required @MODULE@ config=@CONFIG@\n" +
                                PamExecLine(after));
  PamLogin login(host, "alice");
  login.Answer(host.Code("alice")).Answer("the password");
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(login.prompts().size() == 2, "pam_exec found a password");
  EXPECT(ReadFile(after).starts_with("the password"), "%s",
         ReadFile(after).c_str());
}

CASE(flags_of_the_application_change_nothing) {
  TestHost host;
  host.Enroll("alice");
  PamLogin wrong(host, "alice");
  EXPECT_PAM(host, PAM_AUTH_ERR, wrong.Answer("").Authenticate(PAM_SILENT));
  PamLogin right(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS,
             right.Answer(host.Code("alice"))
                 .Authenticate(PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK));
}

CASE(names_that_are_hostile_are_denied_and_escaped_in_the_log) {
  TestHost host;
  host.Enroll("alice");
  const std::vector<std::string> names = {"../alice",
                                          "alice/../alice",
                                          "a b",
                                          "a\nresult=accepted user=root",
                                          "\"",
                                          std::string(255, 'x'),
                                          std::string(300, 'y'),
                                          "\xff\xfe",
                                          "..",
                                          ".",
                                          "%2e",
                                          ".tmp-alice"};
  const auto before = NamesIn(host.paths().state + "/lockout");
  for (const std::string& name : names) {
    PamLogin login(host, name);
    const int result = login.Answer(host.Code("alice")).Authenticate();
    EXPECT(result == PAM_AUTH_ERR, "%s: %s", name.c_str(),
           PamName(result).c_str());
  }
  EXPECT(!host.log().Has({"result=accepted"}), "%s", host.log().Text().c_str());
  EXPECT(NamesIn(host.paths().state + "/lockout") == before,
         "somebody got a lockout file");
}

CASE(a_remote_host_cannot_write_log_lines) {
  TestHost host;
  host.Enroll("alice");
  PamLogin login(host, "alice");
  login.From("10.0.0.1 result=accepted\nevent=login").Answer("123456");
  EXPECT_PAM(host, PAM_AUTH_ERR, login.Authenticate());
  EXPECT(!host.log().Has({"result=accepted"}), "%s", host.log().Text().c_str());
}

}  // namespace
}  // namespace twofactor::test
