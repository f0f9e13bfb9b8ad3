// SPDX-License-Identifier: Apache-2.0
//
// cmocka_case.h - CASE(name) { ... }: a cmocka test that registers itself.
//
// The build finds the cases of a program by their lines `CASE(name) {`, so
// each can be a test of its own for ctest.  `program` runs all of its cases,
// `program NAME...` those named.

#ifndef TWOFACTOR_TESTS_PAM_CMOCKA_CASE_H_
#define TWOFACTOR_TESTS_PAM_CMOCKA_CASE_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}
#undef fail  // A member of std::basic_ios.

#include <string>

namespace twofactor::test {

struct CaseRegistration {
  CaseRegistration(const char* name, void (*run)(void**));
};

// What ctest reads as "skipped": SKIP_RETURN_CODE.
constexpr int kSkipExitCode = 77;

// Ends the whole program as skipped.
[[noreturn]] void SkipProgram(const std::string& why);

}  // namespace twofactor::test

#define CASE(name)                                                            \
  static void name(void**);                                                   \
  static const ::twofactor::test::CaseRegistration name##_registration(#name, \
                                                                       name); \
  static void name([[maybe_unused]] void** cmocka_state)

// What to see when `condition` does not hold: the printf arguments after it.
#define EXPECT(condition, ...)                   \
  do {                                           \
    if (!(condition)) {                          \
      print_error("expected: %s\n", #condition); \
      print_error(__VA_ARGS__);                  \
      print_error("\n");                         \
      _fail(__FILE__, __LINE__);                 \
    }                                            \
  } while (false)

#endif  // TWOFACTOR_TESTS_PAM_CMOCKA_CASE_H_
