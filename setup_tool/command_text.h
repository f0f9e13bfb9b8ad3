// SPDX-License-Identifier: Apache-2.0
//
// command_text.h - a word as it is typed into a shell.

#ifndef TWOFACTOR_SETUP_TOOL_COMMAND_TEXT_H_
#define TWOFACTOR_SETUP_TOOL_COMMAND_TEXT_H_

#include <string>
#include <string_view>

namespace twofactor::tool {

// The word itself, or in single quotes if a shell would read it otherwise.
std::string CommandWord(std::string_view word);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_COMMAND_TEXT_H_
