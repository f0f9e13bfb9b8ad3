// SPDX-License-Identifier: Apache-2.0
//
// output.h - what the tool says: answers to stdout, everything else to stderr.
//
// An error is one line in lower case without a full stop; a hint below it names
// the command that helps.

#ifndef TWOFACTOR_SETUP_TOOL_OUTPUT_H_
#define TWOFACTOR_SETUP_TOOL_OUTPUT_H_

#include <string_view>

#include "core/base/secret.h"
#include "core/base/secret_text.h"
#include "setup_tool/failure.h"

namespace twofactor::tool {

// Text of our own, to stdout.  What comes from outside has been escaped.
void Print(std::string_view text);

// To stdout, past every buffer.  kFailed.
Try<void> PrintSecret(const SecretText& text);

// To stderr; these escape their text.
void PrintFailure(const Failure& failure);
void PrintWarning(std::string_view text);
void PrintNote(std::string_view text);

// Whether all that was printed to stdout has left.
Try<void> FinishOutput();

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_OUTPUT_H_
