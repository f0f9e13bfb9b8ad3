// SPDX-License-Identifier: Apache-2.0
//
// utf8.cc - the syntax of RFC 3629 §4, and what no terminal should be sent.

#include "setup_tool/utf8.h"

namespace twofactor::tool {
namespace {

struct Lead {
  std::size_t size;
  std::uint32_t bits;
  std::uint32_t least;  // Smaller code points have a shorter form.
};

// Size 0 for a byte that leads nothing.
Lead LeadOf(std::uint8_t byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return {2, byte & 0x1FU, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0FU, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

bool Within(std::uint32_t code_point, std::uint32_t low, std::uint32_t high) {
  return code_point >= low && code_point <= high;
}

bool IsControl(std::uint32_t code_point) {
  return code_point < 0x20 || Within(code_point, 0x7F, 0x9F) ||
         code_point == 0x061C || Within(code_point, 0x200B, 0x200F) ||
         Within(code_point, 0x2028, 0x202E) ||
         Within(code_point, 0x2060, 0x206F) || code_point == 0xFEFF ||
         Within(code_point, 0xFFF9, 0xFFFB) ||
         Within(code_point, 0xE0000, 0xE007F);
}

}  // namespace

Utf8Character FirstCharacter(std::string_view text) {
  constexpr Utf8Character kIllFormed{};
  Lead lead = LeadOf(static_cast<std::uint8_t>(text.front()));
  if (lead.size == 0 || lead.size > text.size()) return kIllFormed;
  std::uint32_t code_point = lead.bits;
  for (std::size_t i = 1; i < lead.size; ++i) {
    auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return kIllFormed;
    code_point = code_point << 6 | (byte & 0x3FU);
  }
  if (code_point < lead.least || code_point > 0x10FFFF ||
      Within(code_point, 0xD800, 0xDFFF))
    return kIllFormed;
  return {IsControl(code_point) ? Utf8Character::Kind::kControl
                                : Utf8Character::Kind::kPrintable,
          lead.size, code_point};
}

}  // namespace twofactor::tool
