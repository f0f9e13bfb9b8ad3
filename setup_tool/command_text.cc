// SPDX-License-Identifier: Apache-2.0
//
// command_text.cc - quoting for the commands that hints show.

#include "setup_tool/command_text.h"

#include <algorithm>

namespace twofactor::tool {
namespace {

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         std::string_view("-_./@:+,%").find(c) != std::string_view::npos;
}

}  // namespace

std::string CommandWord(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), IsPlain))
    return std::string(word);
  std::string quoted = "'";
  for (char c : word) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

}  // namespace twofactor::tool
