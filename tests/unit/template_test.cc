// SPDX-License-Identifier: Apache-2.0
//
// template_test.cc - placeholders, and escaping for each sink.

#include "delivery_helper/template.h"

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace twofactor::delivery;
using namespace std::string_view_literals;

namespace {

std::string Text(const Secret& secret) {
  return std::string(AsText(secret.Expose()));
}

void placeholders_are_replaced_and_other_braces_stay() {
  const Value values[] = {{"user", "alice"}, {"code", "{user}"}};
  const struct {
    std::string_view form;
    std::string_view filled;
  } rows[] = {
      {"", ""},
      {"{user}", "alice"},
      {"{user}{user}", "alicealice"},
      {"a {user} b", "a alice b"},
      {"{code}", "{user}"},
      {"{\"a\":\"{user}\"}", "{\"a\":\"alice\"}"},
      {"{}", "{}"},
      {"{ user}", "{ user}"},
      {"{User}", "{User}"},
      {"{user", "{user"},
      {"{{user}}", "{alice}"},
  };
  for (const auto& row : rows)
    ExpectEqual(Text(ExpectOk(Fill(row.form, values, Sink::kText))),
                row.filled);
}

void unknown_placeholders_are_named() {
  constexpr std::string_view kKnown[] = {"user"};
  ExpectOk(CheckTemplate("{user} {} {\"x\"}", kKnown));
  ExpectContains(
      ExpectError(CheckTemplate("{usr}", kKnown), ErrorCode::kConfig), "{usr}");
  ExpectError(Fill("{usr}", {}, Sink::kText), ErrorCode::kConfig);
}

void values_are_escaped_for_where_they_go() {
  const struct {
    Sink sink;
    std::string_view value;
    std::string_view escaped;
  } rows[] = {
      {Sink::kText, "a\r\nb\0c"sv, "a??b?c"},
      {Sink::kHeader, "a\r\nBcc: x", "a??Bcc: x"},
      {Sink::kText, "Zo\xC3\xAB", "Zo\xC3\xAB"},
      {Sink::kText, "\xFF", "?"},
      {Sink::kUrl, "a&b=c d+\xC3\xAB\n", "a%26b%3Dc%20d%2B%C3%AB%0A"},
      {Sink::kUrl, "../?#", "..%2F%3F%23"},
      {Sink::kJson, "\"\\\n\x7F", "\\\"\\\\\\u000a\\u007f"},
      {Sink::kJson, "Zo\xC3\xAB", "Zo\xC3\xAB"},
      {Sink::kJson, "\xFF\"", "?\\\""},
  };
  for (const auto& row : rows)
    ExpectEqual(Text(Escaped(row.value, row.sink)), row.escaped);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(placeholders_are_replaced_and_other_braces_stay),
      EXPECT_TEST(unknown_placeholders_are_named),
      EXPECT_TEST(values_are_escaped_for_where_they_go),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
