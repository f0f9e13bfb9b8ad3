// SPDX-License-Identifier: Apache-2.0
//
// gateway_test.cc - gateway files: the presets, what is refused, what is good.

#include "delivery_helper/gateway.h"

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace twofactor::delivery;

namespace {

constexpr Value kValues[] = {
    {"to", "+4915112345678"}, {"to_digits", "4915112345678"},
    {"from", "a&b"},          {"text", "\"1\"\n"},
    {"account", "AC1"},       {"key", "K"},
    {"secret", "S"},          {"region", "eu"}};

std::string Text(const Secret& secret) {
  return std::string(AsText(secret.Expose()));
}

void requests_are_escaped_for_what_they_are() {
  const Gateway form = ExpectOk(ParseGateway(
      "url = https://{region}.example.org/{to}?a={from}\nbody = t={text}\n"
      "header_1 = X-Key: {secret}\n",
      "g"));
  const HttpRequest request = ExpectOk(BuildRequest(form, kValues));
  ExpectEqual(Text(request.url),
              "https://eu.example.org/%2B4915112345678?a=a%26b");
  ExpectEqual(Text(request.body), "t=%221%22%0A");
  ExpectEqual(Text(request.headers[0]), "X-Key: S");
  ExpectEqual(Text(request.headers[1]),
              "Content-Type: application/x-www-form-urlencoded");
  const Gateway json = ExpectOk(ParseGateway(
      "url = https://a/\nbody_type = json\nbody = {\"t\":\"{text}\"}\n", "g"));
  ExpectEqual(Text(ExpectOk(BuildRequest(json, kValues)).body),
              "{\"t\":\"\\\"1\\\"\\u000a\"}");
}

void files_that_are_not_understood_are_refused() {
  for (const char* bad :
       {"", "url = http://a/\n", "url = https://\n", "url = https://a b/\n",
        "url = https://{to}/\n", "url = https://u:p@a/\n", "url = ftp://a/\n",
        "url = https://a/{what}\n", "url = https://a/\nauth = digest\n",
        "url = https://a/\nauth = sigv4\n",
        "url = https://a/\ngood_status = 302\n",
        "url = https://a/\ngood_status =\n",
        "url = https://a/\nheader_1 = no colon\n",
        "url = https://a/\nheader_1 = A B: c\n",
        "url = https://a/\nmethod = GET\nbody = x\n",
        "url = https://a/\nbody = {what}\n", "url = https://a/\nurll = x\n"})
    ExpectError(ParseGateway(bad, "g"), ErrorCode::kConfig, bad);
}

void credentials_in_a_bad_line_are_not_shown() {
  ExpectEqual(
      ExpectError(ParseGateway("url = https://a/\n"
                               "header_1 = Authorization Bearer hunter2\n",
                               "g"),
                  ErrorCode::kConfig),
      "g:2: bad value for header_1 (Name: value)");
  ExpectEqual(ExpectError(ParseGateway("url = https://me:hunter2@a/\n", "g"),
                          ErrorCode::kConfig),
              "g:1: bad value for url (https://...)");
}

void answers_are_good_by_status_and_text() {
  const Gateway gateway =
      ExpectOk(ParseGateway("url = https://a/\ngood_status = 200 202\n"
                            "good_text = \"\"status\":\"0\"\"\n",
                            "g"));
  const auto judge = [&](long status, std::string_view answer) {
    return JudgeAnswer(gateway, status, answer) == Reception::kTaken;
  };
  Expect(judge(200, "{ \"status\" :\n \"0\" }"));
  Expect(judge(202, "{\"status\":\"0\"}"));
  Expect(!judge(201, "{\"status\":\"0\"}"));
  Expect(!judge(200, "{\"status\":\"4\"}"));
  Expect(!judge(0, ""));
  Expect(!judge(302, "{\"status\":\"0\"}"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(requests_are_escaped_for_what_they_are),
      EXPECT_TEST(files_that_are_not_understood_are_refused),
      EXPECT_TEST(credentials_in_a_bad_line_are_not_shown),
      EXPECT_TEST(answers_are_good_by_status_and_text),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
