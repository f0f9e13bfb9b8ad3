// SPDX-License-Identifier: Apache-2.0
//
// real_programs.h - programs of the distribution that tests run.

#ifndef TWOFACTOR_TESTS_INTEGRATION_REAL_PROGRAMS_H_
#define TWOFACTOR_TESTS_INTEGRATION_REAL_PROGRAMS_H_

#include <string>

namespace twofactor::test {

inline constexpr unsigned kAliceUid = 61001;
inline constexpr char kPassword[] = "correct horse";  // private_host.sh

// The path of `program`; ends the test as skipped when it is not installed, or
// when it could not load the module because that is a sanitized build.
std::string Need(const std::string& program);

// A stack of conf/examples/, for TestHost::WriteSystemStack.  Ends the test as
// skipped where the distribution has not the files that it includes.
std::string ExampleStack(const std::string& name);

// The code of a key in base32, by an implementation that is not ours.
// `step_offset` is counted from now.
std::string OathtoolCode(const std::string& key, int step_offset = 0);

// Six digits that are right at no step near now.
std::string WrongOathtoolCode(const std::string& key);

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_INTEGRATION_REAL_PROGRAMS_H_
