// SPDX-License-Identifier: Apache-2.0
//
// terminal_text.cc - escaping for the terminal.

#include "setup_tool/terminal_text.h"

#include "core/base/encoding.h"
#include "setup_tool/utf8.h"

namespace twofactor::tool {

std::string EscapeForTerminal(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    Utf8Character first = FirstCharacter(text);
    std::string_view bytes = text.substr(0, first.size);
    if (first.kind == Utf8Character::Kind::kPrintable) {
      safe += bytes;
    } else {
      for (std::size_t i = 0; i < bytes.size(); ++i)
        safe += "\\x" + HexEncode(AsBytes(bytes.substr(i, 1)));
    }
    text.remove_prefix(first.size);
  }
  return safe;
}

}  // namespace twofactor::tool
