// SPDX-License-Identifier: Apache-2.0
//
// foreign_key.cc - RFC 4226 §4 R6: 128 bits at least, 160 recommended.

#include "setup_tool/foreign_key.h"

#include <string>

#include "core/factor/hotp.h"

namespace twofactor::tool {
namespace {

constexpr std::size_t kRecommendedKeySize = 20;

}  // namespace

std::expected<void, LineError> CheckForeignKey(const Secret& key,
                                               std::size_t line,
                                               std::vector<Finding>& findings) {
  const std::string size = std::to_string(key.size()) + " bytes";
  if (key.size() < kShortestKeySize || key.size() > kMaxKeySize)
    return std::unexpected(
        LineError{line, "the key has " + size + ", not " +
                            std::to_string(kShortestKeySize) + " to " +
                            std::to_string(kMaxKeySize)});
  if (key.size() < kRecommendedKeySize)
    findings.push_back(
        {line, Finding::Kind::kWarning,
         "the key has " + size + ", fewer than the recommended 20"});
  else
    findings.push_back({line, Finding::Kind::kTaken, "the key, of " + size});
  return {};
}

}  // namespace twofactor::tool
