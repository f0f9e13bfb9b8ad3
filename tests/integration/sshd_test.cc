// SPDX-License-Identifier: Apache-2.0
//
// sshd_test.cc - the distribution's sshd and ssh on the loopback of a private
// host, with a PAM service of their own.

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/integration/real_programs.h"
#include "tests/integration/ssh_host.h"
#include "tests/integration/terminal.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

constexpr int kForwardedPort = 2223;

constexpr char kPasswordAndCode[] =
    "auth required pam_unix.so nodelay\n"
    "auth required @MODULE@ config=@CONFIG@ first=proven\n"
    "account required pam_unix.so\n"
    "account required @MODULE@ config=@CONFIG@\n"
    "session required @MODULE@ config=@CONFIG@\n";

constexpr char kCodeAlone[] =
    "auth required @MODULE@ config=@CONFIG@ first=proven\n"
    "account required pam_unix.so\n"
    "account required @MODULE@ config=@CONFIG@\n"
    "session required @MODULE@ config=@CONFIG@\n";

// Our session line stands in front, as docs/SECURITY.md says: `pam_env`, with
// which Debian's stack of sshd ends, reads a file of the user's into the PAM
// environment.
constexpr char kDecidedInSession[] =
    "auth required @MODULE@ config=@CONFIG@ first=proven\n"
    "account required pam_unix.so\n"
    "account required @MODULE@ config=@CONFIG@ keys=session\n"
    "session required @MODULE@ config=@CONFIG@\n"
    "session required pam_env.so user_readenv=1\n";

class HostOfAlice : public TestHost {
 public:
  HostOfAlice() { Enroll("alice"); }
};

// One login by password and code.  True when the command ran.
bool LogIn(SshHost& ssh, const std::string& user, const std::string& password,
           const std::string& code) {
  Terminal terminal(ssh.Client({kSay}, user));
  terminal.Expect("Password: ");
  terminal.Type(password);
  terminal.Expect("Verification code: ");
  terminal.Type(code);
  terminal.Wait();
  return terminal.screen().find("in-as-" + user) != std::string::npos;
}

CASE(password_and_right_code_open_a_shell) {
  HostOfAlice host;
  SshHost ssh(host, kPasswordAndCode, "keyboard-interactive");
  std::vector<std::string> shell = ssh.Client({});
  Terminal terminal(shell);
  terminal.Expect("Password: ");
  terminal.Type(kPassword);
  terminal.Expect("Verification code: ");
  terminal.Type(ssh.Code());
  terminal.Expect("$ ");
  terminal.Type(kSay);
  EXPECT(terminal.See(std::string("\n") + kSaid), "%s\n%s",
         terminal.screen().c_str(), ssh.Story().c_str());
  terminal.Type("exit");
  EXPECT(terminal.Wait() == 0, "%s", terminal.screen().c_str());
  EXPECT(ssh.log().Has({"event=login", "result=accepted", "user=alice",
                        "rhost=127.0.0.1"}),
         "%s", ssh.Story().c_str());
}

CASE(a_wrong_code_and_a_used_code_are_refused) {
  HostOfAlice host;
  SshHost ssh(host, kPasswordAndCode, "keyboard-interactive");
  const std::string code = ssh.Code();
  EXPECT(!LogIn(ssh, "alice", kPassword, WrongOathtoolCode(host.Key("alice"))),
         "a wrong code");
  EXPECT(LogIn(ssh, "alice", kPassword, code), "%s", ssh.Story().c_str());
  EXPECT(!LogIn(ssh, "alice", kPassword, code), "a used code");
  EXPECT(ssh.log().Has({"reason=wrong_code"}) &&
             ssh.log().Has({"reason=used_code"}),
         "%s", ssh.Story().c_str());
}

// With `required` lines the code is judged, and spent, whatever the password
// was: neither the peer nor our line is told that it was wrong.
CASE(a_wrong_password_with_a_right_code_is_refused) {
  HostOfAlice host;
  SshHost ssh(host, kPasswordAndCode, "keyboard-interactive");
  const std::string code = ssh.Code();
  EXPECT(!LogIn(ssh, "alice", "wrong", code), "%s", ssh.Story().c_str());
  EXPECT(!LogIn(ssh, "alice", kPassword, code), "the code was not spent");
  EXPECT(LogIn(ssh, "alice", kPassword, ssh.Code(1)), "%s",
         ssh.Story().c_str());
}

