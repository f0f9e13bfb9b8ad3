// SPDX-License-Identifier: Apache-2.0
//
// output.cc - stdout and stderr.

#include "setup_tool/output.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "setup_tool/stream.h"
#include "setup_tool/terminal_text.h"

namespace twofactor::tool {
namespace {

void Say(std::string_view what, std::string_view text) {
  std::fflush(stdout);
  std::string line = "twofactor: ";
  line.append(what).append(": ").append(EscapeForTerminal(text)).append("\n");
  std::fputs(line.c_str(), stderr);
}

}  // namespace

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

Try<void> PrintSecret(const SecretText& text) {
  std::fflush(stdout);
  return WriteWhole(STDOUT_FILENO, text.Expose(), "the standard output");
}

void PrintFailure(const Failure& failure) {
  Say("error", failure.message);
  if (!failure.hint.empty()) Say("hint", failure.hint);
}

void PrintWarning(std::string_view text) { Say("warning", text); }

void PrintNote(std::string_view text) { Say("note", text); }

Try<void> FinishOutput() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return Refuse(ExitCode::kFailed, "cannot write the standard output",
                "what was asked for is done, only its report is incomplete");
}

}  // namespace twofactor::tool
