// SPDX-License-Identifier: Apache-2.0
//
// qr_output.h - where a QR code goes: the terminal, a file, or nowhere.

#ifndef TWOFACTOR_SETUP_TOOL_QR_OUTPUT_H_
#define TWOFACTOR_SETUP_TOOL_QR_OUTPUT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "setup_tool/failure.h"
#include "setup_tool/new_file.h"
#include "setup_tool/option_list.h"
#include "setup_tool/qr_text.h"

namespace twofactor::tool {

class QrOutput {
 public:
  enum class Target : std::uint8_t {
    kAutomatic = 0,  // As the terminal can; nothing if that is none.
    kUtf8,
    kAnsi,
    kAscii,
    kSvg,
    kPng,
    kNone,
  };

  void Describe(OptionList& options);

  // Understands --qr.  kUsage.
  Try<void> Parse();

  bool given() const { return choice_.has_value(); }
  Target target() const { return target_; }
  bool is_file() const {
    return target_ == Target::kSvg || target_ == Target::kPng;
  }

  // Draws to stdout.  When the terminal cannot show it, says so and draws
  // nothing.
  Try<void> Draw(Bytes uri) const;

  // Writes the image file, which is removed again unless it is kept.
  Try<NewFile> WriteFile(Bytes uri) const;

 private:
  Polarity polarity() const {
    return invert_ ? Polarity::kInverted : Polarity::kNormal;
  }
  std::optional<QrStyle> StyleFor(const QrCode& code) const;

  std::optional<std::string> choice_;
  bool invert_ = false;
  Target target_ = Target::kAutomatic;
  std::string path_;
};

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_QR_OUTPUT_H_
