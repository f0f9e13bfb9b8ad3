// SPDX-License-Identifier: Apache-2.0
//
// transcript_test.cc - what happened is kept, secrets are not.

#include "delivery_helper/transcript.h"

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace twofactor::delivery;

namespace {

// What a line becomes when the secret is hidden.
std::string Cleaned(std::string_view secret, std::string_view line) {
  Transcript transcript(Detail::kSteps);
  transcript.Hide(secret);
  return transcript.Clean(line);
}

struct Row {
  const char* secret;
  const char* line;
  const char* shown;
};

void secrets_are_hidden_in_every_spelling() {
  for (const Row& row : {
           Row{"7K3M-9QXP", "x 7K3M-9QXP y 7K3M9QXP z",
               "x [hidden] y [hidden] z"},
           Row{"7K3M-9QXP", "7K3M-9QX 9QXP", "7K3M-9QX 9QXP"},
           // Without its dashes little is left of it.
           Row{"a-----", "a banana is a-----", "a banana is [hidden]"},
           Row{"a&b c", "p=a%26b%20c&q=a&b c&r=a%26b+c",
               "p=[hidden]&q=[hidden]&r=[hidden]"},
           Row{"a\xC3\xABz!", "a%c3%abz! a%C3%ABz%21", "[hidden] [hidden]"},
           // As they stand in JSON: of others, of Go, of PHP.
           Row{"a\"b\\c", R"({"p":"a\"b\\c"})", R"({"p":"[hidden]"})"},
           Row{"s3cret&key", R"("s3cret\u0026key")", R"("[hidden]")"},
           Row{"a/b/c", R"("a\/b\/c")", R"("[hidden]")"},
           Row{"z\xC3\xAB\xE2\x82\xAC", R"("z\u00eb\u20AC")", R"("[hidden]")"},
           Row{"key\xF0\x9F\x98\x80", R"("key\ud83d\ude00")", R"("[hidden]")"},
           // As it is, though it looks like an escape.
           Row{"100%25", "100%25 100%2525", "[hidden] [hidden]"},
           Row{"a\\u0026b", R"(a\u0026b)", "[hidden]"},
           // A broken escape stands for itself.
           Row{"hunter2", R"(\ud83dx \u00 %2 % \)", R"(\ud83dx \u00 %2 % \)"},
       })
    ExpectEqual(Cleaned(row.secret, row.line), row.shown, row.line);
}

void secrets_are_hidden_in_base64() {
  for (const Row& row : {
           Row{"open sesame", "535 b3BlbiBzZXNhbWU= is wrong",
               "535 [hidden] is wrong"},
           // "\0host\0open sesame", with names that are one longer and two.
           Row{"open sesame",
               "AUTH PLAIN AGhvc3QAb3BlbiBzZXNhbWU=", "AUTH PLAIN [hidden]"},
           Row{"open sesame", "AUTH PLAIN AGhvc3RzAG9wZW4gc2VzYW1l",
               "AUTH PLAIN [hidden]"},
           Row{"open sesame", "AUTH PLAIN AGFob3N0cwBvcGVuIHNlc2FtZQ==",
               "AUTH PLAIN [hidden]"},
           Row{"s3cret&key", R"({"a":"Basic QUMxMjM6czNjcmV0JmtleQ=="})",
               R"({"a":"Basic [hidden]"})"},
           // Either alphabet, escaped as well.
           Row{"\xFB\xEF\xBE\xFF!", "++++/yE= ----_yE= %2B%2B%2B%2B%2fyE%3D",
               "[hidden] [hidden] [hidden]"},
           Row{"\xFB\xEF\xBE\xFF!", R"(p="++++\/yE=")", R"(p="[hidden]")"},
           Row{"open sesame", R"("a\nb3BlbiBzZXNhbWU=\n")",
               R"("a\[hidden]\n")"},
           // Behind a word that belongs to the alphabet, too.
           Row{"open sesame", "/b3BlbiBzZXNhbWU x", "[hidden] x"},
           Row{"open sesame", "b3BlbiBzZXNhbW is less",
               "b3BlbiBzZXNhbW is less"},
       })
    ExpectEqual(Cleaned(row.secret, row.line), row.shown, row.line);
}

void long_lines_are_cleaned_in_time() {
  Transcript transcript(Detail::kSteps);
  for (int i = 0; i < 3; ++i) transcript.Hide("aaaaaaaaaaaaaaaaaaaa-b");
  for (const char* part : {"a", "%61", "x", "YWFh", "\\u0061", "a "}) {
    std::string line;
    while (line.size() < (1 << 20)) line += part;
    ExpectLacks(transcript.Clean(line), "[hidden]");
  }
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
      EXPECT_TEST(secrets_are_hidden_in_base64),
      EXPECT_TEST(long_lines_are_cleaned_in_time),
      EXPECT_TEST(steps_are_kept_when_asked_for_and_bounded),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
