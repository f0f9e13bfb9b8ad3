// SPDX-License-Identifier: Apache-2.0
//
// result_test.cc - errors have stable names and are handed on unchanged.

#include "core/base/result.h"

#include <cerrno>
#include <set>

#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

void every_error_has_a_name_of_its_own() {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kConversation); ++code)
    Expect(names.insert(ErrorName(static_cast<ErrorCode>(code))).second);
  for (const std::string& name : names)
    for (char c : name) Expect((c >= 'a' && c <= 'z') || c == '_', name);
}

void errno_is_named_in_words() {
  const std::unexpected<Error> failed =
      FailErrno(ErrorCode::kIo, "openat", ENOENT);
  ExpectEqual(failed.error().context, "openat: No such file or directory");
}

Result<int> Half(int number) {
  if (number % 2) return Fail(ErrorCode::kInvalid, "odd");
  return number / 2;
}
Result<int> Quarter(int number) {
  ASSIGN_OR_RETURN(const int half, Half(number));
  RETURN_IF_ERROR(Half(half));
  return half / 2;
}

void macros_return_the_first_error() {
  ExpectEqual(ExpectOk(Quarter(8)), 2);
  ExpectEqual(ExpectError(Quarter(7), ErrorCode::kInvalid), "odd");
  ExpectEqual(ExpectError(Quarter(6), ErrorCode::kInvalid), "odd");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(every_error_has_a_name_of_its_own),
      EXPECT_TEST(errno_is_named_in_words),
      EXPECT_TEST(macros_return_the_first_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
