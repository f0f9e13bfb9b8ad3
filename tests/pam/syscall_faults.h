// SPDX-License-Identifier: Apache-2.0
//
// syscall_faults.h - lets one chosen system call of a login fail.
//
// plain_host -s puts itself under a seccomp filter right before
// pam_authenticate, plain_host -x before it becomes another program; this
// process then decides about each system call whether the kernel carries it
// out or only says that it failed.

#ifndef TWOFACTOR_TESTS_PAM_SYSCALL_FAULTS_H_
#define TWOFACTOR_TESTS_PAM_SYSCALL_FAULTS_H_

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/pam/plain_login.h"

namespace twofactor::test {

// What a system call returns instead of being carried out.
struct Fault {
  int error = 0;  // An errno, or 0: then `value` is returned.
  long value = 0;
};

struct SupervisedLogin {
  PlainResult result;
  std::vector<int> calls;  // Numbers of pam_authenticate's system calls.
};

struct SystemCall {
  std::size_t index = 0;  // Of those of pam_authenticate, from 0.
  int number = 0;
  pid_t process = -1;  // Who calls, and waits.
};

using ChooseFault = std::function<std::optional<Fault>(const SystemCall&)>;

// Ends the program as skipped where the kernel has no such filters, as the
// next one does.
SupervisedLogin LogInSupervised(const TestHost& host, const std::string& user,
                                const std::string& answer,
                                const ChooseFault& choose);

// Any program, all of its system calls from its execve on.
struct SupervisedRun {
  Exit exit;
  std::vector<int> calls;
};
SupervisedRun RunSupervised(const std::vector<std::string>& command,
                            const ChooseFault& choose);

std::string SystemCallName(int number);

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_PAM_SYSCALL_FAULTS_H_
