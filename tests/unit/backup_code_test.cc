// SPDX-License-Identifier: Apache-2.0
//
// backup_code_test.cc - how a backup code is made, written and read, and that
// nothing else is taken for one.

#include "core/factor/backup_code.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kCode = "7K3M9QXPT2WA";

using Entropy = std::array<std::uint8_t, kBackupCodeSize>;

std::string Text(const std::optional<Secret>& code) {
  return code ? std::string(AsText(code->Expose())) : "";
}

void every_byte_of_entropy_makes_one_character_of_the_alphabet() {
  std::array<int, 256> seen{};
  for (int value = 0; value < 256; ++value) {
    Entropy entropy{};
    entropy.fill(10);  // "A": never digits alone.
    entropy[5] = static_cast<std::uint8_t>(value);
    const std::string code = Text(BackupCodeFrom(entropy));
    ExpectEqual(code.size(), kBackupCodeSize);
    Expect(kAlphabet.find(code[5]) != std::string_view::npos, code);
    ExpectEqual(std::ranges::count(code, 'A'),
                static_cast<std::ptrdiff_t>(code[5] == 'A' ? 12 : 11), code);
    ++seen[static_cast<std::uint8_t>(code[5])];
  }
  for (char c : kAlphabet)
    ExpectEqual(seen[static_cast<std::uint8_t>(c)], 8, std::string(1, c));
}

void all_characters_come_from_the_entropy() {
  Entropy entropy{};
  for (std::size_t i = 0; i < entropy.size(); ++i)
    entropy[i] = static_cast<std::uint8_t>(20 + i);
  ExpectEqual(Text(BackupCodeFrom(entropy)), "MNPQRSTVWXYZ");
}

void code_of_digits_alone_is_not_made() {
  Entropy entropy{};
  for (int digit = 0; digit < 10; ++digit) {
    entropy.fill(static_cast<std::uint8_t>(digit));
    Expect(!BackupCodeFrom(entropy));
    for (std::uint8_t& byte : entropy)
      byte = static_cast<std::uint8_t>(byte + 64);
    Expect(!BackupCodeFrom(entropy));
  }
  for (std::size_t at = 0; at < kBackupCodeSize; ++at) {
    entropy.fill(3);
    entropy[at] = 10;
    Expect(BackupCodeFrom(entropy).has_value(), std::to_string(at));
  }
}

void code_is_shown_in_groups_of_four() {
  ExpectEqual(AsText(InGroups(AsBytes(kCode)).Expose()), "7K3M-9QXP-T2WA");
}

void what_is_shown_is_read() {
  std::minstd_rand random(3);
  for (int round = 0; round < 2000; ++round) {
    Entropy entropy;
    for (std::uint8_t& byte : entropy)
      byte = static_cast<std::uint8_t>(random() >> 8);
    const auto code = BackupCodeFrom(entropy);
    if (!code) continue;
    const Secret shown = InGroups(code->Expose());
    ExpectEqual(Text(ReadBackupCode(AsText(shown.Expose()))), Text(code));
    ExpectEqual(Text(ReadBackupCode(AsText(code->Expose()))), Text(code));
  }
}

void code_is_read_in_any_case_and_grouping() {
  for (std::string_view typed :
       {"7K3M9QXPT2WA", "7k3m9qxpt2wa", "7K3m-9qXP-t2Wa", "7K3M 9QXP T2WA",
        "  7K3M-9QXP-T2WA  ", "7-K-3-M-9-Q-X-P-T-2-W-A", "7K3M--9QXP--T2WA",
        "\t7K3M9QXP\tT2WA",
        "7K3M\xC2\xA0"
        "9QXP\xC2\xA0T2WA",
        "7K3M\xE2\x80\xAF"
        "9QXP\xE2\x80\xAFT2WA",
        "7K3M\xE2\x80\x91"
        "9QXP\xE2\x80\x91T2WA",
        "-7K3M9QXPT2WA-"})
    ExpectEqual(Text(ReadBackupCode(typed)), kCode, typed);
}

void letters_that_look_like_digits_are_those() {
  ExpectEqual(Text(ReadBackupCode("OoIiLl-ABCDEF")), "001111ABCDEF");
  ExpectEqual(Text(ReadBackupCode("ABCDEFGHJKMo")), "ABCDEFGHJKM0");
}

