// SPDX-License-Identifier: Apache-2.0
//
// command_line.h - from argv to one verb, and from its failure to an exit code.

#ifndef TWOFACTOR_SETUP_TOOL_COMMAND_LINE_H_
#define TWOFACTOR_SETUP_TOOL_COMMAND_LINE_H_

namespace twofactor::tool {

// The whole program: parses, checks who calls, runs the verb, says what went
// wrong.  Returns the exit code.
int RunCommandLine(int argc, const char* const* argv);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_COMMAND_LINE_H_
