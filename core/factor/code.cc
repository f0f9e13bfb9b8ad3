// SPDX-License-Identifier: Apache-2.0
//
// code.cc - what people put between the characters of a code.

#include "core/factor/code.h"

namespace twofactor {
namespace {

constexpr char kSeparators[][4] = {" ",        "\t",           "-",
                                   "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x91"};

}  // namespace

bool SkipSeparator(std::string_view& text) {
  for (std::string_view separator : kSeparators) {
    if (!text.starts_with(separator)) continue;
    text.remove_prefix(separator.size());
    return true;
  }
  return false;
}

}  // namespace twofactor
