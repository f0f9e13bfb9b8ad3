// SPDX-License-Identifier: Apache-2.0
//
// ssh_code_test.cc - logins by the distribution's ssh through its sshd with
// codes that are read out of the mailbox and the gateway.

#include <unistd.h>

#include <string>
#include <vector>

#include "tests/delivery/delivery_host.h"
#include "tests/integration/real_programs.h"
#include "tests/integration/ssh_host.h"
#include "tests/integration/terminal.h"
#include "tests/pam/cmocka_case.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

constexpr int kGoodServer = 2525;
constexpr int kUntrustedServer = 2527;

constexpr char kEmail[] = "alice@example.org";
constexpr char kNumber[] = "+4915112345678";
constexpr char kMailed[] = "A code was sent to a***e@example.org.";
constexpr char kPrompt[] = "Verification code (or: email): ";
constexpr char kLongPrompt[] = "Verification code (or: email, sms): ";

// `requisite`, so that nothing is sent before the password is proven.
constexpr char kPasswordThenCode[] =
    "auth requisite pam_unix.so nodelay\n"
    "auth required @MODULE@ config=@CONFIG@ first=proven\n"
    "account required pam_unix.so\n"
    "account required @MODULE@ config=@CONFIG@\n"
    "session required @MODULE@ config=@CONFIG@\n";

// A host that sends mail and text messages, and its sshd.
class SshCodeHost : public DeliveryHost {
 public:
  explicit SshCodeHost(int mail_server = kGoodServer,
                       const std::string& stack = kPasswordThenCode)
      : ssh(*this, stack, "keyboard-interactive", DeliveryLines()) {
    ConfigureSms("twilio.conf");
    ConfigureSmtp(mail_server, ReadFile(settings.config));
  }

  SshHost ssh;
};

bool IsMailed() { return Exists(DeliveryHost::Shared("mailbox")); }

// An ssh client of alice's, and who has typed the password there.
class Login : public Terminal {
 public:
  explicit Login(const SshCodeHost& host,
                 const std::vector<std::string>& operands = {kSay},
                 const std::string& password = kPassword)
      : Terminal(host.ssh.Client(operands)), host_(host) {
    Expect("Password: ");
    Type(password);
  }

  // Types `word` at `prompt`, which comes again and tells of it.
  void Ask(const std::string& prompt, const std::string& word,
           const std::string& told) {
    Expect(prompt);
    Type(word);
    Expect(told);
    Expect(prompt);
  }

  // Answers the prompt that came last.
  bool IsLetInBy(const std::string& code) {
    Type(code);
    Wait();
    return screen().find(kSaid) != std::string::npos;
  }

  void ExpectShell() {
    Expect("$ ");
    Type(kSay);
    EXPECT(See(std::string("\n") + kSaid), "%s", Story().c_str());
    Type("exit");
    EXPECT(Wait() == 0, "%s", Story().c_str());
  }

  // What went on, for when a test fails.
  std::string Story() const { return screen() + "\n" + host_.ssh.Story(); }

 private:
  const SshCodeHost& host_;
};

CASE(password_and_mailed_code_open_a_shell) {
  SshCodeHost host;
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  host.EnrollAddress("sms", kNumber);
  Login login(host, {});
  login.Ask(kLongPrompt, "email", kMailed);
  const std::string code = MailedCode();
  login.Type(code);
  login.ExpectShell();
  EXPECT(host.log().Has({"event=login", "result=accepted", "user=alice",
                         "rhost=127.0.0.1", "device=email"}),
         "%s", login.Story().c_str());
  EXPECT(host.ssh.Story().find(code) == std::string::npos, "%s is logged: %s",
         code.c_str(), login.Story().c_str());
}

CASE(password_and_texted_code_open_a_shell) {
  SshCodeHost host;
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  host.EnrollAddress("sms", kNumber);
  Login login(host, {});
  login.Ask(kLongPrompt, "sms", "A code was sent to +49***78.");
  login.Type(TextedCode());
  login.ExpectShell();
  EXPECT(host.log().Has({"event=login", "result=accepted", "user=alice",
                         "rhost=127.0.0.1", "device=sms"}),
         "%s", login.Story().c_str());
  EXPECT(!IsMailed(), "mailed, too");
}

CASE(the_example_stack_logs_in_by_a_mailed_code) {
  if (!Exists("/etc/pam.d/common-auth")) skip();
  SshCodeHost host(kGoodServer, ExampleStack("sshd-password-code"));
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  Login login(host);
  login.Ask(kPrompt, "email", kMailed);
  EXPECT(login.IsLetInBy(MailedCode()), "%s", login.Story().c_str());
}

