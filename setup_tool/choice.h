// SPDX-License-Identifier: Apache-2.0
//
// choice.h - an option whose value is one of a few words.

#ifndef TWOFACTOR_SETUP_TOOL_CHOICE_H_
#define TWOFACTOR_SETUP_TOOL_CHOICE_H_

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "setup_tool/failure.h"

namespace twofactor::tool {

// kUsage, naming the nearest word that is known.
std::unexpected<Failure> RefuseWord(std::string_view option,
                                    std::string_view word,
                                    std::span<const std::string_view> known);

template <typename T, std::size_t kSize>
Try<T> Choose(
    std::string_view option, std::string_view word,
    const std::array<std::pair<std::string_view, T>, kSize>& choices) {
  std::array<std::string_view, kSize> known;
  for (std::size_t i = 0; i < kSize; ++i) {
    if (choices[i].first == word) return choices[i].second;
    known[i] = choices[i].first;
  }
  return RefuseWord(option, word, known);
}

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_CHOICE_H_
