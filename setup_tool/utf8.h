// SPDX-License-Identifier: Apache-2.0
//
// utf8.h - reading UTF-8 (RFC 3629) one character at a time.
//
// Trust: the text may be any bytes.

#ifndef TWOFACTOR_SETUP_TOOL_UTF8_H_
#define TWOFACTOR_SETUP_TOOL_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace twofactor::tool {

struct Utf8Character {
  enum class Kind : std::uint8_t {
    kIllFormed = 0,  // One byte that starts no character.
    kControl,        // Moves the cursor, the colours, or the reading order.
    kPrintable,
  };
  Kind kind = Kind::kIllFormed;
  std::size_t size = 1;  // Bytes.
  std::uint32_t code_point = 0;
};

// The first character of `text`, which is not empty.
Utf8Character FirstCharacter(std::string_view text);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_UTF8_H_
