// SPDX-License-Identifier: Apache-2.0
//
// google_authenticator_file.h - reading ~/.google_authenticator.
//
//   file    = key LF *( option LF / code LF )
//   key     = base32 of either case; blanks and dashes count for nothing, 0, 1
//             and 8 are O, L and B; bits beyond the last whole byte are dropped
//   option  = DQUOTE " " name [ " " value ]
//   code    = 8DIGIT, not below 10000000; the module reads none behind the
//             first line that is neither option nor code
//
// Trust: the file is the user's and may hold any bytes.

#ifndef TWOFACTOR_SETUP_TOOL_GOOGLE_AUTHENTICATOR_FILE_H_
#define TWOFACTOR_SETUP_TOOL_GOOGLE_AUTHENTICATOR_FILE_H_

#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "setup_tool/foreign_file.h"

namespace twofactor::tool {

// A value, and the line that it stands on.
template <typename T>
struct OnLine {
  std::size_t line = 0;
  T value{};
};

// At most so many attempts in so many seconds.
struct AttemptLimit {
  std::uint64_t attempts = 0;
  std::uint64_t seconds = 0;
  std::optional<UnixTime> last_attempt;
};

struct GoogleAuthenticatorFile {
  Secret key;  // Not empty.
  // Whichever the module would check; counters count from 1.
  DeviceKind kind = DeviceKind::kTotp;
  std::optional<OnLine<std::uint64_t>> counter;   // kHotp: of the next code.
  std::optional<OnLine<int>> step_size;           // Seconds, 1..60.
  std::optional<OnLine<int>> window_size;         // Codes, 1..100.
  std::optional<OnLine<std::int64_t>> time_skew;  // Steps.
  std::optional<OnLine<AttemptLimit>> rate_limit;
  // The highest step that was used; zero when none was.
  std::optional<OnLine<std::uint64_t>> disallow_reuse;
  std::vector<Secret> scratch_codes;
  std::size_t scratch_line = 0;  // Of the first one.
  // Lines that say nothing that could be taken.
  std::vector<Finding> findings;
};

// An error refuses the file: what is wrong there changes which codes are right,
// or which of them were used.
std::expected<GoogleAuthenticatorFile, LineError> ParseGoogleAuthenticatorFile(
    std::string_view text);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_GOOGLE_AUTHENTICATOR_FILE_H_
