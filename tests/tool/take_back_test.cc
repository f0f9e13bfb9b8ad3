// SPDX-License-Identifier: Apache-2.0
//
// take_back_test.cc - a device whose key nobody got goes again, and nothing
// else goes with it.

#include <string>
#include <vector>

#include "tests/pam/cmocka_case.h"
#include "tests/tool/tool_host.h"

namespace twofactor::test {
namespace {

// `input` is read from stdin; stdout takes nothing.
Exit RunUnheard(const ToolHost& host, std::vector<std::string> arguments,
                const std::string& input = {}) {
  std::vector<std::string> command{"sh", "-c", "exec \"$@\" >/dev/full", "sh"};
  const auto tool = host.ToolCommand(std::move(arguments));
  command.insert(command.end(), tool.begin(), tool.end());
  return Run(command, input);
}

const std::vector<std::string> kEnroll{"enroll", "totp",         "--user",
                                       "alice",  "--no-confirm", "--json"};
const std::vector<std::string> kEnrollBatch{"enroll", "totp", "--batch", "-"};

CASE(user_with_an_address_alone_keeps_it) {
  for (const auto& [arguments, input] :
       {std::pair(kEnroll, std::string()),
        std::pair(kEnrollBatch, std::string("alice\n"))}) {
    ToolHost host;
    host.Tool({"enroll", "email", "--user", "alice", "--no-confirm",
               "alice@example.org"});
    const std::string before = host.Tool({"status", "alice", "--json"});
    EXPECT(Contains(before, "alice@example.org"), "%s", before.c_str());
    const Exit exit = RunUnheard(host, arguments, input);
    EXPECT(exit.code == 1, "%s", Describe(exit).c_str());
    const std::string after = host.Tool({"status", "alice", "--json"});
    EXPECT(after == before, "%s\n%s", before.c_str(), after.c_str());
  }
}

CASE(user_without_another_factor_is_not_enrolled) {
  for (const auto& [arguments, input] :
       {std::pair(kEnroll, std::string()),
        std::pair(kEnrollBatch, std::string("alice\n"))}) {
    ToolHost host;
    const Exit exit = RunUnheard(host, arguments, input);
    EXPECT(exit.code == 1, "%s", Describe(exit).c_str());
    EXPECT(host.Tool({"list"}).empty(), "%s", host.Tool({"list"}).c_str());
  }
}

}  // namespace
}  // namespace twofactor::test
