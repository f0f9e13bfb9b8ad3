// SPDX-License-Identifier: Apache-2.0
//
// enroll_batch.h - enrolling everybody whom a file names.

#ifndef TWOFACTOR_SETUP_TOOL_ENROLL_BATCH_H_
#define TWOFACTOR_SETUP_TOOL_ENROLL_BATCH_H_

#include <optional>
#include <string>

#include "setup_tool/host.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {

struct BatchRequest {
  std::string input;                  // A path, or "-".
  std::optional<std::string> output;  // A file to create; empty: stdout.
  std::string label;                  // Where a line has none.  Not empty.
  std::string issuer;
  TotpParameters parameters;
  Format format = Format::kText;
};

// One device for each line of batch_line.h's format, without a code.  A user
// who has a device of that label is left alone, so that a batch can be run
// again.  A line that fails is named on stderr and the rest goes on; Ctrl-C
// stops after the current user.
//
// kUndecided when input or output cannot be opened.
Try<ExitCode> EnrollBatch(Host& host, const BatchRequest& request);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_ENROLL_BATCH_H_