CASE(who_has_one_address_only_is_sent_a_code_at_once) {
  SshCodeHost host;
  host.EnrollAddress("email", kEmail);
  Login login(host);
  login.Expect(kMailed);
  login.Expect(kPrompt);
  EXPECT(login.IsLetInBy(MailedCode()), "%s", login.Story().c_str());
}

CASE(nothing_is_sent_for_a_wrong_password) {
  SshCodeHost host;
  host.EnrollAddress("email", kEmail);
  Login login(host, {kSay}, "wrong");
  EXPECT(login.Wait() == 255, "%s", login.Story().c_str());
  EXPECT(login.screen().find("code") == std::string::npos, "%s",
         login.screen().c_str());
  EXPECT(!IsMailed() && !host.log().Has({"event=code"}), "%s",
         login.Story().c_str());
}

CASE(the_code_of_a_dropped_connection_opens_the_next_one) {
  SshCodeHost host;
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  Login(host).Ask(kPrompt, "email", kMailed);
  Login login(host);
  login.Expect(kPrompt);
  EXPECT(login.IsLetInBy(MailedCode()), "%s", login.Story().c_str());
  EXPECT(host.log().Count({"event=code", "result=sent"}) == 1, "%s",
         login.Story().c_str());
}

CASE(who_comes_back_with_one_address_only_is_not_sent_another_code) {
  SshCodeHost host;
  host.EnrollAddress("email", kEmail);
  Login(host).Expect(kMailed);
  const std::string code = MailedCode();
  unlink(DeliveryHost::Shared("mailbox").c_str());
  Login login(host);
  login.Expect("The code that was sent to a***e@example.org is still good.");
  login.Expect(kPrompt);
  EXPECT(!IsMailed(), "mailed again");
  EXPECT(login.IsLetInBy(code), "%s", login.Story().c_str());
}

// sshd notices when the module asks again, and not before.
CASE(a_connection_that_drops_while_the_mail_leaves_does_not_hold_it_back) {
  SshCodeHost host;
  host.Enroll("alice");
  host.EnrollAddress("email", "slow@example.org");
  {
    Login login(host);
    login.Expect(kPrompt);
    login.Type("email");
    AwaitFile(DeliveryHost::Shared("dialogue"));
  }
  EXPECT(!IsMailed(), "it was sent before");
  AwaitMail();
  Login login(host);
  login.Expect(kPrompt);
  EXPECT(login.IsLetInBy(MailedCode()), "%s", login.Story().c_str());
}

CASE(a_mailed_code_does_not_work_twice) {
  SshCodeHost host;
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  Login first(host);
  first.Ask(kPrompt, "email", kMailed);
  EXPECT(first.IsLetInBy(MailedCode()), "%s", first.Story().c_str());
  Login again(host);
  again.Expect(kPrompt);
  EXPECT(!again.IsLetInBy(MailedCode()), "%s", again.Story().c_str());
  EXPECT(host.log().Count({"event=login", "result=denied"}) == 1, "%s",
         again.Story().c_str());
}

CASE(a_mailed_code_opens_no_login_from_elsewhere) {
  SshCodeHost host;
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  Login(host).Ask(kPrompt, "email", kMailed);
  Login elsewhere(host, {"-b", "127.0.0.2", kSay});
  elsewhere.Expect(kPrompt);
  EXPECT(!elsewhere.IsLetInBy(MailedCode()), "%s", elsewhere.Story().c_str());
  EXPECT(host.log().Has({"result=denied", "rhost=127.0.0.2"}), "%s",
         elsewhere.Story().c_str());
  Login login(host);
  login.Expect(kPrompt);
  EXPECT(login.IsLetInBy(MailedCode()), "%s", login.Story().c_str());
}

CASE(a_word_that_names_no_way_is_refused_and_sends_nothing) {
  SshCodeHost host;
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  Login login(host);
  login.Expect(kPrompt);
  EXPECT(!login.IsLetInBy("mail"), "%s", login.Story().c_str());
  EXPECT(host.log().Has({"event=login", "result=denied", "reason=not_a_code"}),
         "%s", login.Story().c_str());
  EXPECT(!IsMailed() && !host.log().Has({"event=code"}), "%s",
         login.Story().c_str());
}

CASE(what_could_not_be_sent_is_said_and_the_device_opens_the_shell) {
  SshCodeHost host(kUntrustedServer);
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  Login login(host, {});
  login.Ask(kPrompt, "email", "The code could not be sent; try another way.");
  login.Type(host.ssh.Code());
  login.ExpectShell();
  EXPECT(host.log().Has({"event=code", "result=not_sent", "reason=delivery"}),
         "%s", login.Story().c_str());
}

}  // namespace
