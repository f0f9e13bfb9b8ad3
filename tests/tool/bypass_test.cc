// SPDX-License-Identifier: Apache-2.0
//
// bypass_test.cc - twofactor bypass, and logins with its codes.

#include <unistd.h>

#include <string>

#include "tests/pam/cmocka_case.h"
#include "tests/tool/tool_host.h"

namespace twofactor::test {
namespace {

CASE(a_bypass_lets_in_as_often_as_it_says) {
  ToolHost host;
  host.EnrollPhone();
  const std::string once = host.Bypass({});
  EXPECT(host.log().Has({"event=bypass", "user=alice", "uses=1", "uid=0"}),
         "%s", host.log().Text().c_str());
  EXPECT(Contains(host.log().Text(), "phone lost"), "%s",
         host.log().Text().c_str());
  EXPECT(host.LogsIn(once), "%s", host.log().Text().c_str());
  EXPECT(host.IsRefused(once, "expired_code"), "it worked twice");
  const std::string thrice = host.Bypass({"--uses", "3", "--for", "7d"});
  EXPECT(host.Field("left") == "3", "%s left", host.Field("left").c_str());
  for (int i = 0; i < 3; ++i)
    EXPECT(host.LogsIn(thrice), "%s", host.log().Text().c_str());
  EXPECT(host.IsRefused(thrice, "expired_code"), "it worked four times");
  host.Tool({"unlock", "alice"});
  EXPECT(host.IsRefused(thrice, "expired_code"), "unlock revived it");
}

CASE(a_bypass_ends_with_its_time_and_makes_room_for_others) {
  ToolHost host;
  host.EnrollPhone();
  std::string code;
  for (int i = 0; i < 8; ++i) code = host.Bypass({"--for", "1s"});
  sleep(2);
  EXPECT(host.IsRefused(code, "expired_code"), "it outlived its time");
  EXPECT(Contains(host.Tool({"verify", "--user", "alice"}, 4, code),
                  "bypass (phone lost): expired"),
         "verify");
  EXPECT(host.Field("bypasses") == "[]", "%s", host.Field("bypasses").c_str());
  EXPECT(host.BackupCodes().size() == 10, "dead bypasses take the room");
  for (int i = 0; i < 7; ++i) code = host.Bypass({});
  const std::string refusal =
      host.Tool({"bypass", "alice", "--reason", "one more"}, 1);
  EXPECT(Contains(refusal, "--revoke"), "%s", refusal.c_str());
  EXPECT(host.LogsIn(code), "%s", host.log().Text().c_str());
}

CASE(who_disables_a_user_hears_of_a_bypass) {
  ToolHost host;
  host.EnrollPhone();
  const std::string code = host.Bypass({});
  const auto disable = [&host] {
    const Exit exit = Run(host.ToolCommand({"disable", "--user", "alice"}), "");
    return exit.output + exit.errors;
  };
  EXPECT(Contains(disable(), "twofactor bypass --revoke alice"), "no word");
  EXPECT(host.LogsIn(code), "%s", host.log().Text().c_str());
  EXPECT(Contains(disable(), "logins are denied"), "it was for one login");
}

CASE(a_revoked_bypass_is_dead) {
  ToolHost host;
  host.EnrollPhone();
  const std::string first = host.Bypass({});
  const std::string second = host.Bypass({"--uses", "9"});
  const auto codes = host.BackupCodes();
  EXPECT(host.LogsIn(second), "%s", host.log().Text().c_str());
  EXPECT(Contains(host.Tool({"bypass", "alice", "--revoke"}), "2 bypasses"),
         "how many");
  EXPECT(host.log().Has({"event=bypass_revoked", "user=alice", "bypasses=2"}),
         "%s", host.log().Text().c_str());
  EXPECT(host.IsRefused(first, "wrong_code"), "the first");
  EXPECT(host.IsRefused(second, "wrong_code"), "the second");
  EXPECT(host.LogsIn(codes[0]), "revoking took the backup codes");
  host.Tool({"bypass", "alice", "--revoke"});
}

CASE(a_bypass_works_while_all_devices_are_disabled) {
  ToolHost host;
  host.EnrollPhone();
  const auto codes = host.BackupCodes();
  host.Tool({"disable", "--user", "alice"});
  EXPECT(!host.LogsIn(codes[0]), "a backup code without a device");
  EXPECT(host.LogsIn(host.Bypass({})), "%s", host.log().Text().c_str());
}

CASE(what_makes_no_sense_is_refused) {
  ToolHost host;
  const std::string refusal =
      host.Tool({"bypass", "alice", "--reason", "why"}, 3);
  EXPECT(Contains(refusal, "twofactor enroll"), "%s", refusal.c_str());
  host.EnrollPhone();
  host.Tool({"bypass", "--reason", "why"}, 2);
  host.Tool({"bypass", "alice"}, 2);
  host.Tool({"bypass", "alice", "--reason", ""}, 2);
  host.Tool({"bypass", "alice", "--reason", "a\nb"}, 2);
  host.Tool({"bypass", "alice", "--reason", std::string(129, 'x')}, 2);
  for (const char* uses : {"0", "101", "-1", "x"})
    host.Tool({"bypass", "alice", "--reason", "why", "--uses", uses}, 2);
  for (const char* time : {"0", "0s", "8d", "1w", "-1h", "", "1 h"})
    host.Tool({"bypass", "alice", "--reason", "why", "--for", time}, 2);
  host.Tool({"bypass", "alice", "--reason", "why", "--revoke"}, 2);
  EXPECT(host.Field("bypasses") == "[]", "%s", host.Field("bypasses").c_str());
}

CASE(a_bypass_that_cannot_be_printed_is_taken_back) {
  ToolHost host;
  host.EnrollPhone();
  const Exit exit =
      Run({"sh", "-c", "exec \"$@\" >/dev/full", "sh", ToolPath(), "--config",
           host.host().config_path(), "bypass", "alice", "--reason", "why"});
  EXPECT(exit.code == 1, "%s", Describe(exit).c_str());
  EXPECT(host.Field("bypasses") == "[]", "%s", host.Field("bypasses").c_str());
}

CASE(json_says_all_of_it) {
  ToolHost host;
  host.EnrollPhone();
  const std::string json =
      host.Tool({"bypass", "alice", "--reason", "a \"quoted\" one", "--json"});
  for (const char* part :
       {"\"user\":\"alice\"", "\"done\":\"bypass\"", "\"code\":\"",
        "\"uses\":1", "\"until\":\"20", "\"reason\":\"a \\\"quoted\\\" one\""})
    EXPECT(Contains(json, part), "no %s in %s", part, json.c_str());
}

}  // namespace
}  // namespace twofactor::test
