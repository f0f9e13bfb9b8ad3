// SPDX-License-Identifier: Apache-2.0
//
// failure.h - why a verb ended without doing what it was asked: an exit code,
// one sentence, and the command that helps.

#ifndef TWOFACTOR_SETUP_TOOL_FAILURE_H_
#define TWOFACTOR_SETUP_TOOL_FAILURE_H_

#include <expected>
#include <string>
#include <utility>

#include "core/base/result.h"
#include "core/store/user_name.h"
#include "setup_tool/exit_code.h"

namespace twofactor::tool {

struct Failure {
  Failure(ExitCode code, std::string text, std::string help)
      : exit_code(code), message(std::move(text)), hint(std::move(help)) {}

  // Not explicit: an error of the core becomes a failure of the tool with the
  // hint that fits it.
  Failure(const Error& error);

  ExitCode exit_code;
  std::string message;  // Lower case, no full stop; escaped when printed.
  std::string hint;     // May be empty.
};

template <typename T>
using Try = std::expected<T, Failure>;

inline std::unexpected<Failure> Refuse(ExitCode code, std::string message,
                                       std::string hint) {
  return std::unexpected(Failure(code, std::move(message), std::move(hint)));
}

// An error about one user's record: the hint names the user.
Failure FailureAbout(const UserName& user, const Error& error);

template <typename T>
Try<T> About(const UserName& user, Result<T> result) {
  if (!result) return std::unexpected(FailureAbout(user, result.error()));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return std::move(*result);
}

std::unexpected<Failure> Interrupted();

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_FAILURE_H_
