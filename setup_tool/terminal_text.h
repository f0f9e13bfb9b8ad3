// SPDX-License-Identifier: Apache-2.0
//
// terminal_text.h - text from outside, made safe to show in a terminal.

#ifndef TWOFACTOR_SETUP_TOOL_TERMINAL_TEXT_H_
#define TWOFACTOR_SETUP_TOOL_TERMINAL_TEXT_H_

#include <string>
#include <string_view>

namespace twofactor::tool {

// Each byte of a control character, of one that changes the reading order, and
// of ill-formed UTF-8 becomes \xNN; everything else stays.
std::string EscapeForTerminal(std::string_view text);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_TERMINAL_TEXT_H_
