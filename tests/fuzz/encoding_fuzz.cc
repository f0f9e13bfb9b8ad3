// SPDX-License-Identifier: Apache-2.0
//
// encoding_fuzz.cc - base32, hex, percent, UTF-8 and file names: there and
// back, and only one spelling.

#include <algorithm>
#include <string>
#include <vector>

#include "core/store/paths.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {
namespace {

void FuzzBase32(Bytes input) {
  const Secret encoded = Base32Encode(input);
  const auto back = Base32Decode(AsText(encoded.Expose()));
  FUZZ_EXPECT(back && std::ranges::equal(back->Expose(), input));

  const auto decoded = Base32Decode(AsText(input));
  if (!decoded) return;
  // The same digits, but for case, blanks, dashes and padding.
  std::string digits;
  for (std::uint8_t byte : input) {
    const char c = static_cast<char>(byte);
    if (c == ' ' || c == '-' || c == '=') continue;
    digits.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
  }
  FUZZ_EXPECT(AsText(Base32Encode(decoded->Expose()).Expose()) == digits);
}

void FuzzHex(Bytes input) {
  std::vector<std::uint8_t> back(input.size());
  FUZZ_EXPECT(HexDecode(HexEncode(input), back));
  FUZZ_EXPECT(std::ranges::equal(back, input));
  std::vector<std::uint8_t> decoded(input.size() / 2);
  if (!HexDecode(AsText(input), decoded)) return;
  FUZZ_EXPECT(HexEncode(decoded).size() == input.size());
}

void FuzzPercent(Bytes input) {
  const std::string encoded = PercentEncode(AsText(input));
  FUZZ_EXPECT(IsPrintableUtf8(encoded));
  FUZZ_EXPECT(encoded.find_first_of("/?&#:= \"'+") == std::string::npos);
}

void FuzzFileName(std::string_view text) {
  if (const auto user = UserName::Create(text)) {
    const auto file = RecordFileName(*user);
    FUZZ_EXPECT(file.has_value());
    FUZZ_EXPECT(!file->empty() && file->size() <= 200);
    FUZZ_EXPECT(!file->starts_with('.'));
    FUZZ_EXPECT(file->find_first_of(std::string_view("/\0", 2)) ==
                std::string::npos);
    FUZZ_EXPECT(*file != *RecordFileName(UserName::Nobody()));
    if (IsHashedFileName(*file))
      FUZZ_EXPECT(!UserOfFileName(*file));
    else
      FUZZ_EXPECT(UserOfFileName(*file) == *user);
  }
  if (const auto user = UserOfFileName(text))
    FUZZ_EXPECT(*RecordFileName(*user) == text);
}

}  // namespace

void Fuzz(Bytes input) {
  FuzzBase32(input);
  FuzzHex(input);
  FuzzPercent(input);
  FuzzFileName(AsText(input));
  if (IsPrintableUtf8(AsText(input)))
    for (std::uint8_t byte : input) FUZZ_EXPECT(byte >= 0x20 && byte != 0x7F);
}

}  // namespace twofactor
