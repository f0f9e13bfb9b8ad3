// SPDX-License-Identifier: Apache-2.0
//
// child_process.h - a step of a test in a process of its own, whose limits,
// user, mounts and death are not the test's.

#ifndef TWOFACTOR_TESTS_UNIT_CHILD_PROCESS_H_
#define TWOFACTOR_TESTS_UNIT_CHILD_PROCESS_H_

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "tests/unit/expect.h"

namespace twofactor {

// Runs `step` in a child and waits for it; a failure or skip there is one
// here.
inline void InChild(const std::function<void()>& step,
                    Where where = Where::current()) {
  int report[2];
  Expect(pipe(report) == 0);
  const pid_t child = fork();
  Expect(child >= 0);
  if (child == 0) {
    std::string text;
    int status = 0;
    try {
      step();
    } catch (const Failure& failure) {
      text = std::string(failure.where.file_name()) + ":" +
             std::to_string(failure.where.line()) + ": " + failure.message;
      status = 1;
    } catch (const Skipped& skip_reason) {
      text = skip_reason.reason;
      status = 2;
    }
    if (write(report[1], text.data(), text.size()) < 0) status = 3;
    _exit(status);
  }
  close(report[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(report[0], buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  close(report[0]);
  int status = 0;
  Expect(waitpid(child, &status, 0) == child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 2) throw Skipped{text};
  throw Failure{"in a child (status " + std::to_string(status) + "): " + text,
                where};
}

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_CHILD_PROCESS_H_
