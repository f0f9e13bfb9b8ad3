// SPDX-License-Identifier: Apache-2.0
//
// resync_test.cc - twofactor resync and export: counters of tokens, and keys
// that leave the host.

#include <string>

#include "tests/integration/real_programs.h"
#include "tests/pam/cmocka_case.h"
#include "tests/tool/tool_host.h"

namespace twofactor::test {
namespace {

std::string Lines(int first, int second) {
  return TokenCode(first) + "\n" + TokenCode(second) + "\n";
}

// The system calls of a login with `typed`: writes, syncs, and the log.
std::string TraceOf(ToolHost& host, const std::string& typed) {
  const std::string trace = host.host().folder() + "/trace";
  host.LogsIn(typed, {Need("strace"), "-s", "500", "-o", trace, "-e",
                      "trace=pwrite64,fdatasync,sendto"});
  return ReadFile(trace);
}

CASE(codes_that_must_not_come_back_are_synced_before_anybody_hears_of_it) {
  ToolHost host;
  host.EnrollToken();
  const auto backup = host.BackupCodes();
  const std::string bypass = host.Bypass({});
  for (const std::string& code : {TokenCode(0), backup[0], bypass}) {
    const std::string trace = TraceOf(host, code);
    const auto written = trace.find("pwrite64(");
    const auto synced = trace.find("fdatasync(", written);
    const auto told = trace.find("result=accepted");
    EXPECT(written < synced && synced < told && told != std::string::npos, "%s",
           trace.c_str());
  }
}

CASE(two_codes_in_a_row_bring_a_token_in_step) {
  ToolHost host;
  host.EnrollToken();
  EXPECT(host.LogsIn(TokenCode(0)), "%s", host.log().Text().c_str());
  EXPECT(host.IsRefused(TokenCode(60), "wrong_code"), "60 codes ahead");
  const std::string said =
      host.Tool({"resync", "--user", "alice"}, 0, Lines(60, 61));
  EXPECT(Contains(said, "in step"), "%s", said.c_str());
  EXPECT(host.log().Has({"event=resynced", "user=alice", "device=token"}), "%s",
         host.log().Text().c_str());
  EXPECT(host.Field("counter") == "62", "%s", host.Field("counter").c_str());
  EXPECT(!host.LogsIn(TokenCode(61)), "a code that resynced logs in");
  EXPECT(host.LogsIn(TokenCode(62)), "%s", host.log().Text().c_str());
  // Both in one answer.
  host.Tool({"resync", "--user", "alice", "--json"}, 0,
            TokenCode(140) + " " + TokenCode(141));
  EXPECT(host.Field("counter") == "142", "%s", host.Field("counter").c_str());
}

CASE(wrong_codes_change_nothing) {
  ToolHost host;
  host.EnrollToken();
  EXPECT(host.LogsIn(TokenCode(5)), "%s", host.log().Text().c_str());
  for (const std::string& typed :
       {Lines(60, 62), Lines(61, 60), Lines(2, 3), Lines(5, 6), Lines(300, 301),
        std::string("letters\n"), TokenCode(60) + "\nletters\n",
        TokenCode(60) + "\n12345678\n"}) {
    host.Tool({"resync", "--user", "alice"}, 4, typed);
    EXPECT(host.Field("counter") == "6", "%s: %s", typed.c_str(),
           host.Field("counter").c_str());
  }
  EXPECT(host.log().Count({"event=resynced"}) == 0, "%s",
         host.log().Text().c_str());
}

CASE(a_lost_counter_is_found_again) {
  ToolHost host;
  host.EnrollToken();
  EXPECT(host.LogsIn(TokenCode(0)), "%s", host.log().Text().c_str());
  OverwriteFile(host.host().LockoutFile("alice"), "x");
  host.Tool({"repair", "alice"});
  EXPECT(host.Field("counter") == "null", "%s", host.Field("counter").c_str());
  EXPECT(!host.LogsIn(TokenCode(1)), "a code of a token without a counter");
  const std::string left = host.Tool({"export", "--user", "alice"}, 1);
  EXPECT(Contains(left, "not exported") && !Contains(left, "otpauth"), "%s",
         left.c_str());
  host.Tool({"resync", "--user", "alice"}, 4, Lines(3500, 3502));
  host.Tool({"resync", "--user", "alice"}, 0, Lines(3500, 3501));
  EXPECT(host.Field("counter") == "3502", "%s", host.Field("counter").c_str());
  EXPECT(host.LogsIn(TokenCode(3502)), "%s", host.log().Text().c_str());
  EXPECT(!host.LogsIn(TokenCode(1)), "an old code");
}

CASE(only_tokens_are_resynced) {
  ToolHost host;
  host.Tool({"resync", "--user", "alice"}, 3);
  host.EnrollPhone();
  host.Tool({"resync", "--user", "alice"}, 3);
  host.EnrollToken();
  host.Tool({"resync", "--user", "alice", "--name", "phone"}, 1);
  host.Tool({"resync", "--user", "alice", "--name", "tablet"}, 3);
  // The phone is no second choice.
  host.Tool({"resync", "--user", "alice"}, 0, Lines(40, 41));
}

CASE(verify_tells_of_two_codes_in_a_row) {
  ToolHost host;
  host.EnrollToken();
  EXPECT(host.LogsIn(TokenCode(9)), "%s", host.log().Text().c_str());
  const auto verify = [&](int first, int second, int exit_code) {
    return host.Tool({"verify", "--user", "alice"}, exit_code,
                     TokenCode(first) + TokenCode(second));
  };
  EXPECT(Contains(verify(50, 51, 0), "token: valid"), "valid");
  EXPECT(Contains(verify(8, 9, 4), "token: used"), "used");
  EXPECT(Contains(verify(51, 50, 4), "token: wrong"), "wrong");
  EXPECT(host.Field("counter") == "10", "%s", host.Field("counter").c_str());
}

// A token among other devices is looked ahead less far.
CASE(verify_says_valid_of_what_a_login_takes) {
  ToolHost host;
  host.EnrollToken();
  host.EnrollPhone();
  const std::string said =
      host.Tool({"verify", "--user", "alice"}, 4, TokenCode(4));
  EXPECT(Contains(said, "token: too far ahead"), "%s", said.c_str());
  EXPECT(host.IsRefused(TokenCode(4), "wrong_code"), "it was taken");
  host.Tool({"verify", "--user", "alice"}, 0, TokenCode(3));
  EXPECT(host.LogsIn(TokenCode(3)), "%s", host.log().Text().c_str());
}

CASE(exported_keys_are_logged_and_go_on_where_they_were) {
  ToolHost host;
  host.EnrollPhone();
  host.EnrollToken();
  host.BackupCodes();
  EXPECT(host.LogsIn(TokenCode(3)), "%s", host.log().Text().c_str());
  const Exit exit = Run(host.ToolCommand(
      {"export", "--user", "alice", "--issuer", "Example Inc"}));
  EXPECT(exit.code == 0, "%s", Describe(exit).c_str());
  EXPECT(Contains(exit.output, "otpauth://totp/Example%20Inc:alice?secret="),
         "%s", exit.output.c_str());
  EXPECT(Contains(exit.output, std::string("otpauth://hotp/Example%20Inc:alice?"
                                           "secret=") +
                                   kTokenKey),
         "%s", exit.output.c_str());
  EXPECT(Contains(exit.output, "&counter=4\n"), "%s", exit.output.c_str());
  EXPECT(Contains(exit.errors, "not exported: backup codes"), "%s",
         exit.errors.c_str());
  for (const char* device : {"device=phone", "device=token"})
    EXPECT(host.log().Has({"event=exported", "user=alice", device}), "%s",
           host.log().Text().c_str());
  EXPECT(!Contains(host.log().Text(), kTokenKey), "a key stands in the log");

  host.log().Forget();
  const std::string json =
      host.Tool({"export", "--user", "alice", "--name", "token", "--json"});
  EXPECT(Contains(json, "\"name\":\"token\"") && !Contains(json, "phone"), "%s",
         json.c_str());
  EXPECT(host.log().Count({"event=exported"}) == 1, "%s",
         host.log().Text().c_str());
  host.Tool({"export"}, 2);
  host.Tool({"export", "--user", "bob"}, 3);
  host.Tool({"export", "--user", "alice", "--name", "tablet"}, 3);
}

}  // namespace
}  // namespace twofactor::test
