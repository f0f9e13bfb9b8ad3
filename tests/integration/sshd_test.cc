// SPDX-License-Identifier: Apache-2.0
//
// sshd_test.cc - the distribution's sshd and ssh on the loopback of a private
// host, with a PAM service of their own.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"
#include "tests/integration/real_programs.h"
#include "tests/integration/terminal.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

// sshd asks PAM for the base name of its argv[0].
constexpr char kSshService[] = "sshd-twofactor-test";
constexpr int kPort = 2222;
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

std::optional<UniqueFd> Connect(int port) {
  UniqueFd connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof(address)) != 0)
    return std::nullopt;
  return connection;
}

// Tries until `port` answers, or 10 s have passed.
bool Answers(int port) {
  for (int i = 0; i < 1000; ++i) {
    if (Connect(port)) return true;
    usleep(10'000);
  }
  return false;
}

class SshHost {
 public:
  // `methods` as in AuthenticationMethods of sshd_config(5).
  SshHost(const std::string& stack, const std::string& methods)
      : ssh_(Need("ssh")), keygen_(Need("ssh-keygen")) {
    const std::string sshd = Need("sshd");
    host_.WriteConfigText(std::string("services = ") + kSshService + " sshd\n" +
                          host_.FolderLines());
    // OpenSSH from 9.8 on names its service "sshd".
    host_.WriteSystemStack(kSshService, stack);
    host_.WriteSystemStack("sshd", stack);
    host_.Enroll("alice");
    MakeKeys();
    WriteFile(folder() + "/sshd_config", Configuration(methods));
    const std::string name = folder() + "/" + kSshService;
    EXPECT(symlink(sshd.c_str(), name.c_str()) == 0, "symlink");
    sshd_.emplace(std::vector<std::string>{
        name, "-D", "-f", folder() + "/sshd_config", "-E", LogFile()});
    EXPECT(Answers(kPort), "sshd does not answer: %s",
           ReadFile(LogFile()).c_str());
  }

  // The ssh client of alice's, or of another user's who has her key.
  std::vector<std::string> Client(const std::vector<std::string>& operands,
                                  const std::string& user = "alice") {
    std::vector<std::string> arguments = {ssh_,
                                          "-F",
                                          "none",
                                          "-o",
                                          "UserKnownHostsFile=/dev/null",
                                          "-o",
                                          "StrictHostKeyChecking=no",
                                          "-o",
                                          "LogLevel=ERROR",
                                          "-o",
                                          "NumberOfPasswordPrompts=1",
                                          "-o",
                                          "IdentitiesOnly=yes",
                                          "-i",
                                          folder() + "/user_key",
                                          "-p",
                                          std::to_string(kPort),
                                          "-l",
                                          user,
                                          "127.0.0.1"};
    arguments.insert(arguments.end(), operands.begin(), operands.end());
    return arguments;
  }

  std::string Code(int offset = 0) {
    return OathtoolCode(host_.Key("alice"), offset);
  }

  // What went on, for when a test fails.
  std::string Story() {
    return host_.log().Text() + "sshd:\n" + ReadFile(LogFile());
  }

  TestHost& host() { return host_; }
  LogReader& log() { return host_.log(); }
  const std::string& folder() const { return host_.folder(); }

 private:
  std::string LogFile() const { return folder() + "/sshd.log"; }

  void MakeKeys() {
    for (const char* name : {"/host_key", "/user_key"}) {
      const Exit exit = Run(
          {keygen_, "-q", "-t", "ed25519", "-N", "", "-f", folder() + name});
      EXPECT(exit.code == 0, "%s", Describe(exit).c_str());
    }
    const std::string home = "/run/twofactor-test/home/alice";
    mkdir((home + "/.ssh").c_str(), 0700);
    WriteFile(home + "/.ssh/authorized_keys",
              ReadFile(folder() + "/user_key.pub"));
    for (const char* name : {"/.ssh", "/.ssh/authorized_keys"})
      EXPECT(chown((home + name).c_str(), kAliceUid, kAliceUid) == 0, "chown");
  }

  std::string Configuration(const std::string& methods) const {
    return "Port " + std::to_string(kPort) +
           "\n"
           "ListenAddress 127.0.0.1\n"
           "HostKey " +
           folder() +
           "/host_key\n"
           "PidFile none\n"
           "UsePAM yes\n"
           "KbdInteractiveAuthentication yes\n"
           "PasswordAuthentication no\n"
           "PermitRootLogin no\n"
           "PrintMotd no\n"
           "PrintLastLog no\n"
           "UseDNS no\n"
           "LogLevel VERBOSE\n"
           "Subsystem sftp internal-sftp\n"
           "AuthenticationMethods " +
           methods + "\n";
  }

  TestHost host_;
  std::string ssh_;
  std::string keygen_;
  std::optional<Process> sshd_;
};

constexpr char kSay[] = "echo in-as-$(id -un)";
constexpr char kSaid[] = "in-as-alice";

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
  SshHost ssh(kPasswordAndCode, "keyboard-interactive");
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
  SshHost ssh(kPasswordAndCode, "keyboard-interactive");
  const std::string code = ssh.Code();
  EXPECT(!LogIn(ssh, "alice", kPassword,
                WrongOathtoolCode(ssh.host().Key("alice"))),
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
  SshHost ssh(kPasswordAndCode, "keyboard-interactive");
  const std::string code = ssh.Code();
  EXPECT(!LogIn(ssh, "alice", "wrong", code), "%s", ssh.Story().c_str());
  EXPECT(!LogIn(ssh, "alice", kPassword, code), "the code was not spent");
  EXPECT(LogIn(ssh, "alice", kPassword, ssh.Code(1)), "%s",
         ssh.Story().c_str());
}

CASE(unknown_users_see_the_same_prompts) {
  SshHost ssh(kPasswordAndCode, "keyboard-interactive");
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
  SshHost ssh(kPasswordAndCode, "keyboard-interactive");
  ssh.host().Enroll("root");
  EXPECT(!LogIn(ssh, "root", "whatever", OathtoolCode(ssh.host().Key("root"))),
         "%s", ssh.Story().c_str());
  EXPECT(ssh.log().Has({"event=login", "result=denied", "user=root",
                        "reason=host_admits_no_such_user"}),
         "%s", ssh.Story().c_str());
}

CASE(key_and_code_log_in) {
  SshHost ssh(kCodeAlone, "publickey,keyboard-interactive");
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
  SshHost ssh(ExampleStack("sshd-password-code"), "any");
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
  SshHost ssh(ExampleStack("sshd-password-code"), "keyboard-interactive");
  EXPECT(LogIn(ssh, "alice", kPassword, ssh.Code()), "%s", ssh.Story().c_str());
}

CASE(the_example_stack_for_key_and_code_logs_in_and_refuses) {
  SshHost ssh(ExampleStack("sshd-key-code"), "publickey,keyboard-interactive");
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
    SshHost ssh(kAfterKey, "publickey,keyboard-interactive");
    Terminal terminal(ssh.Client({kSay}));
    terminal.Expect("Verification code: ");
    terminal.Type(ssh.Code());
    terminal.Expect(kSaid);
  }
  // As if AuthenticationMethods had been forgotten.
  SshHost ssh(kAfterKey, "keyboard-interactive");
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
  SshHost ssh(kCodeAlone, "publickey");
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
  client.insert(client.end() - 1, {"-N", "-L",
                                   std::to_string(kForwardedPort) +
                                       ":127.0.0.1:" + std::to_string(kPort)});
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
  SshHost ssh(kDecidedInSession, "publickey");
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
  SshHost ssh(kDecidedInSession, "publickey,keyboard-interactive");
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
    SshHost ssh(stack, "publickey");
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
  SshHost ssh(kPasswordAndCode, "keyboard-interactive");
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
