// SPDX-License-Identifier: Apache-2.0
//
// ssh_host.h - the sshd of a host, on its loopback, and the clients that log
// in there.

#ifndef TWOFACTOR_TESTS_INTEGRATION_SSH_HOST_H_
#define TWOFACTOR_TESTS_INTEGRATION_SSH_HOST_H_

#include <optional>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"
#include "tests/pam/process.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {

inline constexpr int kSshPort = 2222;

// A command of a client's, and what it prints when alice is in.
inline constexpr char kSay[] = "echo in-as-$(id -un)";
inline constexpr char kSaid[] = "in-as-alice";

// A connection to `port` of the loopback; none when nobody listens.
std::optional<UniqueFd> Connect(int port);
// Tries until `port` answers, or 10 s have passed.
bool Answers(int port);

class SshHost {
 public:
  // Writes the twofactor.conf of `host`, gives alice a key for ssh, and starts
  // sshd.  Ends the test as skipped where sshd or ssh is not installed.
  //
  //   stack     as for TestHost::WriteSystemStack
  //   methods   as in AuthenticationMethods of sshd_config(5)
  //   settings  lines of twofactor.conf beside services and folders
  SshHost(TestHost& host, const std::string& stack, const std::string& methods,
          const std::string& settings = {});

  // The ssh client of alice's, or of another user's who has her key.
  std::vector<std::string> Client(const std::vector<std::string>& operands,
                                  const std::string& user = "alice") const;

  // The code of alice's device, at `offset` steps from now.
  std::string Code(int offset = 0) const;

  // What went on, for when a test fails.
  std::string Story() const;

  LogReader& log() { return host_.log(); }

 private:
  const std::string& folder() const { return host_.folder(); }
  std::string LogFile() const { return folder() + "/sshd.log"; }
  void MakeKeys() const;
  std::string Configuration(const std::string& methods) const;

  TestHost& host_;
  std::string ssh_;
  std::string keygen_;
  std::optional<Process> sshd_;
};

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_INTEGRATION_SSH_HOST_H_
