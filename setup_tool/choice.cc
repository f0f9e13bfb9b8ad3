// SPDX-License-Identifier: Apache-2.0
//
// choice.cc - refusing a word that is none of the choices.

#include "setup_tool/choice.h"

#include "core/session/config.h"

namespace twofactor::tool {

std::unexpected<Failure> RefuseWord(std::string_view option,
                                    std::string_view word,
                                    std::span<const std::string_view> known) {
  std::string message =
      std::string(option) + ": unknown value " + std::string(word);
  std::string_view nearest = NearestName(word, known);
  if (!nearest.empty()) message += ", did you mean " + std::string(nearest);
  std::string hint = std::string(option) + " takes";
  for (std::string_view name : known) hint += " " + std::string(name);
  return Refuse(ExitCode::kUsage, message, hint);
}

}  // namespace twofactor::tool
