// SPDX-License-Identifier: Apache-2.0
//
// expect.h - cmocka for C++: what a test expects, and how it says so.
//
// A test is a function `void sentence_in_snake_case()`.  An expectation that
// fails throws, so that the destructors of a test's files and mounts run; the
// wrapper that EXPECT_TEST makes turns that into cmocka's failure.

#ifndef TWOFACTOR_TESTS_UNIT_EXPECT_H_
#define TWOFACTOR_TESTS_UNIT_EXPECT_H_

#include <chrono>
#include <cstdint>
#include <exception>
#include <source_location>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/bytes.h"
#include "core/base/encoding.h"
#include "core/base/result.h"

extern "C" {
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// After all of them.
#include <cmocka.h>
}

namespace twofactor {

using Where = std::source_location;

struct Failure {
  std::string message;
  Where where;
};

// The test cannot run here.
struct Skipped {
  std::string reason;
};

// Values as a failure message shows them.
template <typename T>
std::string Show(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (requires { value.time_since_epoch().count(); }) {
    return std::to_string(value.time_since_epoch().count());
  } else if constexpr (requires { value.count(); }) {
    return std::to_string(value.count());
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return "\"" + std::string(std::string_view(value)) + "\"";
  } else if constexpr (std::is_convertible_v<T, Bytes>) {
    return HexEncode(value);
  } else if constexpr (requires(std::ostream & out) { out << value; }) {
    std::ostringstream out;
    out << value;
    return out.str();
  } else {
    return "(a value)";
  }
}

// `row` says which row of a table it is.
inline void Expect(bool condition, std::string_view row = {},
                   Where where = Where::current()) {
  if (!condition)
    throw Failure{"expectation does not hold: " + std::string(row), where};
}

template <typename A, typename B>
void ExpectEqual(const A& actual, const B& expected, std::string_view row = {},
                 Where where = Where::current()) {
  bool equal = false;
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B> &&
                !std::is_same_v<A, B>)
    equal = std::cmp_equal(actual, expected);
  else
    equal = actual == expected;
  if (!equal)
    throw Failure{Show(actual) + " is not the expected " + Show(expected) +
                      (row.empty() ? "" : " (" + std::string(row) + ")"),
                  where};
}

inline void ExpectBytes(Bytes actual, Bytes expected, std::string_view row = {},
                        Where where = Where::current()) {
  ExpectEqual(HexEncode(actual), HexEncode(expected), row, where);
}

inline void ExpectContains(std::string_view text, std::string_view part,
                           std::string_view row = {},
                           Where where = Where::current()) {
  if (text.find(part) == std::string_view::npos)
    throw Failure{"\"" + std::string(text) + "\" does not contain \"" +
                      std::string(part) + "\" " + std::string(row),
                  where};
}

inline void ExpectLacks(std::string_view text, std::string_view part,
                        std::string_view row = {},
                        Where where = Where::current()) {
  if (text.find(part) != std::string_view::npos)
    throw Failure{"\"" + std::string(text) + "\" contains \"" +
                      std::string(part) + "\" " + std::string(row),
                  where};
}

// The value of a Result that has to have one.
template <typename T>
T ExpectOk(Result<T> result, std::string_view row = {},
           Where where = Where::current()) {
  if (!result)
    throw Failure{std::string("error ") + ErrorName(result.error().code) +
                      ": " + result.error().context + " " + std::string(row),
                  where};
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The context of an error that has to be.
template <typename T>
std::string ExpectError(const Result<T>& result, ErrorCode code,
                        std::string_view row = {},
                        Where where = Where::current()) {
  if (result)
    throw Failure{std::string("no error, but expected ") + ErrorName(code) +
                      " " + std::string(row),
                  where};
  if (result.error().code != code)
    throw Failure{std::string("error ") + ErrorName(result.error().code) +
                      ": " + result.error().context + ", but expected " +
                      ErrorName(code) + " " + std::string(row),
                  where};
  return result.error().context;
}

template <void (*test)()>
void RunTest(void**) {
  Failure failed;
  std::string skipped;
  try {
    test();
    return;
  } catch (const Failure& failure) {
    failed = failure;
  } catch (const Skipped& skip_reason) {
    skipped = skip_reason.reason;
  } catch (const std::exception& exception) {
    failed = {std::string("exception: ") + exception.what(), Where::current()};
  }
  if (!skipped.empty()) {
    print_message("SKIP: %s\n", skipped.c_str());
    skip();
  }
  print_error("%s\n", failed.message.c_str());
  _fail(failed.where.file_name(), static_cast<int>(failed.where.line()));
}

}  // namespace twofactor

// An entry of the array for cmocka_run_group_tests.
#define EXPECT_TEST(name) \
  { #name, twofactor::RunTest < name>, nullptr, nullptr, nullptr }

#endif  // TWOFACTOR_TESTS_UNIT_EXPECT_H_
