// SPDX-License-Identifier: Apache-2.0
//
// encoding_test.cc - base32, hex, percent and UTF-8: what is taken, what not.

#include "core/base/encoding.h"

#include "tests/unit/expect.h"
#include "tests/unit/vector_file.h"

using namespace twofactor;
using namespace std::string_view_literals;

namespace {

std::string Encoded(std::string_view text) {
  return std::string(AsText(Base32Encode(AsBytes(text)).Expose()));
}

// "(none)" when `text` is refused.
std::string Decoded(std::string_view text) {
  auto decoded = Base32Decode(text);
  return decoded ? std::string(AsText(decoded->Expose())) : "(none)";
}

void base32_matches_rfc_4648_without_padding() {
  for (const Vector& vector : ReadVectors("base32.txt", 7)) {
    std::string unpadded = vector.Text("base32");
    while (unpadded.ends_with('=')) unpadded.pop_back();
    ExpectEqual(Encoded(vector.Text("text")), unpadded);
    ExpectEqual(Decoded(unpadded), vector.Text("text"));
    ExpectEqual(Decoded(vector.Text("base32")), vector.Text("text"));
  }
}

void base32_takes_keys_as_people_type_them() {
  for (const char* text : {"MZXW6YTB", "mzxw6ytb", "MzXw 6yTb", "MZXW-6YTB",
                           " MZ XW 6Y TB ", "--MZXW6YTB--", "MZXW6YTB========"})
    ExpectEqual(Decoded(text), "fooba", text);
}

void base32_refuses_what_is_not_base32() {
  const std::string_view rows[] = {
      "MZXW6YT0",  // 0, 1, 8 and 9 are no digits of RFC 4648.
      "MZXW6YT1",
      "MZXW6YT8",
      "MZXW6YT9",
      "MZXW6YT!",
      "MZXW6YT@",
      "MZXW6YT[",
      "MZXW6YT`",
      "MZXW6YT{",
      "MZXW6Y\tB",
      "MZXW6YTB\n",
      "MZXW6YTB\0"sv,
      "MZ=XW6YTB",
      "MY==MY==",
      "MZXW6YT\xC1",
      "MZXW6YT\xB2",
      "MZXW6YT\xE1",
      "\xEF\xBC\xAD"
      "ZXW6YTB",  // A full-width M.
      "MZXW6YT_",
      "MZXW6YT+",
      "MZXW6YT/",
  };
  for (std::string_view row : rows) ExpectEqual(Decoded(row), "(none)", row);
}

void base32_refuses_lengths_that_nothing_encodes_to() {
  for (const char* text : {"A", "AAA", "AAAAAA", "AAAAAAAAA", "AAAAAAAAAAA"})
    ExpectEqual(Decoded(text), "(none)", text);
}

void base32_refuses_bits_beyond_the_last_byte() {
  // MY is "f"; MZ has a bit more, and so on for each tail.
  for (const char* text : {"MZ", "MZXR", "MZXW7", "MZXW6YR"})
    ExpectEqual(Decoded(text), "(none)", text);
  for (const char* text : {"MY", "MZXQ", "MZXW6", "MZXW6YQ"})
    Expect(Decoded(text) != "(none)", text);
}

void base32_of_nothing_is_nothing() {
  ExpectEqual(Encoded(""), "");
  for (const char* text : {"", "=", "====", " - "})
    ExpectEqual(Decoded(text), "", text);
}

void base32_returns_every_byte_string_up_to_40() {
  std::string text;
  for (int size = 0; size <= 40; ++size) {
    ExpectEqual(Decoded(Encoded(text)), text);
    text.push_back(static_cast<char>(size * 37 + 129));
  }
}

void hex_returns_what_it_was_given() {
  std::uint8_t bytes[256];
  for (int i = 0; i < 256; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  std::uint8_t decoded[256];
  Expect(HexDecode(HexEncode(bytes), decoded));
  ExpectBytes(decoded, bytes);
  ExpectEqual(HexEncode({bytes + 171, 1}), "ab");
}

void hex_takes_either_case_and_nothing_else() {
  std::uint8_t bytes[2];
  Expect(HexDecode("aBfF", bytes));
  ExpectEqual(HexEncode(bytes), "abff");
  for (std::string_view text : {"", "ab", "abf", "abfff", "abffff", "ab g",
                                "xyzz", " abff", "0xab", "-1ff", "ab\0f"})
    Expect(!HexDecode(text, bytes), text);
  Expect(!HexDecode("ab\0f"sv, bytes));
  Expect(HexDecode("", {}));
}

void percent_keeps_the_unreserved_of_rfc_3986() {
  constexpr std::string_view kUnreserved =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  ExpectEqual(PercentEncode(kUnreserved), kUnreserved);
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (kUnreserved.find(c) != std::string_view::npos) continue;
    char expected[4];
    std::snprintf(expected, sizeof(expected), "%%%02X", byte);
    ExpectEqual(PercentEncode({&c, 1}), expected);
  }
}

void percent_writes_utf8_byte_by_byte() {
  ExpectEqual(PercentEncode("Zoë & Co: a/b?c=d#e%41"),
              "Zo%C3%AB%20%26%20Co%3A%20a%2Fb%3Fc%3Dd%23e%2541");
}

void utf8_takes_well_formed_text() {
  for (std::string_view text :
       {"", "a b~", "\xC2\xA0", "\xC3\xA9", "\xDF\xBF", "\xE0\xA0\x80",
        "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD", "\xF0\x90\x80\x80",
        "\xF4\x8F\xBF\xBF", "\xE6\x97\xA5\xE6\x9C\xAC"})
    Expect(IsPrintableUtf8(text), text);
}

void utf8_refuses_ill_formed_text_and_controls() {
  const std::string_view rows[] = {
      "\n",
      "\r",
      "\t",
      "\x1B[2J",
      "\x7F",
      "a\0b"sv,
      "\x01",
      "\xC2\x80",
      "\xC2\x9B",
      "\xC2\x9F",  // C1 controls, CSI among them.
      "\x80",
      "\xBF",
      "\xC0\x80",
      "\xC1\xBF",
      "\xC2",
      "\xC2\x41",
      "\xE0\x80\x80",
      "\xE0\x9F\xBF",  // Overlong.
      "\xED\xA0\x80",
      "\xED\xBF\xBF",  // Surrogates.
      "\xE2\x82",
      "\xE2\x28\xA1",
      "\xF0\x80\x80\x80",
      "\xF0\x8F\xBF\xBF",  // Overlong.
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",  // Beyond U+10FFFF.
      "\xF0\x9F\x98",
      "\xFE",
      "\xFF",
      "a\xFF"
      "b",
  };
  for (std::string_view row : rows)
    Expect(!IsPrintableUtf8(row), HexEncode(AsBytes(row)));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(base32_matches_rfc_4648_without_padding),
      EXPECT_TEST(base32_takes_keys_as_people_type_them),
      EXPECT_TEST(base32_refuses_what_is_not_base32),
      EXPECT_TEST(base32_refuses_lengths_that_nothing_encodes_to),
      EXPECT_TEST(base32_refuses_bits_beyond_the_last_byte),
      EXPECT_TEST(base32_of_nothing_is_nothing),
      EXPECT_TEST(base32_returns_every_byte_string_up_to_40),
      EXPECT_TEST(hex_returns_what_it_was_given),
      EXPECT_TEST(hex_takes_either_case_and_nothing_else),
      EXPECT_TEST(percent_keeps_the_unreserved_of_rfc_3986),
      EXPECT_TEST(percent_writes_utf8_byte_by_byte),
      EXPECT_TEST(utf8_takes_well_formed_text),
      EXPECT_TEST(utf8_refuses_ill_formed_text_and_controls),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
