// SPDX-License-Identifier: Apache-2.0
//
// batch_line.h - one line of the file that `twofactor enroll --batch` reads.
//
//   line = user [ TAB label [ TAB key ] ]   ; fields may be empty but for user
//        / *blank [ "#" comment ]
//   key  = base32, in groups or not
//
// Trust: the line may be any bytes.

#ifndef TWOFACTOR_SETUP_TOOL_BATCH_LINE_H_
#define TWOFACTOR_SETUP_TOOL_BATCH_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor::tool {

constexpr std::size_t kMaxBatchLineSize = 1024;

struct BatchLine {
  enum class Kind : std::uint8_t { kNothing = 0, kUser = 1 };
  Kind kind = Kind::kNothing;
  std::string user;   // 1 to 255 bytes without NUL.
  std::string label;  // Printable UTF-8 of at most 64 bytes, or empty.
  Secret key;         // Empty: make one.
};

// `line` is without its LF; a CR at its end is dropped.  kInvalid, with a
// reason that repeats nothing of the line.
Result<BatchLine> ParseBatchLine(std::string_view line);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_BATCH_LINE_H_
