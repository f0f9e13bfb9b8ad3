// SPDX-License-Identifier: Apache-2.0
//
// hidden_secrets.cc - reading text byte by byte, as it is and unescaped.

#include "delivery_helper/hidden_secrets.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/base/encoding.h"
#include "core/base/secret_text.h"

namespace twofactor::delivery {
namespace {

constexpr std::size_t kMinHidden = 4;
// So many characters tell a secret from other words without its dashes.
constexpr std::ptrdiff_t kTellingSize = 8;

// What a piece of text stands for.
struct Unit {
  char bytes[4] = {};
  std::size_t count = 0;  // Of these.
  std::size_t size = 0;   // Of the text.

  std::string_view text() const { return {bytes, count}; }
};

Unit AsItIs(std::string_view text) { return {{text[0]}, 1, 1}; }

// The UTF-16 unit of "\uXXXX" at the start; 0 for none.
std::uint32_t Utf16UnitAt(std::string_view text) {
  std::uint8_t bytes[2];
  if (!text.starts_with("\\u") || !HexDecode(text.substr(2, 4), bytes))
    return 0;
  return static_cast<std::uint32_t>(bytes[0] << 8 | bytes[1]);
}

Unit Utf8(std::uint32_t point, std::size_t size) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  const auto next = [&](unsigned shift) {
    return byte(0x80 | (point >> shift & 0x3F));
  };
  if (point < 0x80) return {{byte(point)}, 1, size};
  if (point < 0x800) return {{byte(0xC0 | point >> 6), next(0)}, 2, size};
  if (point < 0x10000)
    return {{byte(0xE0 | point >> 12), next(6), next(0)}, 3, size};
  return {{byte(0xF0 | point >> 18), next(12), next(6), next(0)}, 4, size};
}

Unit JsonUnit(std::string_view text) {
  constexpr std::size_t kEscape = 6;  // "\uXXXX"
  constexpr std::string_view kLetters = "bfnrt";
  const std::uint32_t first = Utf16UnitAt(text);
  if (first == 0) {
    if (text.size() < 2) return AsItIs(text);
    const auto letter = kLetters.find(text[1]);
    const bool found = letter != std::string_view::npos;
    return {{found ? "\b\f\n\r\t"[letter] : text[1]}, 1, 2};
  }
  if (first < 0xD800 || first > 0xDBFF) return Utf8(first, kEscape);
  const std::uint32_t second = Utf16UnitAt(text.substr(kEscape));
  if (second < 0xDC00 || second > 0xDFFF) return AsItIs(text);
  return Utf8(0x10000 + ((first - 0xD800) << 10 | (second - 0xDC00)),
              2 * kEscape);
}

// What `text`, which is not empty, starts with, if that is an escape.
Unit Unescaped(std::string_view text) {
  std::uint8_t byte = 0;
  if (text[0] == '%' && HexDecode(text.substr(1, 2), {&byte, 1}))
    return {{static_cast<char>(byte)}, 1, 3};
  return text[0] == '\\' ? JsonUnit(text) : AsItIs(text);
}

// The six bits of a character of either alphabet; negative for none.
int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

// Characters of Base64 in a row, and "=" at their end.
struct Row {
  Secret values;  // The bits of each, one a byte.
  std::size_t size = 0;
};

Row RowAtStart(std::string_view text) {
  SecretText values;
  const std::size_t all = text.size();
  while (!text.empty()) {
    const Unit unit = Unescaped(text);
    const int value = Base64Value(unit.bytes[0]);
    if (value < 0) break;
    const char bits = static_cast<char>(value);
    values.Append({&bits, 1});
    text.remove_prefix(unit.size);
  }
  while (values.size() > 0 && !text.empty() && Unescaped(text).bytes[0] == '=')
    text.remove_prefix(Unescaped(text).size);
  return {std::move(values).Take(), all - text.size()};
}

Secret BytesOf(Bytes values) {
  Secret bytes(values.size() * 6 / 8);
  std::uint32_t bits = 0;
  std::size_t bit_count = 0;
  std::size_t size = 0;
  for (std::uint8_t value : values) {
    bits = bits << 6 | value;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes.ExposeMutable()[size++] =
        static_cast<std::uint8_t>(bits >> bit_count);
  }
  return bytes;
}

// How much of `text` spells the secret, read by `read`.
template <typename Read>
std::size_t Spelled(std::string_view text, std::string_view secret,
                    bool may_lack_dashes, const Read& read) {
  const std::size_t all = text.size();
  while (!secret.empty()) {
    const Unit unit = text.empty() ? Unit{} : read(text, secret[0]);
    if (unit.count > 0 && secret.starts_with(unit.text())) {
      secret.remove_prefix(unit.count);
      text.remove_prefix(unit.size);
    } else if (may_lack_dashes && secret[0] == '-') {
      secret.remove_prefix(1);
    } else {
      return 0;
    }
  }
  return all - text.size();
}

// How much of `text` spells the secret, as it is or escaped.
std::size_t PlainSizeOf(std::string_view secret, std::string_view text) {
  const bool may_lack_dashes = std::ranges::count_if(secret, [](char c) {
                                 return c != '-';
                               }) >= kTellingSize;
  const auto as_it_is = [](std::string_view rest, char) {
    return AsItIs(rest);
  };
  const auto unescaped = [](std::string_view rest, char wanted) {
    // A blank of a form.
    if (rest[0] == '+' && wanted == ' ') return Unit{{' '}, 1, 1};
    return Unescaped(rest);
  };
  return std::max(Spelled(text, secret, may_lack_dashes, as_it_is),
                  Spelled(text, secret, may_lack_dashes, unescaped));
}

}  // namespace

void HiddenSecrets::Add(std::string_view secret) {
  if (secret.size() >= kMinHidden)
    secrets_.push_back(Secret::CopyOf(AsBytes(secret)));
}

std::size_t HiddenSecrets::PlainSize(std::string_view text) const {
  std::size_t size = 0;
  for (const Secret& secret : secrets_)
    size = std::max(size, PlainSizeOf(AsText(secret.Expose()), text));
  return size;
}

bool HiddenSecrets::IsAnyIn(std::string_view text) const {
  for (; !text.empty(); text.remove_prefix(1))
    if (PlainSize(text) > 0) return true;
  return false;
}

// Where the four characters that make three bytes begin cannot be seen.
bool HiddenSecrets::IsAnyEncodedIn(Bytes values) const {
  for (std::size_t skip = 0; skip < std::min<std::size_t>(4, values.size());
       ++skip) {
    const Secret bytes = BytesOf(values.subspan(skip));
    if (IsAnyIn(AsText(bytes.Expose()))) return true;
  }
  return false;
}

std::string HiddenSecrets::Clean(std::string_view text) const {
  constexpr std::string_view kStandIn = "[hidden]";
  std::string clean;
  std::size_t row_end = 0;  // Of the last row of Base64; all of it was read.
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = PlainSize(text.substr(at));
    if (size == 0 && at >= row_end) {
      const Row row = RowAtStart(text.substr(at));
      row_end = at + row.size;
      if (IsAnyEncodedIn(row.values.Expose())) size = row.size;
    }
    clean.append(size > 0 ? kStandIn : text.substr(at, 1));
    at += std::max<std::size_t>(size, 1);
  }
  return clean;
}

}  // namespace twofactor::delivery
