// SPDX-License-Identifier: Apache-2.0
//
// tool_host.cc - running the tool, pamtester and oathtool.

#include "tests/tool/tool_host.h"

#include "tests/integration/real_programs.h"
#include "tests/pam/cmocka_case.h"

namespace twofactor::test {
namespace {

constexpr char kToolService[] = "twofactor-tool-test";

}  // namespace

ToolHost::ToolHost() {
  host_.WriteConfigText(std::string("users = any\nservices = ") + kToolService +
                        "\n" + host_.FolderLines());
  host_.WriteSystemStack(kToolService,
                         "auth required @MODULE@ config=@CONFIG@\n"
                         "account required @MODULE@ config=@CONFIG@\n");
}

std::vector<std::string> ToolHost::ToolCommand(
    std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(),
                   {ToolPath(), "--config", host_.config_path()});
  return arguments;
}

std::string ToolHost::Tool(std::vector<std::string> arguments, int exit_code,
                           const std::string& input) {
  const std::string verb = arguments.front();
  const Exit exit = Run(ToolCommand(std::move(arguments)), input);
  EXPECT(exit.code == exit_code, "%s: %s", verb.c_str(),
         Describe(exit).c_str());
  return exit_code == 0 ? exit.output : exit.output + exit.errors;
}

void ToolHost::EnrollPhone() {
  Tool({"enroll", "totp", "--user", "alice", "--no-confirm", "--json"});
}

void ToolHost::EnrollToken() {
  const std::string path = host_.folder() + "/token-key";
  WriteFile(path, std::string(kTokenKey) + "\n");
  Tool({"enroll", "hotp", "--user", "alice", "--key-file", path, "--no-confirm",
        "--json"});
}

std::vector<std::string> ToolHost::BackupCodes(
    std::vector<std::string> options) {
  options.insert(options.begin(),
                 {"backup-codes", "--user", "alice", "--json"});
  return ArrayIn(Tool(std::move(options)), "codes");
}

std::string ToolHost::Bypass(std::vector<std::string> options) {
  options.insert(options.begin(),
                 {"bypass", "alice", "--reason", "phone lost"});
  std::string code = Tool(std::move(options));
  EXPECT(code.size() == 15 && code.back() == '\n', "%s", code.c_str());
  code.pop_back();
  return code;
}

bool ToolHost::LogsIn(const std::string& typed,
                      std::vector<std::string> command) {
  command.insert(command.end(),
                 {Need("pamtester"), "-I", "rhost=192.0.2.9", kToolService,
                  "alice", "authenticate", "acct_mgmt"});
  return Run(command, typed + "\n").code == 0;
}

bool ToolHost::IsRefused(const std::string& typed, const std::string& reason) {
  host_.log().Forget();
  const bool let_in = LogsIn(typed);
  const bool for_that = host_.log().Has(
      {"event=login", "result=denied", "user=alice", "reason=" + reason});
  if (!for_that) print_error("%s\n", host_.log().Text().c_str());
  return !let_in && for_that;
}

std::string ToolHost::Field(const std::string& name) {
  const std::string json = Tool({"status", "alice", "--json"});
  const std::string key = "\"" + name + "\":";
  const auto at = json.find(key);
  EXPECT(at != std::string::npos, "%s: %s", name.c_str(), json.c_str());
  const auto start = at + key.size();
  return json.substr(start, json.find_first_of(",}", start) - start);
}

std::string TokenCode(int counter) {
  const Exit exit = Run({Need("oathtool"), "--hotp", "--base32", "--counter",
                         std::to_string(counter), kTokenKey});
  EXPECT(exit.code == 0 && exit.output.size() == 7, "oathtool: %s",
         Describe(exit).c_str());
  return exit.output.substr(0, 6);
}

std::vector<std::string> ArrayIn(const std::string& json,
                                 const std::string& name) {
  const auto begin = json.find("\"" + name + "\":[");
  EXPECT(begin != std::string::npos, "%s", json.c_str());
  const auto end = json.find(']', begin);
  std::vector<std::string> strings;
  for (auto at = json.find('"', json.find('[', begin)); at < end;) {
    const auto close = json.find('"', at + 1);
    strings.push_back(json.substr(at + 1, close - at - 1));
    at = json.find('"', close + 1);
  }
  return strings;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace twofactor::test
