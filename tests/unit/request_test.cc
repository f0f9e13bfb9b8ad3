// SPDX-License-Identifier: Apache-2.0
//
// request_test.cc - what goes to the helper and what comes back, and what is
// refused of both.

#include "core/delivery/request.h"

#include <vector>

#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

using std::chrono::seconds;

Message TestMessage(std::string address = "alice@example.org") {
  return {.kind = MessageKind::kRecoveryCode,
          .address = std::move(address),
          .user = "alice",
          .code = Secret::CopyOf(AsBytes("7K3M-9QXP-T2WA")),
          .good_for = std::chrono::minutes(15)};
}

std::vector<std::uint8_t> TestRequest() {
  const Secret request =
      ExpectOk(EncodeRequest(TestMessage(), Detail::kSteps, seconds(20)));
  const Bytes bytes = request.Expose();
  return {bytes.begin(), bytes.end()};
}

void requests_are_read_as_they_were_written() {
  for (const std::string address :
       {"alice@example.org", "+tag@example.org", "+4915112345678"}) {
    const Secret bytes = ExpectOk(
        EncodeRequest(TestMessage(address), Detail::kSteps, seconds(20)));
    const DeliveryRequest read = ExpectOk(DecodeRequest(bytes.Expose()));
    ExpectEqual(read.channel, address.find('@') == address.npos
                                  ? Channel::kSms
                                  : Channel::kEmail);
    ExpectEqual(read.detail, Detail::kSteps);
    ExpectEqual(read.time, seconds(20));
    ExpectEqual(read.message.kind, MessageKind::kRecoveryCode);
    ExpectEqual(read.message.address, address);
    ExpectEqual(read.message.user, "alice");
    ExpectEqual(AsText(read.message.code.Expose()), "7K3M-9QXP-T2WA");
    ExpectEqual(read.message.good_for, std::chrono::minutes(15));
  }
}

void messages_outside_of_their_domain_are_refused() {
  const auto refused = [](Message message, seconds time = seconds(20)) {
    ExpectError(EncodeRequest(message, Detail::kOutcome, time),
                ErrorCode::kInvalid);
  };
  for (const char* address : {"", "alice", "+49", "a@b\r\nBcc: c@d", "a@b,c@d"})
    refused(TestMessage(address));
  Message message = TestMessage();
  message.user = "";
  refused(std::move(message));
  message = TestMessage();
  message.user = std::string(256, 'a');
  refused(std::move(message));
  message = TestMessage();
  message.user = std::string("a\0b", 3);
  refused(std::move(message));
  for (const std::string& code :
       {std::string(), std::string(65, '1'), std::string("12 34"),
        std::string("12\n34")}) {
    message = TestMessage();
    message.code = Secret::CopyOf(AsBytes(code));
    refused(std::move(message));
  }
  message = TestMessage();
  message.good_for = std::chrono::minutes(0);
  refused(std::move(message));
  refused(TestMessage(), seconds(0));
  refused(TestMessage(), seconds(61));
}

void requests_that_are_cut_or_longer_are_refused() {
  const auto whole = TestRequest();
  for (std::size_t size = 0; size < whole.size(); ++size)
    ExpectError(DecodeRequest(Bytes(whole).first(size)), ErrorCode::kCorrupt,
                std::to_string(size));
  auto longer = whole;
  longer.push_back(0);
  ExpectError(DecodeRequest(longer), ErrorCode::kCorrupt);
}

void requests_of_other_formats_and_kinds_are_refused() {
  // Magic, format, channel, kind, detail, time.
  for (std::size_t at : {0u, 6u, 7u, 8u, 9u, 10u}) {
    auto changed = TestRequest();
    changed[at] = 0xEE;
    ExpectError(DecodeRequest(changed), ErrorCode::kCorrupt,
                std::to_string(at));
  }
  // An email address is no number.
  auto changed = TestRequest();
  changed[7] = static_cast<std::uint8_t>(Channel::kSms);
  ExpectError(DecodeRequest(changed), ErrorCode::kCorrupt);
}

void reports_are_read_as_they_were_written() {
  const DeliveryReport written{
      Stage::kRefused, "550 no", {"* one", "", "< two"}};
  const std::string text = EncodeReport(written);
  ExpectEqual(text, "step * one\nstep \nstep < two\nrefused 550 no\n");
  const DeliveryReport read = ExpectOk(DecodeReport(text));
  ExpectEqual(read.stage, Stage::kRefused);
  ExpectEqual(read.text, "550 no");
  ExpectEqual(read.steps.size(), 3);
  ExpectEqual(ExpectOk(DecodeReport("done \n")).stage, Stage::kDone);
}

void reports_hold_what_can_be_shown() {
  ExpectEqual(ReportText("a\x1B[2J\tb\r\n"), "a?[2J b");
  ExpectEqual(ReportText("Zo\xC3\xAB"), "Zo\xC3\xAB");
  ExpectEqual(ReportText("Zo\xC3"), "Zo?");
  // The limit falls into a character.
  const std::string cut = ReportText(std::string(399, 'a') + "\xC3\xAB");
  ExpectEqual(cut, std::string(399, 'a'));
  const std::string long_text(1000, '\n');
  ExpectOk(DecodeReport(EncodeReport({Stage::kDone, long_text, {long_text}})));
}

void everything_else_is_no_report() {
  std::string steps;
  for (std::size_t i = 0; i <= kMaxReportSteps; ++i) steps += "step a\n";
  for (const std::string& bad :
       {std::string(), std::string("done"), std::string("done\n"),
        std::string("done ok"), std::string("done ok\n\n"),
        std::string("Done ok\n"), std::string("step a\n"),
        std::string("done a\nstep b\n"), std::string("done a\x01\n"),
        std::string("done \xFF\n"), std::string("step \x7F\ndone a\n"),
        "done " + std::string(401, 'a') + "\n", steps + "done ok\n",
        std::string(kMaxReportSize + 1, 'a')})
    ExpectError(DecodeReport(bad), ErrorCode::kCorrupt, bad.substr(0, 40));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(requests_are_read_as_they_were_written),
      EXPECT_TEST(messages_outside_of_their_domain_are_refused),
      EXPECT_TEST(requests_that_are_cut_or_longer_are_refused),
      EXPECT_TEST(requests_of_other_formats_and_kinds_are_refused),
      EXPECT_TEST(reports_are_read_as_they_were_written),
      EXPECT_TEST(reports_hold_what_can_be_shown),
      EXPECT_TEST(everything_else_is_no_report),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