CASE(unknown_users_see_the_same_prompts) {
  HostOfAlice host;
  SshHost ssh(host, kPasswordAndCode, "keyboard-interactive");
  // Not there, there without a record, and there with one.
  std::vector<std::string> screens;
  for (const char* user : {"no-such-user", "bob", "alice"}) {
    Terminal terminal(ssh.Client({kSay}, user));
    terminal.Expect("Password: ");
    terminal.Type("wrong");
    terminal.Expect("Verification code: ");
    terminal.Type("123456");
    EXPECT(terminal.Wait() == 255, "%s", terminal.screen().c_str());
    std::string screen = terminal.screen();
    const std::string name = std::string(user) + "@";
    for (std::size_t at; (at = screen.find(name)) != std::string::npos;)
      screen.replace(at, name.size(), "USER@");
    screens.push_back(screen);
  }
  EXPECT(screens[0] == screens[2], "unknown:\n%s\nenrolled:\n%s",
         screens[0].c_str(), screens[2].c_str());
  EXPECT(screens[1] == screens[2], "not enrolled:\n%s\nenrolled:\n%s",
         screens[1].c_str(), screens[2].c_str());
}

CASE(root_whom_sshd_does_not_admit_is_recognized_in_the_log) {
  HostOfAlice host;
  SshHost ssh(host, kPasswordAndCode, "keyboard-interactive");
  host.Enroll("root");
  EXPECT(!LogIn(ssh, "root", "whatever", OathtoolCode(host.Key("root"))), "%s",
         ssh.Story().c_str());
  EXPECT(ssh.log().Has({"event=login", "result=denied", "user=root",
                        "reason=host_admits_no_such_user"}),
         "%s", ssh.Story().c_str());
}

CASE(key_and_code_log_in) {
  HostOfAlice host;
  SshHost ssh(host, kCodeAlone, "publickey,keyboard-interactive");
  const std::string code = ssh.Code();
  for (const bool right : {true, false}) {
    Terminal terminal(ssh.Client({kSay}));
    terminal.Expect("Verification code: ");
    terminal.Type(code);  // The second time it is used.
    terminal.Wait();
    EXPECT((terminal.screen().find(kSaid) != std::string::npos) == right,
           "%s\n%s", terminal.screen().c_str(), ssh.Story().c_str());
  }
}

// The stacks that the README sends people to, as they are shipped.
CASE(the_example_stack_for_password_and_code_logs_in_and_refuses) {
  HostOfAlice host;
  SshHost ssh(host, ExampleStack("sshd-password-code"), "any");
  const std::string code = ssh.Code();
  const auto without_key = [&] {
    std::vector<std::string> client = ssh.Client({kSay});
    client.insert(client.begin() + 1, {"-o", "PubkeyAuthentication=no"});
    return client;
  };
  for (const bool right : {true, false}) {
    Terminal terminal(without_key());
    terminal.Expect("Password: ");
    terminal.Type(kPassword);
    terminal.Expect("Verification code: ");
    terminal.Type(code);  // The second time it is used.
    terminal.Wait();
    EXPECT((terminal.screen().find(kSaid) != std::string::npos) == right,
           "%s\n%s", terminal.screen().c_str(), ssh.Story().c_str());
  }
  {
    Terminal terminal(without_key());
    terminal.Expect("Password: ");
    terminal.Type("wrong");
    if (terminal.See("Verification code: ")) terminal.Type(ssh.Code(1));
    terminal.Wait();
    EXPECT(terminal.screen().find(kSaid) == std::string::npos, "%s",
           terminal.screen().c_str());
  }
  // By key alone: the account line.
  Terminal terminal(ssh.Client({kSay}));
  EXPECT(terminal.Wait() == 255 &&
             terminal.screen().find(kSaid) == std::string::npos,
         "%s\n%s", terminal.screen().c_str(), ssh.Story().c_str());
}

