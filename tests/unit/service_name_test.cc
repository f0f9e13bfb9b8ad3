// SPDX-License-Identifier: Apache-2.0
//
// service_name_test.cc - Linux-PAM folds service names to lower case: a word
// that can never match is a mistake, not a second factor switched off.

#include "core/session/config.h"
#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

Result<void> Parse(std::string_view services, Config& config) {
  return ParseConfig("services = " + std::string(services) + "\n", "x", config);
}

void service_names_with_capitals_are_refused() {
  for (const char* services :
       {"SSHD", "Sshd", "sshD", "sshd LOGIN", "sshd login Su", "A", "Z",
        "vpn.Example", "cockpit_X"}) {
    Config config;
    const std::string complaint =
        ExpectError(Parse(services, config), ErrorCode::kConfig, services);
    ExpectContains(complaint, "services", services);
    ExpectContains(complaint, "lower case", services);
    // What was in force stays.
    Expect(config.services == Config().services, services);
  }
}

void service_names_in_lower_case_are_taken() {
  for (const char* services :
       {"sshd", "sshd login", "gdm-password", "vpn.example", "a_b", "su-l",
        "polkit-1", "x~"}) {
    Config config;
    ExpectOk(Parse(services, config), services);
    ExpectEqual(
        config.services[0],
        std::string(services).substr(0, std::string_view(services).find(' ')));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(service_names_with_capitals_are_refused),
      EXPECT_TEST(service_names_in_lower_case_are_taken),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
