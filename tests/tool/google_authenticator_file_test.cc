// SPDX-License-Identifier: Apache-2.0
//
// google_authenticator_file_test.cc - what a ~/.google_authenticator says, and
// what it means here.

#include "setup_tool/google_authenticator_file.h"

#include <algorithm>

#include "setup_tool/foreign_record.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/totp_device.h"

using namespace twofactor;
using namespace twofactor::tool;

namespace {

// "1234567890123456" and two bits more.
constexpr char kKey[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY\n";
constexpr char kTotp[] = "\" TOTP_AUTH\n";
const UnixTime kNow = At(1'800'000'000);  // Step 60'000'000.

GoogleAuthenticatorFile Parsed(const std::string& text) {
  auto file = ParseGoogleAuthenticatorFile(text);
  Expect(file.has_value(), file ? "" : file.error().reason);
  return std::move(*file);
}

ForeignRecord Record(const std::string& text, const Config& config = {}) {
  auto record = RecordOf(Parsed(text), config, kNow);
  Expect(record.has_value(), record ? "" : record.error().reason);
  return std::move(*record);
}

const ForeignDevice& DeviceOf(const ForeignRecord& record) {
  ExpectEqual(record.devices.size(), 1U);
  return record.devices.front();
}

Finding FindingOn(const ForeignRecord& record, std::size_t line) {
  const auto found = std::ranges::find(record.findings, line, &Finding::line);
  Expect(found != record.findings.end(), "line " + std::to_string(line));
  return *found;
}

void file_of_the_tool_is_read_as_it_was_meant() {
  const auto file = Parsed(std::string(kKey) +
                           "\" RATE_LIMIT 3 30 1799999970 1799999980\n"
                           "\" WINDOW_SIZE 3\n"
                           "\" DISALLOW_REUSE 59999998 60000001 59999999\n" +
                           kTotp + "95112507\n97673958\n");
  ExpectEqual(AsText(file.key.Expose()), "1234567890123456");
  ExpectEqual(file.kind, DeviceKind::kTotp);
  ExpectEqual(file.window_size->value, 3);
  ExpectEqual(file.window_size->line, 3U);
  ExpectEqual(file.disallow_reuse->value, 60'000'001U);
  ExpectEqual(file.rate_limit->value.attempts, 3U);
  ExpectEqual(*file.rate_limit->value.last_attempt, At(1'799'999'980));
  ExpectEqual(file.scratch_codes.size(), 2U);
  ExpectEqual(AsText(file.scratch_codes[1].Expose()), "97673958");
  ExpectEqual(file.scratch_line, 6U);
  Expect(file.findings.empty());
}

void key_is_read_as_the_module_reads_it() {
  for (const char* key :
       {"gezdgnbvgy3tqojq", "GEZD GNBV-GY3T QOJQ", "GEZDGNBVGY3TQOJQ\r"}) {
    const auto file = Parsed(std::string(key) + "\n" + kTotp);
    ExpectEqual(AsText(file.key.Expose()), "1234567890", key);
  }
  Expect(ConstantTimeEqual(
      Parsed(std::string("0181") + "\n" + kTotp).key.Expose(),
      Parsed(std::string("OLBL") + "\n" + kTotp).key.Expose()));
  for (const char* key : {"", "9", "GEZD=", "A", "GEZ_"}) {
    const auto file =
        ParseGoogleAuthenticatorFile(std::string(key) + "\n" + kTotp);
    Expect(!file, key);
    ExpectEqual(file.error().line, 1U, key);
  }
}

void line_that_changes_which_codes_are_right_refuses_the_file() {
  for (const char* line :
       {"\" WINDOW_SIZE 0", "\" WINDOW_SIZE 101", "\" WINDOW_SIZE three",
        "\" WINDOW_SIZE", "\" WINDOW_SIZE 3 3", "\" STEP_SIZE 0",
        "\" STEP_SIZE 61", "\" TIME_SKEW x", "\" HOTP_COUNTER -1",
        "\" DISALLOW_REUSE 12 x", "\" DISALLOW_REUSE 99999999999999999999",
        "\" HOTP_COUNTER 18446744073709551615"}) {
    const auto file =
        ParseGoogleAuthenticatorFile(std::string(kKey) + kTotp + line + "\n");
    Expect(!file, line);
    ExpectEqual(file.error().line, 3U, line);
  }
  const auto twice = ParseGoogleAuthenticatorFile(
      std::string(kKey) + kTotp + "\" STEP_SIZE 30\n\" STEP_SIZE 60\n");
  ExpectEqual(twice.error().line, 4U);
  Expect(!ParseGoogleAuthenticatorFile(std::string(kKey) + kTotp +
                                       std::string("\0\n", 2)));
}

void harmless_line_is_left_and_named() {
  for (const char* line :
       {"\" RATE_LIMIT 3", "\" RATE_LIMIT a b", "\" RATE_LIMIT 3 30 x",
        "\" RESETTING_TIME_SKEW 1+2", "\" LAST0 192.0.2.1 17", "\" WHATEVER 1",
        "\"TOTP", "1234567", "01234567", "what"}) {
    const auto file = Parsed(std::string(kKey) + kTotp + line + "\n");
    ExpectEqual(file.findings.size(), 1U, line);
    ExpectEqual(file.findings[0].line, 3U, line);
    ExpectEqual(file.findings[0].kind, Finding::Kind::kNotTaken, line);
    Expect(file.scratch_codes.empty(), line);
  }
}

void scratch_codes_behind_something_else_never_worked() {
  const auto file = Parsed(std::string(kKey) + "95112507\n" + kTotp +
                           "97673958\nwhat\n90738596\n");
  ExpectEqual(file.scratch_codes.size(), 2U);
}

void file_cannot_flood_the_report() {
  std::string text = std::string(kKey) + kTotp;
  for (int i = 0; i < 1000; ++i)
    text += "\" WHATEVER\n" + std::to_string(10'000'000 + i) + "\n";
  const auto file = Parsed(text);
  ExpectEqual(file.findings.size(), 21U);
  ExpectEqual(file.scratch_codes.size(), 64U);
}

void file_without_a_kind_is_refused() {
  for (const char* option : {"", "\" HOTP_COUNTER 0\n"})
    Expect(!ParseGoogleAuthenticatorFile(std::string(kKey) + option), option);
  ExpectEqual(Parsed(std::string(kKey) + kTotp + "\" HOTP_COUNTER 0\n").kind,
              DeviceKind::kTotp);
  ExpectEqual(Parsed(std::string(kKey) + kTotp + "\" HOTP_COUNTER 1\n").kind,
              DeviceKind::kHotp);
}

void counter_is_the_next_code() {
  const auto record = Record(std::string(kKey) + "\" HOTP_COUNTER 5\n");
  ExpectEqual(DeviceOf(record).next_if_new, Counter{5});
  ExpectEqual(DeviceOf(record).next_if_here, Counter{5});
  ExpectEqual(DeviceOf(record).period.count(), 0);
}

void step_after_the_highest_used_one_is_the_next() {
  const auto record = Record(std::string(kKey) + kTotp +
                             "\" DISALLOW_REUSE 60000001 59999999\n");
  ExpectEqual(DeviceOf(record).next_if_new, Counter{60'000'002});
  ExpectEqual(
      DeviceOf(Record(std::string(kKey) + kTotp + "\" DISALLOW_REUSE\n"))
          .next_if_new,
      Counter{});
}

void codes_of_now_are_spent_where_used_ones_are_not_known() {
  ExpectEqual(DeviceOf(Record(std::string(kKey) + kTotp)).next_if_new,
              Counter{60'000'005});
  // As far as a wide window reaches.
  ExpectEqual(
      DeviceOf(Record(std::string(kKey) + kTotp + "\" WINDOW_SIZE 17\n"))
          .next_if_new,
      Counter{60'000'009});
  // The last attempt was ten steps ago.
  ExpectEqual(DeviceOf(Record(std::string(kKey) + kTotp +
                              "\" RATE_LIMIT 3 30 1799999700\n"))
                  .next_if_new,
              Counter{59'999'995});
  // The code that set the offset of the clock is not marked.
  ExpectEqual(DeviceOf(Record(std::string(kKey) + kTotp +
                              "\" DISALLOW_REUSE\n\" TIME_SKEW 1\n"))
                  .next_if_new,
              Counter{60'000'005});
}

void window_is_taken_as_far_as_the_administrator_allows() {
  Config config;
  for (const auto& [size, window] :
       {std::pair{1, 0}, {2, 0}, {3, 1}, {4, 1}, {5, 2}, {17, 8}}) {
    const std::string option = "\" WINDOW_SIZE " + std::to_string(size) + "\n";
    const auto record = Record(std::string(kKey) + kTotp + option, config);
    ExpectEqual(*DeviceOf(record).window, window, option);
    const Finding finding = FindingOn(record, 3);
    ExpectEqual(finding.kind == Finding::Kind::kTaken, window <= 1, option);
  }
}

void offset_of_the_clock_becomes_drift() {
  const auto record = Record(std::string(kKey) + kTotp + "\" TIME_SKEW -2\n");
  ExpectEqual(DeviceOf(record).drift, -2);
  const auto far = Record(std::string(kKey) + kTotp + "\" TIME_SKEW 40\n");
  ExpectEqual(DeviceOf(far).drift, kMaxDrift);
  ExpectEqual(FindingOn(far, 3).kind, Finding::Kind::kNotTaken);
}

void short_key_is_warned_of_and_a_shorter_one_refused() {
  ExpectEqual(FindingOn(Record(std::string(kKey) + kTotp), 1).kind,
              Finding::Kind::kWarning);
  ExpectEqual(
      FindingOn(Record("GEZDGNBVGY3TQOJQ\n" + std::string(kTotp)), 1).kind,
      Finding::Kind::kWarning);
  const auto refused =
      RecordOf(Parsed("GEZDGNBVGY3TQO\n" + std::string(kTotp)), {}, kNow);
  Expect(!refused);
  ExpectEqual(refused.error().line, 1U);
}

void period_that_is_too_short_refuses_the_file_at_its_line() {
  const auto refused = RecordOf(
      Parsed(std::string(kKey) + kTotp + "\" STEP_SIZE 10\n"), {}, kNow);
  Expect(!refused);
  ExpectEqual(refused.error().line, 3U);
  ExpectEqual(DeviceOf(Record(std::string(kKey) + kTotp + "\" STEP_SIZE 60\n"))
                  .period.count(),
              60);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(file_of_the_tool_is_read_as_it_was_meant),
      EXPECT_TEST(key_is_read_as_the_module_reads_it),
      EXPECT_TEST(line_that_changes_which_codes_are_right_refuses_the_file),
      EXPECT_TEST(harmless_line_is_left_and_named),
      EXPECT_TEST(scratch_codes_behind_something_else_never_worked),
      EXPECT_TEST(file_cannot_flood_the_report),
      EXPECT_TEST(file_without_a_kind_is_refused),
      EXPECT_TEST(counter_is_the_next_code),
      EXPECT_TEST(step_after_the_highest_used_one_is_the_next),
      EXPECT_TEST(codes_of_now_are_spent_where_used_ones_are_not_known),
      EXPECT_TEST(window_is_taken_as_far_as_the_administrator_allows),
      EXPECT_TEST(offset_of_the_clock_becomes_drift),
      EXPECT_TEST(short_key_is_warned_of_and_a_shorter_one_refused),
      EXPECT_TEST(period_that_is_too_short_refuses_the_file_at_its_line),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