// AuthenticationMethods as that file asks for: the client has a key.
CASE(the_example_stack_for_password_and_code_takes_no_offer_of_a_key) {
  HostOfAlice host;
  SshHost ssh(host, ExampleStack("sshd-password-code"), "keyboard-interactive");
  EXPECT(LogIn(ssh, "alice", kPassword, ssh.Code()), "%s", ssh.Story().c_str());
}

CASE(the_example_stack_for_key_and_code_logs_in_and_refuses) {
  HostOfAlice host;
  SshHost ssh(host, ExampleStack("sshd-key-code"),
              "publickey,keyboard-interactive");
  const std::string code = ssh.Code();
  for (const bool right : {true, false}) {
    Terminal terminal(ssh.Client({kSay}));
    terminal.Expect("Verification code: ");
    terminal.Type(code);
    terminal.Wait();
    EXPECT((terminal.screen().find(kSaid) != std::string::npos) == right,
           "%s\n%s", terminal.screen().c_str(), ssh.Story().c_str());
  }
}

CASE(first_key_denies_a_code_without_a_key) {
  constexpr char kAfterKey[] =
      "auth required @MODULE@ config=@CONFIG@ first=key\n"
      "account required pam_unix.so\n"
      "account required @MODULE@ config=@CONFIG@\n"
      "session required @MODULE@ config=@CONFIG@\n";
  {
    HostOfAlice host;
    SshHost ssh(host, kAfterKey, "publickey,keyboard-interactive");
    Terminal terminal(ssh.Client({kSay}));
    terminal.Expect("Verification code: ");
    terminal.Type(ssh.Code());
    terminal.Expect(kSaid);
  }
  // As if AuthenticationMethods had been forgotten.
  HostOfAlice host;
  SshHost ssh(host, kAfterKey, "keyboard-interactive");
  Terminal terminal(ssh.Client({kSay}));
  if (terminal.See("Verification code: ")) terminal.Type(ssh.Code());
  EXPECT(terminal.Wait() == 255, "%s", terminal.screen().c_str());
  EXPECT(terminal.screen().find(kSaid) == std::string::npos, "%s",
         terminal.screen().c_str());
  EXPECT(ssh.log().Has({"event=login", "result=denied", "user=alice",
                        "reason=no_key_before"}),
         "%s", ssh.Story().c_str());
}

CASE(a_key_alone_is_denied_by_the_account_line) {
  HostOfAlice host;
  SshHost ssh(host, kCodeAlone, "publickey");
  Terminal terminal(ssh.Client({kSay}));
  EXPECT(terminal.Wait() == 255, "%s", terminal.screen().c_str());
  EXPECT(terminal.screen().find(kSaid) == std::string::npos, "%s",
         terminal.screen().c_str());
  EXPECT(ssh.log().Has({"event=login", "result=denied", "user=alice",
                        "reason=no_second_factor"}),
         "%s", ssh.Story().c_str());
}

// What reads the banner of sshd through a forwarded port.
std::string ReadForwarded() {
  if (!Answers(kForwardedPort)) return "nobody listens";
  const auto connection = Connect(kForwardedPort);
  char buffer[64] = {};
  const timeval patience{5, 0};
  setsockopt(connection->get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
             sizeof(patience));
  const ssize_t size = recv(connection->get(), buffer, sizeof(buffer) - 1, 0);
  return {buffer, static_cast<std::size_t>(size > 0 ? size : 0)};
}

std::vector<std::string> Forwarding(SshHost& ssh) {
  std::vector<std::string> client = ssh.Client({});
  client.insert(client.end() - 1,
                {"-N", "-L",
                 std::to_string(kForwardedPort) +
                     ":127.0.0.1:" + std::to_string(kSshPort)});
  return client;
}

std::vector<std::string> Sftp(SshHost& ssh) {
  std::vector<std::string> client = ssh.Client({});
  client.insert(client.end() - 1, {"-s"});
  client.push_back("sftp");
  return client;
}

