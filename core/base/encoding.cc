// SPDX-License-Identifier: Apache-2.0
//
// encoding.cc - base32, hex and percent encoding.

#include "core/base/encoding.h"

namespace twofactor {
namespace {

constexpr std::string_view kBase32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";
constexpr std::string_view kLowerHex = "0123456789abcdef";

// Arithmetic instead of a table or a branch a character: the key that is typed
// in must not show in what the cache remembers.
int Base32Value(char c) {
  const int upper = c & ~0x20;
  const int letter = upper - 'A';
  const int digit = c - '2';
  const int is_letter = (letter >= 0) & (letter < 26) & ((c & 0xC0) == 0x40);
  const int is_digit = (digit >= 0) & (digit < 6);
  return is_letter * letter + is_digit * (digit + 26) -
         ((is_letter | is_digit) ^ 1);
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

// The length of the UTF-8 sequence that starts `text`, 0 if it is ill-formed
// (RFC 3629 §4) or a C1 control.
std::size_t Utf8SequenceLength(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  auto continues = [&](std::size_t i, std::uint8_t low, std::uint8_t high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return continues(1, lead == 0xC2 ? 0xA0 : 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) &&
                   continues(3, 0x80, 0xBF)
               ? 4
               : 0;
  }
  return 0;
}

}  // namespace

Secret Base32Encode(Bytes bytes) {
  Secret text((bytes.size() * 8 + 4) / 5);
  MutableBytes output = text.ExposeMutable();
  std::size_t written = 0;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    bit_count += 8;
    while (bit_count >= 5) {
      bit_count -= 5;
      output[written++] =
          static_cast<std::uint8_t>(kBase32Alphabet[bits >> bit_count & 31]);
    }
  }
  if (bit_count > 0)
    output[written++] = static_cast<std::uint8_t>(
        kBase32Alphabet[bits << (5 - bit_count) & 31]);
  return text;
}

std::optional<Secret> Base32Decode(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  Secret decoded(text.size() * 5 / 8);
  MutableBytes output = decoded.ExposeMutable();
  std::size_t written = 0;
  std::size_t digits = 0;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (char c : text) {
    if (c == ' ' || c == '-') continue;
    const int value = Base32Value(c);
    if (value < 0) return std::nullopt;
    ++digits;
    bits = bits << 5 | static_cast<std::uint32_t>(value);
    bit_count += 5;
    if (bit_count >= 8) {
      bit_count -= 8;
      output[written++] = static_cast<std::uint8_t>(bits >> bit_count);
    }
    bits &= (1u << bit_count) - 1;
  }
  // RFC 4648 §6: 1, 3 and 6 digits beyond a group of eight encode nothing.
  const std::size_t tail = digits % 8;
  if (tail == 1 || tail == 3 || tail == 6 || bits != 0) return std::nullopt;
  decoded.Shrink(written);
  return decoded;
}

std::string HexEncode(Bytes bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    text.push_back(kLowerHex[byte >> 4]);
    text.push_back(kLowerHex[byte & 15]);
  }
  return text;
}

bool HexDecode(std::string_view text, MutableBytes output) {
  if (text.size() != output.size() * 2) return false;
  for (std::size_t i = 0; i < output.size(); ++i) {
    const int high = HexValue(text[2 * i]);
    const int low = HexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    output[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (char c : text) {
    if (IsUnreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    encoded.push_back('%');
    encoded.push_back(kUpperHex[byte >> 4]);
    encoded.push_back(kUpperHex[byte & 15]);
  }
  return encoded;
}

bool IsPrintableUtf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    if (lead < 0x20 || lead == 0x7F) return false;
    const std::size_t length = Utf8SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace twofactor
