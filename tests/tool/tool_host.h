// SPDX-License-Identifier: Apache-2.0
//
// tool_host.h - a host whose administrator types commands, and whose users log
// in by pamtester.

#ifndef TWOFACTOR_TESTS_TOOL_TOOL_HOST_H_
#define TWOFACTOR_TESTS_TOOL_TOOL_HOST_H_

#include <string>
#include <vector>

#include "tests/pam/process.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {

class ToolHost {
 public:
  // `users = any`, and a stack of our module alone.
  ToolHost();

  // Runs the tool and expects this exit code; returns what it wrote to stdout,
  // or to both where it has to fail.
  std::string Tool(std::vector<std::string> arguments, int exit_code = 0,
                   const std::string& input = {});
  std::vector<std::string> ToolCommand(
      std::vector<std::string> arguments) const;

  // Alice's phone and, with the key below, her token.
  void EnrollPhone();
  void EnrollToken();

  // New codes of alice, as they are shown.
  std::vector<std::string> BackupCodes(std::vector<std::string> options = {});
  std::string Bypass(std::vector<std::string> options);

  // Whether alice gets in; the log tells why.  `command` runs the application.
  bool LogsIn(const std::string& typed, std::vector<std::string> command = {});
  // Whether she is refused for that reason.
  bool IsRefused(const std::string& typed, const std::string& reason);

  // What status --json has behind `"name":`, up to the next comma or brace.
  std::string Field(const std::string& name);

  TestHost& host() { return host_; }
  LogReader& log() { return host_.log(); }

 private:
  TestHost host_;
};

// The key of RFC 4226 Appendix D in base32, and its codes by oathtool.
inline constexpr char kTokenKey[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
std::string TokenCode(int counter);

// All strings between `"` of the JSON array behind `"name":`.
std::vector<std::string> ArrayIn(const std::string& json,
                                 const std::string& name);

bool Contains(const std::string& text, const std::string& part);

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_TOOL_TOOL_HOST_H_
