// SPDX-License-Identifier: Apache-2.0
//
// exit_code.h - what the tool's exit status says.  Scripts depend on it: a
// number never changes its meaning.

#ifndef TWOFACTOR_SETUP_TOOL_EXIT_CODE_H_
#define TWOFACTOR_SETUP_TOOL_EXIT_CODE_H_

#include <span>
#include <string_view>

namespace twofactor::tool {

enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kWrongCode = 4,
  kUndecided = 5,
  kPartly = 6,
  kInterrupted = 130,  // 128 + SIGINT, as shells count.
};

struct ExitCodeMeaning {
  ExitCode code;
  std::string_view meaning;
};

// All of them, for --help.
std::span<const ExitCodeMeaning> ExitCodeMeanings();

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_EXIT_CODE_H_
