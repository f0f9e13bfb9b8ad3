// SPDX-License-Identifier: Apache-2.0
//
// process.h - other programs, run by a test.

#ifndef TWOFACTOR_TESTS_PAM_PROCESS_H_
#define TWOFACTOR_TESTS_PAM_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"

namespace twofactor::test {

struct Exit {
  int code = -1;       // Of exit(3), if no signal ended it.
  int signal = 0;      // That ended it, or 0.
  std::string output;  // What it wrote to stdout.
  std::string errors;  // What it wrote to stderr.
};

class Process {
 public:
  struct Options {
    std::string input;      // All that it can read from stdin.
    std::vector<int> kept;  // Descriptors that it inherits.
    std::vector<std::string> environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                                         "HOME=/root", "LANG=C.UTF-8"};
  };

  // Starts arguments[0], looked up in PATH, as root.
  Process(std::vector<std::string> arguments, const Options& options);
  explicit Process(std::vector<std::string> arguments)
      : Process(std::move(arguments), Options()) {}
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;

  pid_t id() const { return id_; }
  void Kill(int signal) const;

  // Waits for the end.
  Exit Wait();

 private:
  pid_t id_ = -1;
  UniqueFd output_;
  UniqueFd errors_;
};

// Runs to the end.
Exit Run(std::vector<std::string> arguments, const std::string& input = {});

std::string Describe(const Exit& exit);

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_PAM_PROCESS_H_
