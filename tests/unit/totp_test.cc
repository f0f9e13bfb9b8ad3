// SPDX-License-Identifier: Apache-2.0
//
// totp_test.cc - RFC 6238's vectors, the window, replay, and learned drift.

#include "core/factor/totp.h"

#include "tests/unit/fake_clock.h"
#include "tests/unit/totp_device.h"
#include "tests/unit/vector_file.h"

using namespace twofactor;
using namespace std::string_view_literals;
using std::chrono::seconds;

namespace {

const Bytes kKey = AsBytes(kRfcKey);
constexpr TotpParameters kDefaults;
constexpr TotpTolerance kTolerance;
const UnixTime kNow = At(1'800'000'000);

TotpVerification Verify(std::string_view response,
                        const TotpProgress& progress = {}, UnixTime now = kNow,
                        const TotpTolerance& tolerance = kTolerance,
                        const TotpParameters& parameters = kDefaults) {
  return ExpectOk(
      VerifyTotp(parameters, kKey, response, progress, tolerance, now));
}

TotpParameters ParametersOf(const Vector& vector) {
  TotpParameters parameters;
  parameters.digits = 8;
  if (vector.Text("hash") == "sha256")
    parameters.algorithm = HashAlgorithm::kSha256;
  if (vector.Text("hash") == "sha512")
    parameters.algorithm = HashAlgorithm::kSha512;
  return parameters;
}

void totp_accepts_rfc_6238_appendix_b() {
  for (const Vector& vector : ReadVectors("totp.txt", 18)) {
    const auto time = static_cast<std::int64_t>(vector.Integer("time"));
    const auto result =
        ExpectOk(VerifyTotp(ParametersOf(vector), vector.Hex("key"),
                            vector.Text("code"), {}, {.window = 0}, At(time)));
    ExpectEqual(result.verdict, Verdict::kAccepted, vector.Text("code"));
    ExpectEqual(Number(result.progress.next), time / 30 + 1);
  }
}

void totp_refuses_rfc_6238_codes_of_another_hash() {
  for (const Vector& vector : ReadVectors("totp.txt", 18)) {
    TotpParameters parameters = ParametersOf(vector);
    parameters.algorithm = parameters.algorithm == HashAlgorithm::kSha1
                               ? HashAlgorithm::kSha512
                               : HashAlgorithm::kSha1;
    const auto result = ExpectOk(
        VerifyTotp(parameters, vector.Hex("key"), vector.Text("code"), {}, {},
                   At(static_cast<std::int64_t>(vector.Integer("time")))));
    ExpectEqual(result.verdict, Verdict::kRejected, vector.Text("code"));
  }
}

void totp_refuses_the_same_code_twice() {
  const std::string code = CodeAt(kDefaults, kKey, kNow);
  const auto first = Verify(code);
  ExpectEqual(first.verdict, Verdict::kAccepted);
  const auto second = Verify(code, first.progress);
  ExpectEqual(second.verdict, Verdict::kReplayed);
  Expect(second.progress == first.progress);
}

void totp_refuses_older_codes_of_the_window_after_a_newer_one() {
  const auto newest = Verify(CodeAt(kDefaults, kKey, kNow, +1));
  for (int offset : {-1, 0, 1}) {
    const auto older =
        Verify(CodeAt(kDefaults, kKey, kNow, offset), newest.progress);
    ExpectEqual(older.verdict, Verdict::kReplayed, std::to_string(offset));
    Expect(older.progress == newest.progress);
  }
}

void totp_accepts_newer_codes_after_an_older_one() {
  TotpProgress progress;
  for (int offset : {-1, 0, 1}) {
    const auto result = Verify(CodeAt(kDefaults, kKey, kNow, offset), progress);
    ExpectEqual(result.verdict, Verdict::kAccepted, std::to_string(offset));
    progress = result.progress;
  }
}

void totp_accepts_the_window_and_nothing_beyond() {
  for (int window = 0; window <= kMaxWindow; ++window)
    for (int offset = -6; offset <= 6; ++offset) {
      const auto result = Verify(CodeAt(kDefaults, kKey, kNow, offset), {},
                                 kNow, {.window = window});
      ExpectEqual(
          result.verdict,
          std::abs(offset) <= window ? Verdict::kAccepted : Verdict::kRejected,
          std::to_string(window) + " " + std::to_string(offset));
    }
}

// The last second of a step and the first of the next.
void totp_steps_change_to_the_second() {
  for (seconds period : {seconds(15), seconds(30), seconds(60), seconds(300)}) {
    TotpParameters parameters;
    parameters.period = period;
    const UnixTime start = At(period.count() * 7'000'000);
    const std::string code = CodeAt(parameters, kKey, start);
    const TotpTolerance exact{.window = 0};
    auto verdict = [&](UnixTime now) {
      return Verify(code, {}, now, exact, parameters).verdict;
    };
    ExpectEqual(verdict(start - seconds(1)), Verdict::kRejected);
    ExpectEqual(verdict(start), Verdict::kAccepted);
    ExpectEqual(verdict(start + period - seconds(1)), Verdict::kAccepted);
    ExpectEqual(verdict(start + period), Verdict::kRejected);
  }
}

void totp_refuses_what_lies_below_next() {
  const std::uint64_t step = Number(TotpStep(kDefaults, kNow));
  const std::string code = CodeAt(kDefaults, kKey, kNow);
  struct {
    std::uint64_t next;
    Verdict verdict;
  } const rows[] = {{step - 1, Verdict::kAccepted},
                    {step, Verdict::kAccepted},
                    {step + 1, Verdict::kReplayed},
                    {UINT64_MAX, Verdict::kReplayed}};
  for (const auto& row : rows)
    ExpectEqual(Verify(code, {.next = Counter{row.next}}).verdict, row.verdict,
                std::to_string(row.next));
}

// The key of the RFCs has the same code at steps 910737 and 910738, and at
// 153567 and 153569: accepting must spend the later one too.
void totp_spends_the_highest_step_that_a_code_is_right_for() {
  struct {
    std::uint64_t lower, higher, now;
  } const rows[] = {{910737, 910738, 910737},
                    {910737, 910738, 910738},
                    {153567, 153569, 153568}};
  for (const auto& row : rows) {
    const std::string code = CodeAtStep(kDefaults, kKey, row.lower);
    ExpectEqual(code, CodeAtStep(kDefaults, kKey, row.higher));
    const auto result =
        Verify(code, {}, At(static_cast<std::int64_t>(row.now) * 30));
    ExpectEqual(result.verdict, Verdict::kAccepted);
    ExpectEqual(Number(result.progress.next), row.higher + 1);
    // The lower one used before: the higher is still fresh, once.
    const auto after_lower =
        Verify(code, {.next = Counter{row.lower + 1}},
               At(static_cast<std::int64_t>(row.now) * 30));
    ExpectEqual(after_lower.verdict, Verdict::kAccepted);
    ExpectEqual(Number(after_lower.progress.next), row.higher + 1);
  }
}

void totp_refuses_responses_that_are_no_code() {
  const std::string code = CodeAt(kDefaults, kKey, kNow);
  const std::string rows[] = {
      "",
      "0",
      code.substr(1),
      code.substr(0, 5),
      "0" + code,
      code + "0",
      code + std::string(1, '\0'),
      code + "\n",
      " " + code,
      "+" + code.substr(1),
      "-" + code.substr(1),
      "0x" + code.substr(2),
      "4294967295",
      "abcdef",
      code.substr(0, 5) + ":",  // The byte after '9' ...
      code.substr(0, 5) + "/",  // ... and before '0'.
      code.substr(0, 5) + "\xB0",
      std::string(6, '\0'),
      std::string(1'000'000, '1'),
  };
  for (const std::string& row : rows) {
    const auto result = Verify(row);
    ExpectEqual(result.verdict, Verdict::kRejected, row.substr(0, 20));
    Expect(result.progress == TotpProgress{});
  }
}

void totp_matches_its_own_number_of_digits_alone() {
  for (int digits = 6; digits <= 8; ++digits)
    for (int typed = 6; typed <= 8; ++typed) {
      TotpParameters parameters;
      parameters.digits = digits;
      TotpParameters other;
      other.digits = typed;
      const auto result =
          Verify(CodeAt(other, kKey, kNow), {}, kNow, kTolerance, parameters);
      ExpectEqual(result.verdict,
                  digits == typed ? Verdict::kAccepted : Verdict::kRejected);
    }
}

void totp_codes_may_start_with_zeros() {
  // RFC 6238 Appendix B: 07081804 at 1111111109.
  TotpParameters parameters;
  parameters.digits = 8;
  ExpectEqual(
      Verify("07081804", {}, At(1'111'111'109), kTolerance, parameters).verdict,
      Verdict::kAccepted);
  ExpectEqual(
      Verify("7081804", {}, At(1'111'111'109), kTolerance, parameters).verdict,
      Verdict::kRejected);
}

void totp_refuses_parameters_outside_their_domain() {
  struct {
    int digits;
    int period;
    std::size_t key_size;
    int algorithm;
    bool valid;
  } const rows[] = {
      {6, 30, 20, 1, true},   {8, 30, 20, 1, true},    {5, 30, 20, 1, false},
      {9, 30, 20, 1, false},  {0, 30, 20, 1, false},   {-6, 30, 20, 1, false},
      {6, 15, 20, 1, true},   {6, 14, 20, 1, false},   {6, 300, 20, 1, true},
      {6, 301, 20, 1, false}, {6, 0, 20, 1, false},    {6, -30, 20, 1, false},
      {6, 30, 16, 1, true},   {6, 30, 10, 1, true},    {6, 30, 9, 1, false},
      {6, 30, 128, 1, true},  {6, 30, 129, 1, false},  {6, 30, 0, 1, false},
      {6, 30, 20, 2, true},   {6, 30, 20, 3, true},    {6, 30, 20, 0, false},
      {6, 30, 20, 4, false},  {6, 30, 20, 255, false},
  };
  // What is enrolled needs the 128 bits of RFC 4226; what is imported not.
  ExpectOk(ValidateTotp({}, std::vector<std::uint8_t>(16)));
  ExpectError(ValidateTotp({}, std::vector<std::uint8_t>(15)),
              ErrorCode::kInvalid);
  for (const auto& row : rows) {
    TotpParameters parameters;
    parameters.digits = row.digits;
    parameters.period = seconds(row.period);
    parameters.algorithm = static_cast<HashAlgorithm>(row.algorithm);
    const std::vector<std::uint8_t> key(row.key_size, 'k');
    const std::string name = std::to_string(&row - rows);
    const auto valid = ValidateTotp(parameters, key, kShortestKeySize);
    const auto verified =
        VerifyTotp(parameters, key, "123456", {}, kTolerance, kNow);
    if (row.valid) {
      ExpectOk(valid, name);
      Expect(verified.has_value(), name);
    } else {
      Expect(!ExpectError(valid, ErrorCode::kInvalid, name).empty(), name);
      ExpectError(verified, ErrorCode::kInvalid, name);
      ExpectError(FindTotpOffset(parameters, key, "123456", 1, kNow),
                  ErrorCode::kInvalid, name);
    }
  }
}

void totp_refuses_a_window_outside_its_domain() {
  for (int window : {-1, kMaxWindow + 1, 1000})
    ExpectError(
        VerifyTotp(kDefaults, kKey, "123456", {}, {.window = window}, kNow),
        ErrorCode::kInvalid);
}

void totp_works_at_the_start_of_time() {
  const auto first = Verify(CodeAtStep(kDefaults, kKey, 0), {}, At(0));
  ExpectEqual(first.verdict, Verdict::kAccepted);
  ExpectEqual(Number(first.progress.next), 1u);
  // No step lies before the first, however far the device is behind.
  ExpectError(
      VerifyTotp(kDefaults, kKey, "123456", {.drift = -1}, kTolerance, At(0)),
      ErrorCode::kInvalid);
}

// A device whose clock is ahead by `ahead` steps logs in again and again.
struct Login {
  int ahead;
  Verdict verdict;
  int drift_after;
};

void RunLogins(const char* name, const std::vector<Login>& logins,
               const TotpTolerance& tolerance) {
  TotpProgress progress;
  UnixTime now = kNow;
  int number = 0;
  for (const Login& login : logins) {
    now += seconds(3600);
    const std::string row = std::string(name) + " " + std::to_string(number++);
    const auto result = Verify(CodeAt(kDefaults, kKey, now, login.ahead),
                               progress, now, tolerance);
    ExpectEqual(result.verdict, login.verdict, row);
    ExpectEqual(result.progress.drift, login.drift_after, row);
    progress = result.progress;
  }
}

constexpr Verdict kAcc = Verdict::kAccepted;
constexpr Verdict kRej = Verdict::kRejected;

void drift_is_learned_from_three_in_a_row() {
  RunLogins("ahead", {{1, kAcc, 0}, {1, kAcc, 0}, {1, kAcc, 1}, {1, kAcc, 1}},
            kTolerance);
  RunLogins("behind",
            {{-1, kAcc, 0}, {-1, kAcc, 0}, {-1, kAcc, -1}, {-1, kAcc, -1}},
            kTolerance);
}

void drift_needs_the_same_side_without_a_break() {
  RunLogins("a good one between",
            {{1, kAcc, 0},
             {1, kAcc, 0},
             {0, kAcc, 0},
             {1, kAcc, 0},
             {1, kAcc, 0},
             {1, kAcc, 1}},
            kTolerance);
  RunLogins("the other side between",
            {{1, kAcc, 0},
             {1, kAcc, 0},
             {-1, kAcc, 0},
             {1, kAcc, 0},
             {1, kAcc, 0},
             {1, kAcc, 1}},
            kTolerance);
  RunLogins("a wrong one between does not break it",
            {{1, kAcc, 0}, {1, kAcc, 0}, {50, kRej, 0}, {1, kAcc, 1}},
            kTolerance);
}

void drift_stops_at_its_limit_and_the_window_stays_three_wide() {
  RunLogins("to the limit",
            {{1, kAcc, 0},
             {1, kAcc, 0},
             {1, kAcc, 1},
             {2, kAcc, 1},
             {2, kAcc, 1},
             {2, kAcc, 2},
             {3, kAcc, 2},
             {3, kAcc, 2},
             {3, kAcc, 2},
             {3, kAcc, 2},
             {4, kRej, 2},
             {0, kRej, 2},
             {1, kAcc, 2}},
            kTolerance);
  RunLogins("and back",
            {{1, kAcc, 0},
             {1, kAcc, 0},
             {1, kAcc, 1},
             {0, kAcc, 1},
             {0, kAcc, 1},
             {0, kAcc, 0}},
            kTolerance);
  RunLogins("below the limit on the other side",
            {{-1, kAcc, 0},
             {-1, kAcc, 0},
             {-1, kAcc, -1},
             {-2, kAcc, -1},
             {-2, kAcc, -1},
             {-2, kAcc, -2},
             {-3, kAcc, -2},
             {-3, kAcc, -2},
             {-3, kAcc, -2},
             {-4, kRej, -2}},
            kTolerance);
}

void drift_of_zero_never_moves() {
  RunLogins("never", {{1, kAcc, 0}, {1, kAcc, 0}, {1, kAcc, 0}, {1, kAcc, 0}},
            {.window = 1, .max_drift = 0});
}

void drift_moves_one_step_at_a_time_in_a_wide_window() {
  RunLogins("two off",
            {{2, kAcc, 0},
             {2, kAcc, 0},
             {2, kAcc, 1},
             {2, kAcc, 1},
             {2, kAcc, 1},
             {2, kAcc, 2},
             {2, kAcc, 2}},
            {.window = 2, .max_drift = 2});
}

void rejected_and_replayed_codes_teach_nothing() {
  TotpProgress progress{.next = TotpStep(kDefaults, kNow + seconds(600)),
                        .drift = 1,
                        .offset = -1,
                        .streak = 2};
  Expect(Verify("000000", progress).progress == progress);
  const auto replayed = Verify(CodeAt(kDefaults, kKey, kNow, 0), progress);
  ExpectEqual(replayed.verdict, Verdict::kReplayed);
  Expect(replayed.progress == progress);
}

void offset_is_found_for_the_administrator() {
  for (int offset : {0, 1, -1, 3, -7, 20, -20})
    ExpectEqual(ExpectOk(FindTotpOffset(kDefaults, kKey,
                                        CodeAt(kDefaults, kKey, kNow, offset),
                                        20, kNow))
                    .value_or(99),
                offset);
  for (int offset : {21, -21})
    Expect(!ExpectOk(FindTotpOffset(
        kDefaults, kKey, CodeAt(kDefaults, kKey, kNow, offset), 20, kNow)));
  Expect(!ExpectOk(FindTotpOffset(kDefaults, kKey, "garbage", 20, kNow)));
}

void offset_nearest_to_now_wins() {
  // Steps 153567 and 153569 have the same code.
  const std::string code = CodeAtStep(kDefaults, kKey, 153567);
  ExpectEqual(
      ExpectOk(FindTotpOffset(kDefaults, kKey, code, 5, At(153570 * 30)))
          .value_or(99),
      -1);
  ExpectEqual(
      ExpectOk(FindTotpOffset(kDefaults, kKey, code, 5, At(153566 * 30)))
          .value_or(99),
      1);
}

void offset_does_not_reach_before_the_epoch() {
  Expect(!ExpectOk(FindTotpOffset(
      kDefaults, kKey, CodeAtStep(kDefaults, kKey, UINT64_MAX), 5, At(30))));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(totp_accepts_rfc_6238_appendix_b),
      EXPECT_TEST(totp_refuses_rfc_6238_codes_of_another_hash),
      EXPECT_TEST(totp_refuses_the_same_code_twice),
      EXPECT_TEST(totp_refuses_older_codes_of_the_window_after_a_newer_one),
      EXPECT_TEST(totp_accepts_newer_codes_after_an_older_one),
      EXPECT_TEST(totp_accepts_the_window_and_nothing_beyond),
      EXPECT_TEST(totp_steps_change_to_the_second),
      EXPECT_TEST(totp_refuses_what_lies_below_next),
      EXPECT_TEST(totp_spends_the_highest_step_that_a_code_is_right_for),
      EXPECT_TEST(totp_refuses_responses_that_are_no_code),
      EXPECT_TEST(totp_matches_its_own_number_of_digits_alone),
      EXPECT_TEST(totp_codes_may_start_with_zeros),
      EXPECT_TEST(totp_refuses_parameters_outside_their_domain),
      EXPECT_TEST(totp_refuses_a_window_outside_its_domain),
      EXPECT_TEST(totp_works_at_the_start_of_time),
      EXPECT_TEST(drift_is_learned_from_three_in_a_row),
      EXPECT_TEST(drift_needs_the_same_side_without_a_break),
      EXPECT_TEST(drift_stops_at_its_limit_and_the_window_stays_three_wide),
      EXPECT_TEST(drift_of_zero_never_moves),
      EXPECT_TEST(drift_moves_one_step_at_a_time_in_a_wide_window),
      EXPECT_TEST(rejected_and_replayed_codes_teach_nothing),
      EXPECT_TEST(offset_is_found_for_the_administrator),
      EXPECT_TEST(offset_nearest_to_now_wins),
      EXPECT_TEST(offset_does_not_reach_before_the_epoch),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
