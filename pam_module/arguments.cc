// SPDX-License-Identifier: Apache-2.0
//
// arguments.cc - exact words only.

#include "pam_module/arguments.h"

#include <array>
#include <string_view>

#include "core/session/config.h"

namespace twofactor {
namespace {

constexpr std::string_view kConfigWord = "config=";
constexpr std::array<std::string_view, 5> kKnownWords = {
    "config=", "first=proven", "first=key", "keys=session", "debug"};

}  // namespace

Result<Arguments> ParseArguments(std::span<const char* const> words) {
  Arguments arguments;
  for (std::string_view word : words) {
    if (word.starts_with(kConfigWord) &&
        word.substr(kConfigWord.size()).starts_with('/')) {
      arguments.config_path = word.substr(kConfigWord.size());
    } else if (word == "first=proven") {
      arguments.first = FirstFactor::kProven;
    } else if (word == "first=key") {
      arguments.first = FirstFactor::kKey;
    } else if (word == "keys=session") {
      arguments.keys = KeyLogins::kSettleInSession;
    } else if (word == "debug") {
      arguments.verbosity = Verbosity::kDebug;
    } else {
      std::string complaint = "unknown module argument " + std::string(word);
      const std::string_view near = NearestName(word, kKnownWords);
      if (!near.empty()) complaint += ", did you mean " + std::string(near);
      return Fail(ErrorCode::kConfig, complaint);
    }
  }
  return arguments;
}

}  // namespace twofactor