void everything_else_is_no_backup_code() {
  using namespace std::string_view_literals;
  for (std::string_view typed : {""sv,
                                 "-"sv,
                                 "            "sv,
                                 "7K3M9QXPT2W"sv,
                                 "7K3M9QXPT2WAA"sv,
                                 "7K3M9QXPT2WA7K3M9QXPT2WA"sv,
                                 "123456789012"sv,
                                 "1234-5678-9012"sv,
                                 "OIL456789012"sv,
                                 "OOOOOOOOOOOO"sv,
                                 "7K3M9QXPT2WU"sv,
                                 "uuuuuuuuuuuu"sv,
                                 "7K3M_9QXP_T2WA"sv,
                                 "7K3M.9QXP.T2WA"sv,
                                 "7K3M9QXPT2WA\n"sv,
                                 "7K3M9QXPT2W\0"sv,
                                 "7K3M9QXPT2WA\0"sv,
                                 "\0007K3M9QXPT2WA"sv,
                                 "7K3M9QXPT2W\xC2"sv,
                                 "7K3M9QXPT2WA\xC2"sv,
                                 "7K3M9QXPT2WA\xE2\x80"sv,
                                 "\xEF\xBC\x97K3M9QXPT2WA"sv,
                                 "7K3M9QXPT2WA="sv,
                                 "+7K3M9QXPT2WA"sv,
                                 "7K3M9QXPT2W*"sv,
                                 "7K3M9QXPT2W["sv,
                                 "7K3M9QXPT2W@"sv,
                                 "7K3M9QXPT2W`"sv,
                                 "7K3M9QXPT2W{"sv})
    Expect(!ReadBackupCode(typed), typed);
}

void every_byte_is_the_alphabet_a_separator_or_refused() {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const auto read = ReadBackupCode(std::string("ABCDEFGHJKM") + c);
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool known =
        (letter && c != 'U' && c != 'u') || (c >= '0' && c <= '9');
    ExpectEqual(read.has_value(), known, std::to_string(value));
    const auto with = ReadBackupCode(std::string("ABCDEFGHJKMN") + c);
    ExpectEqual(with.has_value(), c == ' ' || c == '\t' || c == '-',
                std::to_string(value));
  }
}

// Hashes ---------------------------------------------------------------------

const std::string kKey(kCodeKeySize, 'k');
const std::string kOtherKey(kCodeKeySize, 'o');

void hash_depends_on_key_and_code() {
  std::set<CodeHash> hashes;
  for (const std::string& key : {kKey, kOtherKey})
    for (std::string_view code : {"7K3M9QXPT2WA", "7K3M9QXPT2WB"})
      hashes.insert(ExpectOk(HashCode(AsBytes(key), AsBytes(code))));
  ExpectEqual(hashes.size(), 4u);
  ExpectEqual(ExpectOk(HashCode(AsBytes(kKey), AsBytes(kCode))),
              ExpectOk(HashCode(AsBytes(kKey), AsBytes(kCode))));
}

// RFC 4231 §4.2, test case 1.
void hash_is_hmac_sha_256() {
  const std::string key(20, '\x0b');
  CodeHash expected;
  Expect(HexDecode(
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      expected));
  ExpectBytes(ExpectOk(HashCode(AsBytes(key), AsBytes("Hi There"))), expected);
}

void each_code_of_a_set_is_found_and_no_other() {
  std::vector<CodeHash> hashes;
  std::vector<std::string> codes;
  for (int i = 0; i < 32; ++i) {
    codes.push_back("7K3M9QXPT2" + std::to_string(10 + i));
    hashes.push_back(ExpectOk(HashCode(AsBytes(kKey), AsBytes(codes.back()))));
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto found =
        ExpectOk(FindCode(AsBytes(kKey), hashes, AsBytes(codes[i])));
    Expect(found == i, codes[i]);
    Expect(!ExpectOk(FindCode(AsBytes(kOtherKey), hashes, AsBytes(codes[i]))),
           codes[i]);
  }
  Expect(!ExpectOk(FindCode(AsBytes(kKey), hashes, AsBytes(kCode))));
  Expect(!ExpectOk(FindCode(AsBytes(kKey), hashes, {})));
  Expect(!ExpectOk(FindCode(AsBytes(kKey), {}, AsBytes(codes[0]))));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(every_byte_of_entropy_makes_one_character_of_the_alphabet),
      EXPECT_TEST(all_characters_come_from_the_entropy),
      EXPECT_TEST(code_of_digits_alone_is_not_made),
      EXPECT_TEST(code_is_shown_in_groups_of_four),
      EXPECT_TEST(what_is_shown_is_read),
      EXPECT_TEST(code_is_read_in_any_case_and_grouping),
      EXPECT_TEST(letters_that_look_like_digits_are_those),
      EXPECT_TEST(everything_else_is_no_backup_code),
      EXPECT_TEST(every_byte_is_the_alphabet_a_separator_or_refused),
      EXPECT_TEST(hash_depends_on_key_and_code),
      EXPECT_TEST(hash_is_hmac_sha_256),
      EXPECT_TEST(each_code_of_a_set_is_found_and_no_other),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
