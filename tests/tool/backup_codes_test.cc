// SPDX-License-Identifier: Apache-2.0
//
// backup_codes_test.cc - twofactor backup-codes, and logins with the codes.

#include <algorithm>
#include <cctype>
#include <string>

#include "tests/integration/real_programs.h"
#include "tests/integration/terminal.h"
#include "tests/pam/cmocka_case.h"
#include "tests/tool/tool_host.h"

namespace twofactor::test {
namespace {

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

std::string Without(std::string text, char dropped) {
  std::erase(text, dropped);
  return text;
}

CASE(a_code_logs_in_once_in_any_case_and_grouping) {
  ToolHost host;
  host.EnrollPhone();
  const auto codes = host.BackupCodes();
  EXPECT(codes.size() == 10, "%zu codes", codes.size());
  EXPECT(host.log().Has({"event=backup_codes", "user=alice", "codes=10",
                         "replaced=no", "uid=0"}),
         "%s", host.log().Text().c_str());
  EXPECT(host.LogsIn(codes[0]), "%s", host.log().Text().c_str());
  EXPECT(host.log().Has({"event=login", "result=accepted", "user=alice"}), "%s",
         host.log().Text().c_str());
  EXPECT(host.LogsIn(Lower(codes[1])), "in small letters");
  EXPECT(host.LogsIn(Without(codes[2], '-')), "without dashes");
  std::string spaced = Lower(Without(codes[3], '-'));
  spaced.insert(9, " ").insert(3, "  ");
  EXPECT(host.LogsIn(spaced), "in other groups: %s", spaced.c_str());
  EXPECT(host.IsRefused(codes[0], "used_code"), "it worked twice");
  EXPECT(host.IsRefused(Lower(codes[2]), "used_code"), "it worked twice");
  EXPECT(host.Field("left") == "6", "%s left", host.Field("left").c_str());
  for (const std::string& code : codes)
    EXPECT(!Contains(host.log().Text(), code), "a code stands in the log");
}

CASE(what_was_spent_stays_spent) {
  ToolHost host;
  host.EnrollPhone();
  const auto codes = host.BackupCodes({"--count", "3"});
  EXPECT(host.LogsIn(codes[0]), "%s", host.log().Text().c_str());
  host.Tool({"unlock", "alice"});
  EXPECT(host.IsRefused(codes[0], "used_code"), "unlock revived a code");
  host.Tool({"repair", "alice"});
  EXPECT(host.IsRefused(codes[0], "used_code"), "repair revived a code");
  EXPECT(host.LogsIn(codes[1]), "%s", host.log().Text().c_str());
  // With the state gone nobody knows which were used.
  OverwriteFile(host.host().LockoutFile("alice"), "x");
  host.Tool({"repair", "alice"});
  for (const std::string& code : codes)
    EXPECT(host.IsRefused(code, "used_code"), "repair revived a code");
  EXPECT(host.Field("left") == "0", "%s left", host.Field("left").c_str());
}

CASE(new_codes_make_old_ones_worthless) {
  ToolHost host;
  host.EnrollPhone();
  const auto old = host.BackupCodes();
  const std::string refusal = host.Tool({"backup-codes", "--user", "alice"}, 1);
  EXPECT(Contains(refusal, "--regenerate"), "%s", refusal.c_str());
  EXPECT(host.LogsIn(old[0]), "the refusal harmed the codes");
  const auto codes = host.BackupCodes({"--regenerate", "--count", "32"});
  EXPECT(codes.size() == 32, "%zu codes", codes.size());
  EXPECT(host.IsRefused(old[1], "wrong_code"), "an old code");
  EXPECT(host.LogsIn(codes[31]), "%s", host.log().Text().c_str());
}

CASE(only_who_is_enrolled_gets_codes_and_not_too_many) {
  ToolHost host;
  host.Tool({"backup-codes", "--user", "alice"}, 3);
  host.EnrollPhone();
  for (const char* count : {"0", "33", "-1"})
    host.Tool({"backup-codes", "--user", "alice", "--count", count}, 2);
  host.Tool({"backup-codes", "--user", "alice", "--print", "--json"}, 2);
  EXPECT(host.Field("backup_codes") == "null", "%s",
         host.Field("backup_codes").c_str());
}

CASE(codes_that_cannot_be_printed_are_taken_back) {
  ToolHost host;
  host.EnrollPhone();
  const Exit exit =
      Run({"sh", "-c", "exec \"$@\" >/dev/full", "sh", ToolPath(), "--config",
           host.host().config_path(), "backup-codes", "--user", "alice"});
  EXPECT(exit.code == 1, "%s", Describe(exit).c_str());
  EXPECT(host.Field("backup_codes") == "null", "%s",
         host.Field("backup_codes").c_str());
  EXPECT(host.BackupCodes().size() == 10, "none afterwards");
}

CASE(page_to_print_says_whose_codes_they_are_and_how_to_use_them) {
  ToolHost host;
  host.EnrollPhone();
  const std::string page =
      host.Tool({"backup-codes", "--user", "alice", "--print"});
  for (const char* part : {"BACKUP CODES", "alice", "host", "UTC", "[ ]   1  ",
                           "[ ]  10  ", "Each code works once"})
    EXPECT(Contains(page, part), "no %s in %s", part, page.c_str());
  const auto at = page.find("[ ]   1  ") + 9;
  EXPECT(host.LogsIn(page.substr(at, 14)), "%s", page.c_str());
}

CASE(verify_tells_of_a_code_and_spends_nothing) {
  ToolHost host;
  host.EnrollPhone();
  const std::string code = host.BackupCodes()[0];
  for (int i = 0; i < 2; ++i)
    EXPECT(Contains(host.Tool({"verify", "--user", "alice"}, 0, Lower(code)),
                    "backup codes: valid"),
           "valid");
  EXPECT(host.LogsIn(code), "%s", host.log().Text().c_str());
  EXPECT(Contains(host.Tool({"verify", "--user", "alice"}, 4, code),
                  "backup codes: used"),
         "used");
  EXPECT(Contains(host.Tool({"verify", "--user", "alice", "--json"}, 4,
                            "AAAA-BBBB-CCCC"),
                  "\"type\":\"backup_codes\",\"result\":\"wrong\""),
         "wrong");
}

CASE(codes_go_with_the_last_device) {
  ToolHost host;
  host.EnrollPhone();
  const auto codes = host.BackupCodes();
  host.Tool({"remove", "--user", "alice", "--name", "phone"}, 1);
  host.Tool({"remove", "--user", "alice", "--name", "phone", "--force"});
  EXPECT(!host.LogsIn(codes[0]), "a code outlived the enrollment");
  host.EnrollPhone();
  EXPECT(host.IsRefused(codes[0], "wrong_code"), "enrolling revived a code");
  EXPECT(host.Field("backup_codes") == "null", "%s",
         host.Field("backup_codes").c_str());
}

CASE(first_enrollment_on_a_terminal_offers_codes) {
  ToolHost host;
  const std::string path = host.host().folder() + "/key";
  for (const char* name : {"phone", "tablet"}) {
    const std::string key = std::string(name) == "phone"
                                ? kTokenKey
                                : "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    WriteFile(path, key + "\n");
    Terminal terminal(
        host.ToolCommand({"enroll", "totp", "--user", "alice", "--name", name,
                          "--key-file", path, "--qr", "none"}));
    terminal.Expect("shows now: ");
    terminal.Type(OathtoolCode(key));
    terminal.Expect("enrolled device");
    if (key == kTokenKey) {
      terminal.Expect("Make backup codes now? [Y/n] ");
      terminal.Type("");
      terminal.Expect("Each code works once");
    }
    EXPECT(terminal.Wait() == 0, "%s", terminal.screen().c_str());
    EXPECT(key == kTokenKey || !Contains(terminal.screen(), "backup codes"),
           "%s", terminal.screen().c_str());
  }
  EXPECT(host.Field("left") == "10", "%s left", host.Field("left").c_str());
}

CASE(offer_that_is_declined_leaves_an_enrollment_without_codes) {
  ToolHost host;
  const std::string path = host.host().folder() + "/key";
  WriteFile(path, std::string(kTokenKey) + "\n");
  Terminal terminal(host.ToolCommand({"enroll", "totp", "--user", "alice",
                                      "--key-file", path, "--qr", "none"}));
  terminal.Expect("shows now: ");
  terminal.Type(OathtoolCode(kTokenKey));
  terminal.Expect("[Y/n] ");
  terminal.Type("n");
  terminal.Expect("later: twofactor backup-codes --user alice");
  EXPECT(terminal.Wait() == 0, "%s", terminal.screen().c_str());
  EXPECT(host.Field("backup_codes") == "null", "%s",
         host.Field("backup_codes").c_str());
}

}  // namespace
}  // namespace twofactor::test
