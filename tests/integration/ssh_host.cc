// SPDX-License-Identifier: Apache-2.0
//
// ssh_host.cc - keys, configuration and start of the distribution's sshd, with
// a PAM service of its own.

#include "tests/integration/ssh_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/real_programs.h"
#include "tests/pam/cmocka_case.h"

namespace twofactor::test {
namespace {

// sshd asks PAM for the base name of its argv[0].
constexpr char kSshService[] = "sshd-twofactor-test";

}  // namespace

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

bool Answers(int port) {
  for (int i = 0; i < 1000; ++i) {
    if (Connect(port)) return true;
    usleep(10'000);
  }
  return false;
}

SshHost::SshHost(TestHost& host, const std::string& stack,
                 const std::string& methods, const std::string& settings)
    : host_(host), ssh_(Need("ssh")), keygen_(Need("ssh-keygen")) {
  const std::string sshd = Need("sshd");
  host_.WriteConfigText(std::string("services = ") + kSshService + " sshd\n" +
                        host_.FolderLines() + settings);
  // OpenSSH from 9.8 on names its service "sshd".
  host_.WriteSystemStack(kSshService, stack);
  host_.WriteSystemStack("sshd", stack);
  MakeKeys();
  WriteFile(folder() + "/sshd_config", Configuration(methods));
  const std::string name = folder() + "/" + kSshService;
  EXPECT(symlink(sshd.c_str(), name.c_str()) == 0, "symlink");
  sshd_.emplace(std::vector<std::string>{
      name, "-D", "-f", folder() + "/sshd_config", "-E", LogFile()});
  EXPECT(Answers(kSshPort), "sshd does not answer: %s",
         ReadFile(LogFile()).c_str());
}

std::vector<std::string> SshHost::Client(
    const std::vector<std::string>& operands, const std::string& user) const {
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
                                        std::to_string(kSshPort),
                                        "-l",
                                        user,
                                        "127.0.0.1"};
  arguments.insert(arguments.end(), operands.begin(), operands.end());
  return arguments;
}

std::string SshHost::Code(int offset) const {
  return OathtoolCode(host_.Key("alice"), offset);
}

std::string SshHost::Story() const {
  return host_.log().Text() + "sshd:\n" + ReadFile(LogFile());
}

void SshHost::MakeKeys() const {
  for (const char* name : {"/host_key", "/user_key"}) {
    const Exit exit =
        Run({keygen_, "-q", "-t", "ed25519", "-N", "", "-f", folder() + name});
    EXPECT(exit.code == 0, "%s", Describe(exit).c_str());
  }
  const std::string home = "/run/twofactor-test/home/alice";
  mkdir((home + "/.ssh").c_str(), 0700);
  WriteFile(home + "/.ssh/authorized_keys",
            ReadFile(folder() + "/user_key.pub"));
  for (const char* name : {"/.ssh", "/.ssh/authorized_keys"})
    EXPECT(chown((home + name).c_str(), kAliceUid, kAliceUid) == 0, "chown");
}

std::string SshHost::Configuration(const std::string& methods) const {
  return "Port " + std::to_string(kSshPort) +
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

}  // namespace twofactor::test
