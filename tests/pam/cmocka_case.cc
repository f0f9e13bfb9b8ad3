// SPDX-License-Identifier: Apache-2.0
//
// cmocka_case.cc - main() of every program made of CASEs.

#include "tests/pam/cmocka_case.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace twofactor::test {
namespace {

std::vector<CMUnitTest>& Cases() {
  static std::vector<CMUnitTest> cases;
  return cases;
}

}  // namespace

CaseRegistration::CaseRegistration(const char* name, void (*run)(void**)) {
  Cases().push_back({name, run, nullptr, nullptr, nullptr});
}

void SkipProgram(const std::string& why) {
  std::printf("SKIP: %s\n", why.c_str());
  std::fflush(stdout);
  std::_Exit(kSkipExitCode);
}

}  // namespace twofactor::test

int main(int argc, char** argv) {
  using twofactor::test::Cases;
  std::vector<CMUnitTest> chosen;
  for (int i = 1; i < argc; ++i) {
    const auto named = std::ranges::find_if(Cases(), [&](const auto& test) {
      return std::strcmp(test.name, argv[i]) == 0;
    });
    if (named == Cases().end()) {
      std::fprintf(stderr, "no case is named %s\n", argv[i]);
      return 2;
    }
    chosen.push_back(*named);
  }
  if (argc == 1) chosen = Cases();
  return _cmocka_run_group_tests(argv[0], chosen.data(), chosen.size(), nullptr,
                                 nullptr) != 0;
}
