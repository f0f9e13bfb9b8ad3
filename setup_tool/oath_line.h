// SPDX-License-Identifier: Apache-2.0
//
// oath_line.h - one line of the users file of pam_oath (liboath).
//
//   line = type user pin key [ factor [ last-code [ last-time ] ] ]
//        / *blank [ "#" comment ]
//   type = "HOTP" / "HOTP/E" [ "/" digits ] / "HOTP/T30" [ "/" digits ]
//        / "HOTP/T60" [ "/" digits ]        ; 6, 7 or 8 digits
//   pin  = "-" / "+" / text                 ; "-": none; "+": checked elsewhere
//   key  = hex
//
// Fields are parted by blanks.  `factor` is the counter of `last-code`, where
// there is one, else of the next code.
//
// Trust: the line may be any bytes.

#ifndef TWOFACTOR_SETUP_TOOL_OATH_LINE_H_
#define TWOFACTOR_SETUP_TOOL_OATH_LINE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/store/enrollment.h"

namespace twofactor::tool {

constexpr std::size_t kMaxOathLineSize = 1024;

struct OathLine {
  enum class Kind : std::uint8_t { kNothing = 0, kToken = 1 };
  enum class Pin : std::uint8_t { kText = 0, kElsewhere = 1, kNone = 2 };

  Kind kind = Kind::kNothing;
  std::string user;  // 1 to 255 bytes without NUL.
  DeviceKind device_kind = DeviceKind::kHotp;
  int digits = 6;
  std::chrono::seconds period{0};  // kTotp: 30 or 60.
  Pin pin = Pin::kText;
  Secret key;
  std::uint64_t factor = 0;
  Secret last_code;  // Empty: never used.
};

// `line` is without its LF.  kInvalid, with a reason that repeats nothing of
// the line.
Result<OathLine> ParseOathLine(std::string_view line);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_OATH_LINE_H_