CASE(
    a_key_alone_gets_no_shell_no_sftp_and_no_forwarding_from_the_session_line) {
  HostOfAlice host;
  SshHost ssh(host, kDecidedInSession, "publickey");
  {
    Terminal terminal(ssh.Client({kSay}));
    EXPECT(terminal.Wait() != 0, "%s", terminal.screen().c_str());
    EXPECT(terminal.screen().find(kSaid) == std::string::npos, "%s\n%s",
           terminal.screen().c_str(), ssh.Story().c_str());
  }
  {
    Terminal terminal(ssh.Client({}));
    EXPECT(terminal.Wait() != 0, "%s", terminal.screen().c_str());
    EXPECT(terminal.screen().find("$ ") == std::string::npos, "a shell: %s",
           terminal.screen().c_str());
  }
  // An SFTP server would wait for a request; a refused one ends.
  const Exit sftp = Run(Sftp(ssh), std::string("\0\0\0\5\1\0\0\0\3", 9));
  EXPECT(sftp.output.empty(), "%zu bytes of SFTP", sftp.output.size());
  Terminal forwarding(Forwarding(ssh));
  const std::string banner = ReadForwarded();
  EXPECT(banner.find("SSH-2.0") == std::string::npos, "forwarded: %s",
         banner.c_str());
  EXPECT(ssh.log().Has({"event=login", "result=denied", "user=alice",
                        "reason=no_second_factor"}),
         "%s", ssh.Story().c_str());
}

// The same three work when the session line is content, so the test above
// tests what it says.
CASE(key_and_code_get_shell_sftp_and_forwarding_from_the_session_line) {
  HostOfAlice host;
  SshHost ssh(host, kDecidedInSession, "publickey,keyboard-interactive");
  {
    Terminal terminal(ssh.Client({kSay}));
    terminal.Expect("Verification code: ");
    terminal.Type(ssh.Code());
    terminal.Expect(kSaid);
  }
  Terminal forwarding(Forwarding(ssh));
  forwarding.Expect("Verification code: ");
  forwarding.Type(ssh.Code(1));
  const std::string banner = ReadForwarded();
  EXPECT(banner.find("SSH-2.0") != std::string::npos, "%s\n%s", banner.c_str(),
         ssh.Story().c_str());
}

// The user's own file must not be able to say how the user logged in: in the
// order that is documented, nor in the other one.
CASE(a_file_of_the_users_does_not_stand_in_for_a_code) {
  constexpr char kEnvironmentFirst[] =
      "auth required @MODULE@ config=@CONFIG@ first=key\n"
      "account required pam_unix.so\n"
      "account required @MODULE@ config=@CONFIG@ keys=session\n"
      "session required pam_env.so user_readenv=1\n"
      "session required @MODULE@ config=@CONFIG@\n"
      "session optional pam_permit.so\n";
  for (const char* stack : {kDecidedInSession, kEnvironmentFirst}) {
    HostOfAlice host;
    SshHost ssh(host, stack, "publickey");
    const std::string file = "/run/twofactor-test/home/alice/.pam_environment";
    WriteFile(file, "SSH_AUTH_INFO_0 OVERRIDE=keyboard-interactive\n");
    EXPECT(chown(file.c_str(), kAliceUid, kAliceUid) == 0, "chown");
    Terminal terminal(ssh.Client({kSay}));
    EXPECT(terminal.Wait() != 0, "%s", terminal.screen().c_str());
    EXPECT(terminal.screen().find(kSaid) == std::string::npos, "%s\n%s",
           terminal.screen().c_str(), ssh.Story().c_str());
    unlink(file.c_str());
  }
}

CASE(a_client_that_leaves_at_the_prompt_is_not_counted) {
  HostOfAlice host;
  SshHost ssh(host, kPasswordAndCode, "keyboard-interactive");
  for (int i = 0; i < 6; ++i) {
    Terminal terminal(ssh.Client({kSay}));
    terminal.Expect("Password: ");
    terminal.Type(kPassword);
    terminal.Expect("Verification code: ");
  }
  EXPECT(LogIn(ssh, "alice", kPassword, ssh.Code()), "%s", ssh.Story().c_str());
}

}  // namespace
}  // namespace twofactor::test
