// SPDX-License-Identifier: Apache-2.0
//
// qr_text.cc - drawing with colours that no theme changes: entries 16 (black)
// and 231 (white) of the palette of 256 are fixed.

#include "setup_tool/qr_text.h"

#include <string_view>

namespace twofactor::tool {
namespace {

constexpr std::string_view kWhiteOnBlack = "\033[0;38;5;231;48;5;16m";
constexpr std::string_view kBlackOnWhite = "\033[0;38;5;16;48;5;231m";
constexpr std::string_view kPlain = "\033[0m";

bool IsWhite(Module module, Polarity polarity) {
  return (module == Module::kLight) == (polarity == Polarity::kNormal);
}

// White on black, so that a white module is drawn.
std::string_view HalfBlocks(bool white_above, bool white_below) {
  if (white_above && white_below) return "\u2588";
  if (white_above) return "\u2580";
  if (white_below) return "\u2584";
  return " ";
}

void DrawHalfBlocks(const QrCode& code, Polarity polarity, SecretText& text) {
  for (int row = 0; row < code.size(); row += 2) {
    text.Append(kWhiteOnBlack);
    for (int column = 0; column < code.size(); ++column)
      text.Append(HalfBlocks(IsWhite(code.At(column, row), polarity),
                             IsWhite(code.At(column, row + 1), polarity)));
    text.Append(kPlain).Append("\n");
  }
}

void DrawBlanks(const QrCode& code, Polarity polarity, SecretText& text) {
  for (int row = 0; row < code.size(); ++row) {
    for (int column = 0; column < code.size(); ++column)
      text.Append(IsWhite(code.At(column, row), polarity) ? kBlackOnWhite
                                                          : kWhiteOnBlack)
          .Append("  ");
    text.Append(kPlain).Append("\n");
  }
}

void DrawSigns(const QrCode& code, Polarity polarity, SecretText& text) {
  for (int row = 0; row < code.size(); ++row) {
    for (int column = 0; column < code.size(); ++column)
      text.Append(IsWhite(code.At(column, row), polarity) ? "  " : "##");
    text.Append("\n");
  }
}

}  // namespace

int QrColumns(const QrCode& code, QrStyle style) {
  switch (style) {
    case QrStyle::kUtf8:
      return code.size();
    case QrStyle::kAnsi:
    case QrStyle::kAscii:
      return 2 * code.size();
  }
  return 2 * code.size();
}

SecretText DrawQr(const QrCode& code, QrStyle style, Polarity polarity) {
  SecretText text;
  switch (style) {
    case QrStyle::kUtf8:
      DrawHalfBlocks(code, polarity, text);
      break;
    case QrStyle::kAnsi:
      DrawBlanks(code, polarity, text);
      break;
    case QrStyle::kAscii:
      DrawSigns(code, polarity, text);
      break;
  }
  return text;
}

}  // namespace twofactor::tool
