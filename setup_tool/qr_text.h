// SPDX-License-Identifier: Apache-2.0
//
// qr_text.h - a QR code in the characters of a terminal.

#ifndef TWOFACTOR_SETUP_TOOL_QR_TEXT_H_
#define TWOFACTOR_SETUP_TOOL_QR_TEXT_H_

#include <cstdint>

#include "core/base/secret_text.h"
#include "setup_tool/qr_code.h"

namespace twofactor::tool {

enum class QrStyle : std::uint8_t {
  kUtf8,   // Half blocks, two modules to a character; both colours set.
  kAnsi,   // Two blanks to a module; both colours set.
  kAscii,  // Two characters to a module, ## for dark; no colours.
};

enum class Polarity : std::uint8_t { kNormal = 0, kInverted = 1 };

// Characters that a line needs.
int QrColumns(const QrCode& code, QrStyle style);

SecretText DrawQr(const QrCode& code, QrStyle style, Polarity polarity);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_QR_TEXT_H_
