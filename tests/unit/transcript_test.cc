// SPDX-License-Identifier: Apache-2.0
//
// transcript_test.cc - what happened is kept, secrets are not.

#include "delivery_helper/transcript.h"

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace twofactor::delivery;

namespace {

void secrets_are_hidden_in_every_spelling() {
  Transcript transcript(Detail::kSteps);
  transcript.Hide("7K3M-9QXP");
  transcript.Hide("a&b c");
  ExpectEqual(transcript.Clean("x 7K3M-9QXP y 7K3M9QXP z"),
              "x [hidden] y [hidden] z");
  ExpectEqual(transcript.Clean("p=a%26b%20c&q=a&b c"), "p=[hidden]&q=[hidden]");
}

void steps_are_kept_when_asked_for_and_bounded() {
  Transcript quiet(Detail::kOutcome);
  quiet.Step("a");
  quiet.Heard("250 ok");
  quiet.Heard("221 bye");
  ExpectEqual(quiet.last_heard(), "250 ok");
  ExpectEqual(std::move(quiet).Finish(Stage::kDone, "x").steps.size(), 0);
  Transcript full(Detail::kSteps);
  for (int i = 0; i < 1000; ++i) full.Heard(std::string(1000, 'a'));
  const DeliveryReport report =
      std::move(full).Finish(Stage::kDone, std::string(1000, 'a'));
  ExpectEqual(report.steps.size(), kMaxReportSteps);
  ExpectOk(DecodeReport(EncodeReport(report)));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(secrets_are_hidden_in_every_spelling),
      EXPECT_TEST(steps_are_kept_when_asked_for_and_bounded),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
