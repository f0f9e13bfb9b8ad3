// SPDX-License-Identifier: Apache-2.0
//
// exit_code.cc - the exit codes in words; twofactor(8) says the same.

#include "setup_tool/exit_code.h"

namespace twofactor::tool {
namespace {

constexpr ExitCodeMeaning kMeanings[] = {
    {ExitCode::kDone, "done, or the answer is yes"},
    {ExitCode::kFailed, "refused or failed"},
    {ExitCode::kUsage, "the command line was not understood"},
    {ExitCode::kNotFound, "no such user or device, or not enrolled"},
    {ExitCode::kWrongCode, "the code was wrong, used or too far off"},
    {ExitCode::kUndecided, "configuration, store or record is unusable"},
    {ExitCode::kPartly,
     "some of many failed, each was named; the rest is done"},
    {ExitCode::kInterrupted, "stopped by Ctrl-C or a signal"},
};

}  // namespace

std::span<const ExitCodeMeaning> ExitCodeMeanings() { return kMeanings; }

}  // namespace twofactor::tool
