// SPDX-License-Identifier: Apache-2.0
//
// hotp_test.cc - HOTP values against RFC 4226, and which of them are accepted:
// the look-ahead, pairs for resync, and the ends of every domain.

#include "core/factor/hotp.h"

#include <climits>

#include "tests/unit/totp_device.h"
#include "tests/unit/vector_file.h"

using namespace twofactor;

namespace {

constexpr HotpParameters kDefaults;
constexpr std::uint64_t kLast = 0xFFFFFFFFFFFFFFFF;

std::string Code(std::uint64_t counter, const HotpParameters& parameters = {},
                 Bytes key = AsBytes(kRfcKey)) {
  TotpParameters same;
  same.algorithm = parameters.algorithm;
  same.digits = parameters.digits;
  return CodeAtStep(same, key, counter);
}

HotpVerification Verify(std::string_view code, std::uint64_t next,
                        int look_ahead) {
  return ExpectOk(
      VerifyHotp(kDefaults, AsBytes(kRfcKey), code, Counter{next}, look_ahead));
}

HotpVerification Resync(std::string_view first, std::string_view second,
                        std::uint64_t next, int reach) {
  return ExpectOk(ResyncHotp(kDefaults, AsBytes(kRfcKey), first, second,
                             Counter{next}, reach));
}

void ExpectAccepted(const HotpVerification& verification, std::uint64_t next,
                    std::string_view row = {}, Where where = Where::current()) {
  ExpectEqual(verification.verdict, Verdict::kAccepted, row, where);
  ExpectEqual(Number(verification.next), next, row, where);
}

void ExpectRejected(const HotpVerification& verification, std::uint64_t next,
                    std::string_view row = {}, Where where = Where::current()) {
  ExpectEqual(verification.verdict, Verdict::kRejected, row, where);
  ExpectEqual(Number(verification.next), next, row, where);
}

// Values ---------------------------------------------------------------------

void hotp_matches_rfc_4226_appendix_d() {
  for (const Vector& vector : ReadVectors("hotp.txt", 10)) {
    const auto value =
        ExpectOk(HotpValue(HashAlgorithm::kSha1, vector.Hex("key"),
                           Counter{vector.Integer("counter")}, 6));
    ExpectEqual(value, vector.Integer("code"), vector.Text("counter"));
  }
}

// RFC 4226 Appendix D lists the truncated values too: 1284755224 for counter
// 0, so every count of digits shows its end.
void hotp_of_more_digits_ends_in_the_same_digits() {
  const Bytes key = AsBytes("12345678901234567890");
  struct {
    int digits;
    std::uint32_t value;
  } const rows[] = {{6, 755224}, {7, 4755224}, {8, 84755224}};
  for (const auto& row : rows)
    ExpectEqual(
        ExpectOk(HotpValue(HashAlgorithm::kSha1, key, Counter{0}, row.digits)),
        row.value);
}

void hotp_uses_all_64_bits_of_the_counter() {
  const Bytes key = AsBytes("12345678901234567890");
  const auto low = ExpectOk(
      HotpValue(HashAlgorithm::kSha1, key, Counter{0x0000000100000000}, 8));
  ExpectEqual(low, 55999456u);
  const auto all = ExpectOk(
      HotpValue(HashAlgorithm::kSha1, key, Counter{0xFFFFFFFFFFFFFFFF}, 8));
  ExpectEqual(all, 63094451u);
}

void hotp_refuses_digits_outside_6_to_8() {
  const Bytes key = AsBytes("12345678901234567890");
  for (int digits : {-1, 0, 5, 9, 10})
    ExpectError(HotpValue(HashAlgorithm::kSha1, key, Counter{}, digits),
                ErrorCode::kInvalid, std::to_string(digits));
}

// Look-ahead -----------------------------------------------------------------

void each_code_of_appendix_d_is_accepted_within_each_look_ahead() {
  for (const Vector& vector : ReadVectors("hotp.txt", 10)) {
    const std::uint64_t counter = vector.Integer("counter");
    std::string code = std::to_string(vector.Integer("code"));
    code.insert(0, 6 - code.size(), '0');
    for (int look_ahead = 1; look_ahead <= kMaxLookAhead; ++look_ahead)
      for (std::uint64_t next = 0; next <= counter + 1; ++next) {
        const std::string row = vector.Text("counter") + " from " +
                                std::to_string(next) + " by " +
                                std::to_string(look_ahead);
        const auto verification =
            ExpectOk(VerifyHotp(kDefaults, vector.Hex("key"), code,
                                Counter{next}, look_ahead),
                     row);
        const bool within =
            counter >= next &&
            counter < next + static_cast<std::uint64_t>(look_ahead);
        if (within)
          ExpectAccepted(verification, counter + 1, row);
        else
          ExpectRejected(verification, next, row);
      }
  }
}

void code_of_before_the_counter_is_rejected() {
  for (std::uint64_t used = 0; used < 200; ++used)
    ExpectRejected(Verify(Code(used), used + 1, kMaxLookAhead), used + 1,
                   std::to_string(used));
}

// Two counters of one key that give the same six digits: as likely as not,
// the button was pressed the smaller number of times.
struct Twins {
  std::string key;
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};
Twins FindTwins() {
  for (int number = 0;; ++number) {
    Twins twins;
    twins.key = "key-with-a-twin-" + std::to_string(100'000 + number);
    for (std::uint64_t i = 0; i < 10; ++i)
      for (std::uint64_t j = i + 1; j < 10; ++j)
        if (Code(i, {}, AsBytes(twins.key)) ==
            Code(j, {}, AsBytes(twins.key))) {
          twins.first = i;
          twins.second = j;
          return twins;
        }
  }
}

void lowest_counter_that_fits_is_the_one() {
  const Twins twins = FindTwins();
  const Bytes key = AsBytes(twins.key);
  const std::string code = Code(twins.first, {}, key);
  ExpectAccepted(ExpectOk(VerifyHotp(kDefaults, key, code, Counter{0}, 10)),
                 twins.first + 1);
  ExpectAccepted(
      ExpectOk(VerifyHotp(kDefaults, key, code, Counter{twins.first + 1}, 10)),
      twins.second + 1);
}

void look_ahead_has_limits() {
  for (int look_ahead : {INT_MIN, -1, 0, kMaxLookAhead + 1, INT_MAX})
    ExpectError(VerifyHotp(kDefaults, AsBytes(kRfcKey), Code(0), Counter{0},
                           look_ahead),
                ErrorCode::kInvalid, std::to_string(look_ahead));
}

void wrong_code_moves_nothing() {
  for (std::string_view code :
       {"", "0", "75522", "7552240", "75522 ", " 75522", "75522a", "-55224",
        "+55224", "0x5224", "000000", "999999", "4294967295", "755\00024"})
    for (std::uint64_t next : {std::uint64_t{0}, std::uint64_t{77}, kLast})
      ExpectRejected(Verify(code, next, kMaxLookAhead), next, code);
}

void no_counter_comes_after_the_last() {
  // What a counter that wraps would begin with again.
  for (std::uint64_t low = 0; low < 9; ++low)
    for (std::uint64_t next : {kLast - 1, kLast})
      ExpectRejected(Verify(Code(low), next, kMaxLookAhead), next,
                     std::to_string(low));
  ExpectAccepted(Verify(Code(kLast - 2), kLast - 2, 10), kLast - 1);
  ExpectAccepted(Verify(Code(kLast - 1), kLast - 2, 10), kLast);
  // Nothing could say that this one is spent.
  ExpectRejected(Verify(Code(kLast), kLast - 2, 10), kLast - 2);
  ExpectRejected(Verify(Code(kLast), kLast, 1), kLast);
}

// Resync ---------------------------------------------------------------------

void pair_is_accepted_within_reach_and_not_beyond() {
  for (int reach : {1, 2, 10, 100, kMaxResyncReach}) {
    const std::string row = std::to_string(reach);
    const std::uint64_t next = 5;
    const std::uint64_t at = next + static_cast<std::uint64_t>(reach) - 1;
    ExpectAccepted(Resync(Code(next), Code(next + 1), next, reach), next + 2,
                   row);
    ExpectAccepted(Resync(Code(at), Code(at + 1), next, reach), at + 2, row);
    ExpectRejected(Resync(Code(at + 1), Code(at + 2), next, reach), next, row);
    ExpectRejected(Resync(Code(next - 1), Code(next), next, reach), next, row);
  }
}

void codes_that_are_not_in_a_row_are_no_pair() {
  constexpr std::uint64_t kNext = 3;
  for (std::uint64_t i = kNext; i < 40; ++i)
    for (std::uint64_t j = kNext; j < 40; ++j) {
      if (j == i + 1) continue;
      ExpectRejected(Resync(Code(i), Code(j), kNext, 100), kNext,
                     std::to_string(i) + " " + std::to_string(j));
    }
}

void pair_with_half_of_it_wrong_is_rejected() {
  for (std::string_view wrong :
       {"", "000000", "12345", "1234567", "4294967295"}) {
    ExpectRejected(Resync(Code(20), wrong, 0, 100), 0, wrong);
    ExpectRejected(Resync(wrong, Code(20), 0, 100), 0, wrong);
    ExpectRejected(Resync(wrong, wrong, 0, 100), 0, wrong);
  }
}

void reach_has_limits() {
  for (int reach : {INT_MIN, -1, 0, kMaxResyncReach + 1, INT_MAX})
    ExpectError(ResyncHotp(kDefaults, AsBytes(kRfcKey), Code(0), Code(1),
                           Counter{0}, reach),
                ErrorCode::kInvalid, std::to_string(reach));
}

void no_pair_comes_after_the_last_counter() {
  ExpectAccepted(Resync(Code(kLast - 2), Code(kLast - 1), kLast - 5, 100),
                 kLast);
  ExpectRejected(Resync(Code(kLast - 1), Code(kLast), kLast - 5, 100),
                 kLast - 5);
  ExpectRejected(Resync(Code(kLast), Code(0), kLast - 5, 100), kLast - 5);
  ExpectRejected(Resync(Code(0), Code(1), kLast - 5, 100), kLast - 5);
  ExpectRejected(Resync(Code(0), Code(1), kLast, 100), kLast);
}

// Domains --------------------------------------------------------------------

void every_number_of_digits_and_hash_verifies() {
  for (HashAlgorithm algorithm :
       {HashAlgorithm::kSha1, HashAlgorithm::kSha256, HashAlgorithm::kSha512})
    for (int digits = kMinDigits; digits <= kMaxDigits; ++digits) {
      const HotpParameters parameters{algorithm, digits};
      const Bytes key = AsBytes(kRfcKey);
      const std::string row = std::to_string(digits);
      for (std::uint64_t counter = 0; counter < 5; ++counter) {
        const std::string code = Code(counter, parameters);
        ExpectAccepted(
            ExpectOk(VerifyHotp(parameters, key, code, Counter{counter}, 1)),
            counter + 1, row);
        // A shorter number is a code of another device.
        ExpectRejected(ExpectOk(VerifyHotp(parameters, key, code.substr(1),
                                           Counter{counter}, 1)),
                       counter, row);
      }
      ExpectAccepted(ExpectOk(ResyncHotp(parameters, key, Code(7, parameters),
                                         Code(8, parameters), Counter{0}, 100)),
                     9, row);
    }
}

void parameters_outside_their_domain_decide_nothing() {
  const HotpParameters rows[] = {
      {HashAlgorithm{}, 6},       {HashAlgorithm{4}, 6},
      {HashAlgorithm::kSha1, 5},  {HashAlgorithm::kSha1, 9},
      {HashAlgorithm::kSha1, -6},
  };
  for (const HotpParameters& row : rows) {
    const Bytes key = AsBytes(kRfcKey);
    ExpectError(ValidateHotp(row, key), ErrorCode::kInvalid);
    ExpectError(VerifyHotp(row, key, "755224", Counter{}, 1),
                ErrorCode::kInvalid);
    ExpectError(ResyncHotp(row, key, "755224", "287082", Counter{}, 10),
                ErrorCode::kInvalid);
  }
}

// Enrolled keys are longer than keys that another module may have made.
void key_sizes_have_limits() {
  struct {
    std::size_t size;
    bool enrolls;
    bool verifies;
  } const rows[] = {{0, false, false},   {9, false, false},  {10, false, true},
                    {15, false, true},   {16, true, true},   {20, true, true},
                    {64, true, true},    {65, true, true},   {128, true, true},
                    {129, false, false}, {255, false, false}};
  for (const auto& row : rows) {
    const std::string name = std::to_string(row.size);
    const std::string text(row.size, 'k');
    const Bytes key = AsBytes(text);
    ExpectEqual(ValidateHotp(kDefaults, key).has_value(), row.enrolls, name);
    const auto verified =
        VerifyHotp(kDefaults, key, Code(3, {}, key), Counter{0}, kMaxLookAhead);
    ExpectEqual(verified.has_value(), row.verifies, name);
    if (row.verifies) ExpectAccepted(*verified, 4, name);
    ExpectEqual(ResyncHotp(kDefaults, key, Code(3, {}, key), Code(4, {}, key),
                           Counter{0}, 10)
                    .has_value(),
                row.verifies, name);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(hotp_matches_rfc_4226_appendix_d),
      EXPECT_TEST(hotp_of_more_digits_ends_in_the_same_digits),
      EXPECT_TEST(hotp_uses_all_64_bits_of_the_counter),
      EXPECT_TEST(hotp_refuses_digits_outside_6_to_8),
      EXPECT_TEST(each_code_of_appendix_d_is_accepted_within_each_look_ahead),
      EXPECT_TEST(code_of_before_the_counter_is_rejected),
      EXPECT_TEST(lowest_counter_that_fits_is_the_one),
      EXPECT_TEST(look_ahead_has_limits),
      EXPECT_TEST(wrong_code_moves_nothing),
      EXPECT_TEST(no_counter_comes_after_the_last),
      EXPECT_TEST(pair_is_accepted_within_reach_and_not_beyond),
      EXPECT_TEST(codes_that_are_not_in_a_row_are_no_pair),
      EXPECT_TEST(pair_with_half_of_it_wrong_is_rejected),
      EXPECT_TEST(reach_has_limits),
      EXPECT_TEST(no_pair_comes_after_the_last_counter),
      EXPECT_TEST(every_number_of_digits_and_hash_verifies),
      EXPECT_TEST(parameters_outside_their_domain_decide_nothing),
      EXPECT_TEST(key_sizes_have_limits),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
