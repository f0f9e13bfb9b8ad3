// SPDX-License-Identifier: Apache-2.0
//
// answer.cc - telling codes from what else people and hosts put into prompts.

#include "core/session/answer.h"

#include <array>
#include <optional>

#include "core/factor/backup_code.h"
#include "core/factor/code.h"
#include "core/factor/hotp.h"

namespace twofactor {
namespace {

// What OpenSSH's auth-pam.c fills an answer with that it will not use.
constexpr std::string_view kHostDummy = "\b\n\r\177INCORRECT";

struct DigitScript {
  char prefix[3];     // UTF-8 of the digits but for their last byte.
  std::uint8_t zero;  // Last byte of the digit zero.
};
constexpr std::array<DigitScript, 3> kDigitScripts = {{
    {"\xEF\xBC", 0x90},  // Full-width, U+FF10
    {"\xD9", 0xA0},      // Arabic-Indic, U+0660
    {"\xDB", 0xB0},      // Extended Arabic-Indic, U+06F0
}};

bool IsHostDummy(std::string_view typed) {
  for (std::size_t i = 0; i < typed.size(); ++i)
    if (typed[i] != kHostDummy[i % kHostDummy.size()]) return false;
  return true;
}

// Removes one digit or separator from the front.  -1: neither, -2: separator.
int TakeDigit(std::string_view& text) {
  if (SkipSeparator(text)) return -2;
  if (text[0] >= '0' && text[0] <= '9') {
    const int digit = text[0] - '0';
    text.remove_prefix(1);
    return digit;
  }
  for (const DigitScript& script : kDigitScripts) {
    const std::size_t size = std::string_view(script.prefix).size();
    if (!text.starts_with(std::string_view(script.prefix)) ||
        text.size() <= size)
      continue;
    const int digit = static_cast<std::uint8_t>(text[size]) - script.zero;
    if (digit < 0 || digit > 9) continue;
    text.remove_prefix(size + 1);
    return digit;
  }
  return -1;
}

// One code or two; empty for what is neither.
std::optional<Secret> ReadDigits(std::string_view text) {
  Secret digits(2 * kMaxDigits);
  std::size_t count = 0;
  while (!text.empty()) {
    const int digit = TakeDigit(text);
    if (digit == -2) continue;
    if (digit < 0 || count == digits.size()) return std::nullopt;
    digits.ExposeMutable()[count++] = static_cast<std::uint8_t>('0' + digit);
  }
  digits.Shrink(count);
  return digits;
}

bool IsRecoverWord(std::string_view text) {
  while (SkipSeparator(text)) continue;
  if (text.size() < kRecoverWord.size()) return false;
  for (char expected : kRecoverWord) {
    if ((text.front() | 0x20) != expected) return false;
    text.remove_prefix(1);
  }
  while (SkipSeparator(text)) continue;
  return text.empty();
}

}  // namespace

Answer ClassifyAnswer(Bytes typed, std::string_view user) {
  std::string_view text = AsText(typed);
  if (text.empty() || text.size() > kMaxAnswerSize ||
      text.find('\0') != std::string_view::npos)
    return {Answer::Kind::kNothing, {}};
  if (IsHostDummy(text)) return {Answer::Kind::kHostDummy, {}};
  if (text == user) return {Answer::Kind::kUserName, {}};
  if (IsRecoverWord(text)) return {Answer::Kind::kRecover, {}};

  if (auto digits = ReadDigits(text)) {
    const std::size_t count = digits->size();
    if (count >= kMinDigits && count <= kMaxDigits)
      return {Answer::Kind::kCode, std::move(*digits)};
    if (count >= 2 * kMinDigits && count % 2 == 0)
      return {Answer::Kind::kCodePair, std::move(*digits)};
    return {Answer::Kind::kUnknownFormat, {}};
  }
  if (auto code = ReadBackupCode(text))
    return {Answer::Kind::kBackupCode, std::move(*code)};
  return {Answer::Kind::kUnknownFormat, {}};
}

}  // namespace twofactor
