// SPDX-License-Identifier: Apache-2.0
//
// status_test.cc - what status, list and verify tell of codes, and of too many
// wrong ones.

#include <string>

#include "core/session/code_set.h"
#include "tests/pam/cmocka_case.h"
#include "tests/tool/tool_host.h"

namespace twofactor::test {
namespace {

// Alice's record gets what no verb gives her.
void AddRecoveryAndScratchCodes(ToolHost& host) {
  const auto store = host.host().OpenStore();
  const auto changed = store->Change(
      *UserName::Create("alice"),
      [](Record record, const Moment& moment) -> Result<Record> {
        record.enrollment->recovery = {"alice@example.org", moment.now,
                                       Secret(32)};
        ASSIGN_OR_RETURN(NewCodes made, MakeBackupCodes(5, moment));
        made.set.kind = CodeSet::Kind::kScratch;
        RETURN_IF_ERROR(AddCodeSet(made.set, record));
        return record;
      });
  EXPECT(changed.has_value(), "changing the record");
}

CASE(status_and_list_tell_of_codes_bypasses_and_recovery) {
  ToolHost host;
  host.EnrollPhone();
  const auto codes = host.BackupCodes();
  host.Bypass({"--uses", "3"});
  AddRecoveryAndScratchCodes(host);
  EXPECT(host.LogsIn(codes[0]), "%s", host.log().Text().c_str());

  const std::string text = host.Tool({"status", "alice"});
  for (const char* part :
       {"backup codes\n    9 of 10 left", "scratch codes\n    5 of 5 left",
        "bypass\n    3 of 3 logins left, until 20", ": phone lost\n",
        "recovery address\n    alice@example.org, confirmed 20",
        "known: 0 of 10 in 60 min", "others: 0 of 10 in 60 min"})
    EXPECT(Contains(text, part), "no %s in %s", part, text.c_str());

  const std::string json = host.Tool({"status", "alice", "--json"});
  for (const char* part :
       {"\"backup_codes\":{\"left\":9,\"made\":10,",
        "\"scratch_codes\":{\"left\":5,\"made\":5,",
        "\"bypasses\":[{\"left\":3,\"uses\":3,", "\"reason\":\"phone lost\"",
        "\"recovery\":{\"address\":\"alice@example.org\","})
    EXPECT(Contains(json, part), "no %s in %s", part, json.c_str());
  for (const std::string& code : codes)
    EXPECT(!Contains(text + json, code), "a code is shown again");

  EXPECT(Contains(host.Tool({"list"}), "1 device, 9 backup codes"), "%s",
         host.Tool({"list"}).c_str());
  EXPECT(Contains(host.Tool({"list", "--json"}), "\"backup_codes\":9"), "%s",
         host.Tool({"list", "--json"}).c_str());
  host.BackupCodes({"--regenerate"});
  EXPECT(Contains(host.Tool({"status", "alice"}), "5 of 5 left"),
         "new backup codes took the scratch codes");
}

CASE(too_many_wrong_codes_are_shown_and_forgotten_by_unlock) {
  ToolHost host;
  host.EnrollPhone();
  const auto codes = host.BackupCodes();
  for (int i = 0; i < 10; ++i)
    EXPECT(host.IsRefused("AAAA-BBBB-CCCC", "wrong_code"), "%d", i);
  EXPECT(host.IsRefused(codes[0], "throttled"), "the eleventh");
  const std::string text = host.Tool({"status", "alice"});
  EXPECT(Contains(text, "others: 10 of 10 in 60 min, LOCKED until 20"), "%s",
         text.c_str());
  EXPECT(
      Contains(host.Tool({"verify", "--user", "alice", "--json"}, 0, codes[0]),
               "\"codes_locked\":[{\"source\":\"others\",\"failures\":10"),
      "verify");
  host.Tool({"unlock", "alice"});
  EXPECT(host.LogsIn(codes[0]), "%s", host.log().Text().c_str());
}

CASE(codes_for_somebody_without_an_enabled_device_come_with_a_warning) {
  ToolHost host;
  host.EnrollPhone();
  host.Tool({"disable", "--user", "alice"});
  const Exit exit = Run(host.ToolCommand({"backup-codes", "--user", "alice"}));
  EXPECT(exit.code == 0 && Contains(exit.errors, "codes alone let nobody in"),
         "%s", Describe(exit).c_str());
}

}  // namespace
}  // namespace twofactor::test
