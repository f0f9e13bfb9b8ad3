// SPDX-License-Identifier: Apache-2.0
//
// terminal.h - a program on a terminal, and who types there.

#ifndef TWOFACTOR_TESTS_INTEGRATION_TERMINAL_H_
#define TWOFACTOR_TESTS_INTEGRATION_TERMINAL_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/unique_fd.h"

namespace twofactor::test {

class Terminal {
 public:
  // Starts the program on a new terminal, as `uid` in its group of the same
  // number.
  explicit Terminal(std::vector<std::string> arguments, uid_t uid = 0);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Waits until `text` is on the screen, after what earlier calls found.
  // False when the program ends, or a minute passes, without it.
  bool See(const std::string& text);
  // Waits for `text` as See, and fails the case with the screen.
  void Expect(const std::string& text);

  // Types `line` and presses Enter.
  void Type(const std::string& line);

  // Waits for the program to end and returns its exit code, -1 if a signal
  // ended it.
  int Wait();

  // All that was shown.
  const std::string& screen() const { return screen_; }

 private:
  bool ReadMore();

  pid_t process_ = -1;
  UniqueFd terminal_;
  std::string screen_;
  std::size_t seen_ = 0;
};

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_INTEGRATION_TERMINAL_H_
