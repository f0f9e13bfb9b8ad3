// SPDX-License-Identifier: Apache-2.0
//
// answer_test.cc - what counts as a code, and what is never compared.

#include "core/session/answer.h"

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace std::string_view_literals;
using Kind = Answer::Kind;

namespace {

void ExpectCode(std::string_view typed, std::string_view digits) {
  const Answer answer = ClassifyAnswer(AsBytes(typed), "alice");
  ExpectEqual(answer.kind, Kind::kCode, typed);
  ExpectEqual(AsText(answer.code.Expose()), digits, typed);
}

void ExpectKind(std::string_view typed, Kind kind,
                std::string_view user = "alice") {
  const Answer answer = ClassifyAnswer(AsBytes(typed), user);
  ExpectEqual(answer.kind, kind, typed);
  Expect(answer.code.empty(), typed);
}

void zero_answer_is_nothing() { Expect(Answer{}.kind == Kind::kNothing); }

void codes_have_6_to_8_digits() {
  ExpectCode("123456", "123456");
  ExpectCode("1234567", "1234567");
  ExpectCode("12345678", "12345678");
  ExpectCode("000000", "000000");
  for (const char* typed : {"1", "12345", "123456789", "12345678901",
                            "1234567890123", "12345678901234567"})
    ExpectKind(typed, Kind::kUnknownFormat);
}

void two_codes_in_a_row_are_a_pair() {
  for (auto [typed, code] : {std::pair("123456 654321", "123456654321"),
                             {"1234567-7654321", "12345677654321"},
                             {"1234567887654321", "1234567887654321"}}) {
    const Answer answer = ClassifyAnswer(AsBytes(typed), "alice");
    ExpectEqual(answer.kind, Kind::kCodePair, typed);
    ExpectEqual(AsText(answer.code.Expose()), code, typed);
  }
}

void backup_codes_are_read_in_any_case_and_grouping() {
  for (const char* typed : {"7K3M-9QXP-T2WA", "7k3m9qxpt2wa",
                            " 7K3M 9QXP T2WA ", "7K3-M9Q-XPT-2WA"}) {
    const Answer answer = ClassifyAnswer(AsBytes(typed), "alice");
    ExpectEqual(answer.kind, Kind::kBackupCode, typed);
    ExpectEqual(AsText(answer.code.Expose()), "7K3M9QXPT2WA", typed);
  }
  for (const char* typed :
       {"7K3M-9QXP-T2W", "7K3M-9QXP-T2WAA", "7K3M-9QXP-T2WU"})
    ExpectKind(typed, Kind::kUnknownFormat);
}

void word_for_recovery_is_read_in_any_case() {
  for (const char* typed : {"recover", "RECOVER", " Recover "})
    ExpectKind(typed, Kind::kRecover);
  for (const char* typed : {"recove", "recovery", "re cover"})
    ExpectKind(typed, Kind::kUnknownFormat);
}

void blanks_and_dashes_are_dropped() {
  for (const char* typed : {"123 456", "123-456", " 123456 ", "1 2 3 4 5 6",
                            "--123--456--", "123\t456",
                            "123\xC2\xA0"
                            "456",  // No-break space ...
                            "123\xE2\x80\xAF"
                            "456",  // ... the narrow one ...
                            "123\xE2\x80\x91"
                            "456"})  // ... and the no-break hyphen.
    ExpectCode(typed, "123456");
}

void digits_of_other_scripts_are_digits() {
  ExpectCode(
      "\xEF\xBC\x90\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x98"
      "\xEF\xBC\x99",
      "012389");
  ExpectCode("\xD9\xA0\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA8\xD9\xA9", "012389");
  ExpectCode("\xDB\xB0\xDB\xB1\xDB\xB2\xDB\xB3\xDB\xB8\xDB\xB9", "012389");
  ExpectCode(
      "12\xEF\xBC\x93"
      "456",
      "123456");
}

void neighbours_of_digits_are_no_digits() {
  for (std::string_view last :
       {"/"sv, ":"sv, "\xEF\xBC\x8F"sv, "\xEF\xBC\x9A"sv, "\xD9\x9F"sv,
        "\xD9\xAA"sv, "\xDB\xAF"sv, "\xDB\xBA"sv, "\xEF\xBC"sv, "\xD9"sv,
        "\xEF"sv, "\xC2"sv, "\xE2\x80"sv, "\xC2\xB2"sv})
    ExpectKind("12345" + std::string(last), Kind::kUnknownFormat);
}

void words_and_garbage_are_no_code() {
  for (std::string_view typed :
       {"email"sv, "sms"sv, "12345a"sv, "+123456"sv, "0x1234"sv, "123.456"sv,
        "123,456"sv, "123456\n"sv, "123456\r"sv, "\xFF\xFE"sv, "\x1B[A"sv,
        "1e5"sv, " "sv, "-"sv, "------"sv})
    ExpectKind(typed, Kind::kUnknownFormat);
}

void nothing_is_typed_too_long_or_with_a_nul() {
  ExpectKind("", Kind::kNothing);
  ExpectKind("123456\0"sv, Kind::kNothing);
  ExpectKind("\0"sv, Kind::kNothing);
  ExpectKind(
      "123\0"
      "456"sv,
      Kind::kNothing);
  ExpectKind(std::string(kMaxAnswerSize + 1, '1'), Kind::kNothing);
  ExpectKind(std::string(1'000'000, '1'), Kind::kNothing);
  // The longest that is looked at: blanks around a code.
  ExpectCode(std::string(kMaxAnswerSize - 6, ' ') + "123456", "123456");
}

// OpenSSH, auth-pam.c: fake_password() repeats "\b\n\r\177INCORRECT" to the
// length of what the peer sent.
void dummy_of_sshd_is_recognized_at_every_length() {
  const std::string_view junk = "\b\n\r\177INCORRECT";
  std::string dummy;
  for (std::size_t size = 1; size <= kMaxAnswerSize; ++size) {
    dummy.push_back(junk[(size - 1) % junk.size()]);
    ExpectKind(dummy, Kind::kHostDummy);
  }
  ExpectKind("INCORRECT", Kind::kUnknownFormat);
  ExpectKind("\b\n\r\177INCORRECt", Kind::kUnknownFormat);
}

void own_name_is_recognized() {
  ExpectKind("alice", Kind::kUserName);
  ExpectKind("alice ", Kind::kUnknownFormat);
  ExpectKind("bob", Kind::kUnknownFormat);
  // Somebody whose name looks like a code cannot be told from a code; the
  // name wins, and costs nothing.
  ExpectKind("123456", Kind::kUserName, "123456");
}

void answer_to_a_user_without_a_name_is_no_name() {
  ExpectKind("", Kind::kNothing, "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(zero_answer_is_nothing),
      EXPECT_TEST(codes_have_6_to_8_digits),
      EXPECT_TEST(two_codes_in_a_row_are_a_pair),
      EXPECT_TEST(backup_codes_are_read_in_any_case_and_grouping),
      EXPECT_TEST(word_for_recovery_is_read_in_any_case),
      EXPECT_TEST(blanks_and_dashes_are_dropped),
      EXPECT_TEST(digits_of_other_scripts_are_digits),
      EXPECT_TEST(neighbours_of_digits_are_no_digits),
      EXPECT_TEST(words_and_garbage_are_no_code),
      EXPECT_TEST(nothing_is_typed_too_long_or_with_a_nul),
      EXPECT_TEST(dummy_of_sshd_is_recognized_at_every_length),
      EXPECT_TEST(own_name_is_recognized),
      EXPECT_TEST(answer_to_a_user_without_a_name_is_no_name),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
