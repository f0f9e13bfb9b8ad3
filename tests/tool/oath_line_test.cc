// SPDX-License-Identifier: Apache-2.0
//
// oath_line_test.cc - what a line of pam_oath's users file says, and what it
// means here.

#include "setup_tool/oath_line.h"

#include "setup_tool/foreign_record.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/totp_device.h"

using namespace twofactor;
using namespace twofactor::tool;

namespace {

const std::string kHexKey = HexEncode(AsBytes(kRfcKey));
const UnixTime kNow = At(1'800'000'000);  // Step 60'000'000.
constexpr TotpParameters kDefaults;

ForeignRecord Taken(const std::string& text,
                    PinChoice pins = PinChoice::kRefuse) {
  ForeignRecord record;
  const auto added =
      AddOathDevice(ExpectOk(ParseOathLine(text)), 7, pins, kNow, record);
  Expect(added.has_value(), added ? "" : added.error().reason);
  ExpectEqual(record.devices.size(), 1U);
  return record;
}

void types_that_pam_oath_knows_are_known() {
  struct Row {
    const char* type;
    DeviceKind kind;
    int digits;
    int period;
  };
  for (const Row& row : {Row{"HOTP", DeviceKind::kHotp, 6, 0},
                         Row{"HOTP/E", DeviceKind::kHotp, 6, 0},
                         Row{"HOTP/E/6", DeviceKind::kHotp, 6, 0},
                         Row{"HOTP/E/8", DeviceKind::kHotp, 8, 0},
                         Row{"HOTP/T30", DeviceKind::kTotp, 6, 30},
                         Row{"HOTP/T30/7", DeviceKind::kTotp, 7, 30},
                         Row{"HOTP/T60/8", DeviceKind::kTotp, 8, 60}}) {
    const OathLine line = ExpectOk(
        ParseOathLine(std::string(row.type) + "\talice\t-\t" + kHexKey));
    ExpectEqual(line.kind, OathLine::Kind::kToken, row.type);
    ExpectEqual(line.device_kind, row.kind, row.type);
    ExpectEqual(line.digits, row.digits, row.type);
    ExpectEqual(line.period.count(), row.period, row.type);
    ExpectEqual(line.user, "alice");
    ExpectEqual(AsText(line.key.Expose()), kRfcKey);
  }
  for (const char* type : {"TOTP", "HOTP/T", "HOTP/T10", "HOTP/T30/9",
                           "HOTP/E/5", "HOTP/7", "hotp", "HOTP/T30/E"})
    Expect(!ParseOathLine(std::string(type) + " alice - " + kHexKey), type);
}

void line_that_is_not_whole_is_refused() {
  for (const std::string& line :
       {std::string("HOTP"), std::string("HOTP alice"),
        std::string("HOTP alice -"), "HOTP alice - " + kHexKey + "a",
        std::string("HOTP alice - xx"), "HOTP alice - " + kHexKey + " x",
        "HOTP alice - " + kHexKey + " -1",
        "HOTP alice - " + kHexKey + " 18446744073709551615",
        "HOTP alice - " + kHexKey + std::string(1024, '0')})
    Expect(!ParseOathLine(line), line);
}

void comment_and_empty_lines_are_nothing() {
  for (const char* line : {"", " ", "\r", "# HOTP alice", "  #"})
    ExpectEqual(ExpectOk(ParseOathLine(line)).kind, OathLine::Kind::kNothing,
                line);
}

void factor_is_that_of_the_last_code_or_else_of_the_next() {
  const std::string line = "HOTP alice - " + kHexKey;
  ExpectEqual(Taken(line).devices[0].next_if_new, Counter{0});
  ExpectEqual(Taken(line + " 7").devices[0].next_if_new, Counter{7});
  ExpectEqual(
      Taken(line + " 7 664882 2026-11-22T06:12:43L").devices[0].next_if_new,
      Counter{8});
}

void last_code_says_which_step_was_used() {
  for (int offset : {-40, -1, 0, 1, 20}) {
    const std::string line = "HOTP/T30 alice - " + kHexKey + " 1 " +
                             CodeAt(kDefaults, AsBytes(kRfcKey), kNow, offset) +
                             " 2026-11-22T06:12:43L";
    const auto record = Taken(line);
    const Counter expected{60'000'001U + static_cast<std::uint64_t>(offset)};
    ExpectEqual(record.devices[0].next_if_new, expected, line);
    ExpectEqual(record.devices[0].next_if_here, expected, line);
  }
}

void line_that_was_never_used_may_have_been_written_anew() {
  const auto record = Taken("HOTP/T30 alice - " + kHexKey);
  ExpectEqual(record.devices[0].next_if_new, Counter{60'000'005});
  ExpectEqual(record.devices[0].next_if_here, Counter{0});
}

void pin_is_refused_unless_it_is_dropped_by_name() {
  for (const char* pin : {"1234", "+"}) {
    const std::string line = "HOTP alice " + std::string(pin) + " " + kHexKey;
    ForeignRecord record;
    const auto refused = AddOathDevice(ExpectOk(ParseOathLine(line)), 7,
                                       PinChoice::kRefuse, kNow, record);
    Expect(!refused, pin);
    ExpectEqual(refused.error().line, 7U);
    Expect(record.devices.empty() && record.findings.empty());
    bool warned = false;
    for (const Finding& finding : Taken(line, PinChoice::kDrop).findings)
      warned = warned || finding.kind == Finding::Kind::kWarning;
    Expect(warned, pin);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(types_that_pam_oath_knows_are_known),
      EXPECT_TEST(line_that_is_not_whole_is_refused),
      EXPECT_TEST(comment_and_empty_lines_are_nothing),
      EXPECT_TEST(factor_is_that_of_the_last_code_or_else_of_the_next),
      EXPECT_TEST(last_code_says_which_step_was_used),
      EXPECT_TEST(line_that_was_never_used_may_have_been_written_anew),
      EXPECT_TEST(pin_is_refused_unless_it_is_dropped_by_name),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
