// SPDX-License-Identifier: Apache-2.0
//
// real_programs.cc - looking for programs, and calling oathtool.

#include "tests/integration/real_programs.h"

#include <unistd.h>

#include <ctime>
#include <set>

#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {

std::string Need(const std::string& program) {
#if defined(__SANITIZE_ADDRESS__)
  SkipProgram("a sanitized module cannot be loaded by " + program);
#else
  for (const char* folder : {"/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"}) {
    const std::string path = folder + program;
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  SkipProgram("needs " + program);
#endif
}

std::string ExampleStack(const std::string& name) {
  if (!Exists("/etc/pam.d/common-auth"))
    SkipProgram("needs the /etc/pam.d/common-* of Debian");
  std::string stack =
      ReadFile(std::string(TWOFACTOR_TEST_EXAMPLES) + "/" + name);
  const std::string module = "pam_twofactor.so";
  int lines = 0;
  for (std::size_t at = 0;
       (at = stack.find(module, at)) != std::string::npos;) {
    const bool comment =
        stack[stack.rfind('\n', at) + 1] == '#';  // npos + 1 is 0.
    const std::string ours =
        comment ? "our module" : "@MODULE@ config=@CONFIG@";
    lines += !comment;
    stack.replace(at, module.size(), ours);
    at += ours.size();
  }
  EXPECT(lines > 0, "%s has no line of ours", name.c_str());
  return stack;
}

std::string OathtoolCode(const std::string& key, int step_offset) {
  const std::string when =
      "@" + std::to_string(std::time(nullptr) + 30 * step_offset);
  const Exit exit =
      Run({Need("oathtool"), "--totp", "--base32", "--now", when, key});
  EXPECT(exit.code == 0 && exit.output.size() == 7, "oathtool: %s",
         Describe(exit).c_str());
  return exit.output.substr(0, 6);
}

std::string WrongOathtoolCode(const std::string& key) {
  std::set<std::string> right;
  for (int offset = -3; offset <= 3; ++offset)
    right.insert(OathtoolCode(key, offset));
  for (int value = 100'000;; ++value)
    if (!right.contains(std::to_string(value))) return std::to_string(value);
}

}  // namespace twofactor::test
