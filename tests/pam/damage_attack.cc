// SPDX-License-Identifier: Apache-2.0
//
// damage_attack.cc - files that are gone, empty, foreign, swapped, torn or
// planted: each row denies, and says why in the log.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/syscall_faults.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

namespace fs = std::filesystem;

struct Row {
  const char* what;
  std::function<void(TestHost&)> damage;
  const char* reason;
};

std::string KeyFile(const TestHost& host) {
  const std::string folder = host.paths().keys + "/keys";
  return folder + "/" + NamesIn(folder).at(0);
}

std::string FlipBit(std::string content, std::size_t at) {
  content[at] = static_cast<char>(content[at] ^ 1);
  return content;
}

// Gives `path` the place of a link to where the file then is.
void ReplaceByLink(const std::string& path) {
  fs::rename(path, path + "-elsewhere");
  fs::create_symlink(path + "-elsewhere", path);
}

void GiveToAlice(const std::string& path) {
  EXPECT(chown(path.c_str(), 61001, 61001) == 0, "chown %s", path.c_str());
}

void PlantFifo(const std::string& path) {
  fs::remove(path);
  EXPECT(mkfifo(path.c_str(), 0600) == 0, "mkfifo %s", path.c_str());
}

const std::vector<Row>& MarkerRows() {
  static const std::vector<Row> rows = {
      {"the marker is gone", [](TestHost& h) { fs::remove(h.Marker()); },
       "store_missing"},
      {"the marker is empty",
       [](TestHost& h) { OverwriteFile(h.Marker(), ""); }, "corrupt"},
      {"the marker is another host's",
       [](TestHost& h) {
         StorePaths paths{h.folder() + "/keys2", h.folder() + "/state2",
                          h.folder() + "/runtime2"};
         EXPECT(FileStore::Create(paths).has_value(), "a store");
         WriteFile(h.Marker(), ReadFile(paths.state + "/store"));
       },
       "store_missing"},
      {"the marker is a folder",
       [](TestHost& h) {
         fs::remove(h.Marker());
         fs::create_directory(h.Marker());
       },
       "untrusted_file"},
  };
  return rows;
}

const std::vector<Row>& StoreRows() {
  static const std::vector<Row> rows = {
      {"the state folder is gone",
       [](TestHost& h) { fs::remove_all(h.paths().state); }, "store_missing"},
      {"the state folder is empty",
       [](TestHost& h) {
         fs::remove_all(h.paths().state);
         mkdir(h.paths().state.c_str(), 0700);
       },
       "store_missing"},
      {"all that was in the state folder's folders is gone",
       [](TestHost& h) {
         for (const char* folder : {"/secrets", "/lockout"}) {
           fs::remove_all(h.paths().state + folder);
           mkdir((h.paths().state + folder).c_str(), 0700);
         }
         fs::remove(h.Marker());
       },
       "store_missing"},
      {"the secrets folder is gone",
       [](TestHost& h) { fs::remove_all(h.paths().state + "/secrets"); },
       "store_missing"},
      {"the lockout folder is gone",
       [](TestHost& h) { fs::remove_all(h.paths().state + "/lockout"); },
       "store_missing"},
      {"the state folder is another host's",
       [](TestHost& h) {
         StorePaths paths{h.folder() + "/keys2", h.folder() + "/state2",
                          h.folder() + "/runtime2"};
         EXPECT(FileStore::Create(paths).has_value(), "a store");
         fs::remove_all(h.paths().state);
         fs::rename(paths.state, h.paths().state);
       },
       "store_missing"},
      {"the keys folder is gone",
       [](TestHost& h) { fs::remove_all(h.paths().keys); }, "store_missing"},
      {"the keyring is gone",
       [](TestHost& h) { fs::remove(h.paths().keys + "/keyring"); },
       "store_missing"},
      {"the keyring is empty",
       [](TestHost& h) { WriteFile(h.paths().keys + "/keyring", ""); },
       "corrupt"},
      {"the keyring is junk",
       [](TestHost& h) {
         WriteFile(h.paths().keys + "/keyring", std::string(300, 'x'));
       },
       "corrupt"},
      {"the key is gone", [](TestHost& h) { fs::remove(KeyFile(h)); },
       "store_missing"},
      {"the key is another one",
       [](TestHost& h) { WriteFile(KeyFile(h), std::string(32, 'k')); },
       "corrupt"},
      {"the key is cut short",
       [](TestHost& h) {
         WriteFile(KeyFile(h), ReadFile(KeyFile(h)).substr(0, 31));
       },
       "corrupt"},
      {"the key can be read by others",
       [](TestHost& h) { chmod(KeyFile(h).c_str(), 0444); }, "untrusted_file"},
      {"the key is alice's", [](TestHost& h) { GiveToAlice(KeyFile(h)); },
       "untrusted_file"},
      {"the key is a link", [](TestHost& h) { ReplaceByLink(KeyFile(h)); },
       "untrusted_file"},
      {"the state folder can be written by others",
       [](TestHost& h) { chmod(h.paths().state.c_str(), 0777); },
       "untrusted_file"},
      {"the state folder is alice's",
       [](TestHost& h) { GiveToAlice(h.paths().state); }, "untrusted_file"},
      {"the state folder is a link",
       [](TestHost& h) { ReplaceByLink(h.paths().state); }, "untrusted_file"},
  };
  return rows;
}

const std::vector<Row>& RecordRows() {
  static const std::vector<Row> rows = {
      {"the secret file is gone",
       [](TestHost& h) { fs::remove(h.SecretFile("alice")); }, "needs_repair"},
      {"the lockout file is gone",
       [](TestHost& h) { fs::remove(h.LockoutFile("alice")); }, "needs_repair"},
      {"the secret file is empty",
       [](TestHost& h) { OverwriteFile(h.SecretFile("alice"), ""); },
       "corrupt"},
      {"the secret file is cut short",
       [](TestHost& h) {
         const std::string old = ReadFile(h.SecretFile("alice"));
         OverwriteFile(h.SecretFile("alice"), old.substr(0, old.size() - 1));
       },
       "corrupt"},
      {"the secret file has a byte more",
       [](TestHost& h) {
         OverwriteFile(h.SecretFile("alice"),
                       ReadFile(h.SecretFile("alice")) + "x");
       },
       "corrupt"},
      {"the secret file is huge",
       [](TestHost& h) {
         OverwriteFile(h.SecretFile("alice"), std::string(1 << 20, 'x'));
       },
       "corrupt"},
      {"the secret file is bob's",
       [](TestHost& h) {
         OverwriteFile(h.SecretFile("alice"), ReadFile(h.SecretFile("bob")));
       },
       "corrupt"},
      {"the lockout file is bob's",
       [](TestHost& h) {
         OverwriteFile(h.LockoutFile("alice"), ReadFile(h.LockoutFile("bob")));
       },
       "corrupt"},
      {"both files are bob's",
       [](TestHost& h) {
         OverwriteFile(h.SecretFile("alice"), ReadFile(h.SecretFile("bob")));
         OverwriteFile(h.LockoutFile("alice"), ReadFile(h.LockoutFile("bob")));
       },
       "corrupt"},
      {"the lockout file is empty",
       [](TestHost& h) { OverwriteFile(h.LockoutFile("alice"), ""); },
       "corrupt"},
      {"the lockout file is cut short",
       [](TestHost& h) {
         OverwriteFile(h.LockoutFile("alice"),
                       ReadFile(h.LockoutFile("alice")).substr(0, 4096));
       },
       "corrupt"},
      {"the lockout file is zeros",
       [](TestHost& h) {
         OverwriteFile(h.LockoutFile("alice"), std::string(3 * 4096, '\0'));
       },
       "corrupt"},
      {"the secret file can be read by others",
       [](TestHost& h) { chmod(h.SecretFile("alice").c_str(), 0644); },
       "untrusted_file"},
      {"the lockout file can be written by others",
       [](TestHost& h) { chmod(h.LockoutFile("alice").c_str(), 0666); },
       "untrusted_file"},
      {"the secret file is alice's",
       [](TestHost& h) { GiveToAlice(h.SecretFile("alice")); },
       "untrusted_file"},
      {"the lockout file is alice's",
       [](TestHost& h) { GiveToAlice(h.LockoutFile("alice")); },
       "untrusted_file"},
      {"the secret file is a link",
       [](TestHost& h) { ReplaceByLink(h.SecretFile("alice")); },
       "untrusted_file"},
      {"the lockout file is a link",
       [](TestHost& h) { ReplaceByLink(h.LockoutFile("alice")); },
       "untrusted_file"},
      {"the secret file has a second name",
       [](TestHost& h) {
         fs::create_hard_link(h.SecretFile("alice"), h.folder() + "/second");
       },
       "untrusted_file"},
      {"the secret file is a FIFO",
       [](TestHost& h) { PlantFifo(h.SecretFile("alice")); }, "untrusted_file"},
      {"the lockout file is a FIFO",
       [](TestHost& h) { PlantFifo(h.LockoutFile("alice")); },
       "untrusted_file"},
      {"the secret file is a folder",
       [](TestHost& h) {
         fs::remove(h.SecretFile("alice"));
         fs::create_directory(h.SecretFile("alice"));
       },
       "untrusted_file"},
  };
  return rows;
}

// In this stack and configuration a skip would be a success.
void MakeForgiving(TestHost& host) {
  host.WriteConfig("users = system\nsecond_factor = optional\n");
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@\n"
                  "auth required pam_permit.so\n");
}

void ExpectDenied(TestHost& host, const Row& row, const std::string& user,
                  const std::string& code, int expected = PAM_AUTH_ERR) {
  host.log().Forget();
  const int result = LogIn(host, user, code);
  EXPECT(result == expected, "%s: %s got %s\n%s", row.what, user.c_str(),
         PamName(result).c_str(), host.log().Text().c_str());
  EXPECT(host.log().Has({"event=login", "result=denied", "user=" + user,
                         std::string("reason=") + row.reason}),
         "%s: the log does not say %s\n%s", row.what, row.reason,
         host.log().Text().c_str());
}

CASE(a_damaged_store_denies_everybody_and_is_logged) {
  for (const Row& row : StoreRows()) {
    TestHost host;
    MakeForgiving(host);
    host.Enroll("alice");
    const std::string code = host.Code("alice");
    row.damage(host);
    ExpectDenied(host, row, "alice", code);
    ExpectDenied(host, row, "carol", "123456");
  }
}

// Where nobody is skipped, the marker is not asked for.
CASE(a_damaged_store_tells_nobody_who_is_enrolled) {
  for (const Row& row : StoreRows()) {
    TestHost host;
    host.WriteStack(kService,
                    "auth required @MODULE@ config=@CONFIG@ first=proven\n");
    host.Enroll("alice");
    const std::string code = host.Code("alice");
    row.damage(host);
    for (const char* user : {"alice", "carol"})
      ExpectDenied(host, row, user, code, PAM_AUTHINFO_UNAVAIL);
  }
}

void SkipIfSanitized() {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
}

// Half of a restore: the marker comes last.
CASE(a_store_that_comes_back_meanwhile_skips_nobody) {
  SkipIfSanitized();
  TestHost host;
  host.Enroll("alice");
  MakeForgiving(host);
  const std::string home = host.paths().state;
  const std::string away = host.folder() + "/away";
  fs::create_directory(away);
  const std::string files[] = {"lockout/alice", "secrets/alice", "store"};
  const auto move_all = [&](const std::string& from, const std::string& to) {
    for (const std::string& file : files)
      fs::rename(from + "/" + file, to + "/" + file);
  };
  for (const char* folder : {"/lockout", "/secrets"})
    fs::create_directory(away + folder);
  std::size_t calls = 1;
  for (std::size_t i = 0; i < calls; ++i) {
    move_all(home, away);
    bool back = false;
    const SupervisedLogin login =
        LogInSupervised(host, "alice", host.WrongCode("alice"),
                        [&](const SystemCall& call) -> std::optional<Fault> {
                          if (call.index == i) move_all(away, home);
                          back = back || call.index == i;
                          return std::nullopt;
                        });
    if (!back) move_all(away, home);
    calls = std::max(calls, login.calls.size());
    EXPECT(login.result.pam_code != PAM_SUCCESS, "skipped at call %zu", i);
  }
  EXPECT(calls > 40, "only %zu system calls were seen", calls);
}

// Whoever cannot be skipped costs the same calls, one aside, enrolled or not.
CASE(users_without_a_record_cost_the_same_calls) {
  SkipIfSanitized();
  for (const char* setting : {"", "users = any\nsecond_factor = optional\n"}) {
    TestHost host;
    host.WriteConfig(setting);
    host.Enroll("alice");
    const auto calls_of = [&](const std::string& user) {
      const auto none = [](const SystemCall&) -> std::optional<Fault> {
        return std::nullopt;
      };
      LogInSupervised(host, user, "000000", none);
      return LogInSupervised(host, user, "000000", none).calls.size();
    };
    const std::size_t enrolled = calls_of("alice");
    const std::size_t unknown = calls_of("carol");
    EXPECT(unknown >= enrolled && unknown <= enrolled + 1,
           "\"%s\": %zu calls for who is enrolled, %zu for who is not", setting,
           enrolled, unknown);
  }
}

// A record that opens proves the store; that there is none does not.
CASE(a_damaged_marker_lets_nobody_be_skipped_and_locks_nobody_out) {
  for (const Row& row : MarkerRows()) {
    TestHost host;
    MakeForgiving(host);
    host.Enroll("alice");
    row.damage(host);
    ExpectDenied(host, row, "carol", "123456");
    EXPECT(LogIn(host, "alice", host.WrongCode("alice")) == PAM_AUTH_ERR, "%s",
           row.what);
    EXPECT(LogIn(host, "alice", host.Code("alice")) == PAM_SUCCESS,
           "%s: alice is locked out\n%s", row.what, host.log().Text().c_str());
    std::string output;
    EXPECT(host.Tool({"status", "alice"}, &output) != 0, "%s: %s", row.what,
           output.c_str());
    if (Exists(host.Marker())) {
      EXPECT(host.Tool({"init", "--keep-keys", "--yes"}, &output) != 0, "%s",
             row.what);
      EXPECT(
          output.find("move " + host.Marker() + " away") != std::string::npos,
          "%s: %s", row.what, output.c_str());
      fs::rename(host.Marker(), host.folder() + "/marker");
    }
    EXPECT(host.Tool({"init", "--keep-keys", "--yes"}, &output) == 0, "%s: %s",
           row.what, output.c_str());
    EXPECT(LogIn(host, "carol", "") == PAM_SUCCESS, "%s: carol", row.what);
    EXPECT(LogIn(host, "alice", host.Code("alice", 1)) == PAM_SUCCESS,
           "%s: alice has lost her record", row.what);
  }
}

CASE(a_damaged_record_denies_its_user_alone_and_is_logged) {
  for (const Row& row : RecordRows()) {
    TestHost host;
    MakeForgiving(host);
    host.Enroll("alice");
    host.Enroll("bob");
    const std::string code = host.Code("alice");
    row.damage(host);
    ExpectDenied(host, row, "alice", code);
    ExpectDenied(host, row, "alice", host.Code("bob"));
    EXPECT(LogIn(host, "bob", host.Code("bob")) == PAM_SUCCESS,
           "%s: bob is locked out\n%s", row.what, host.log().Text().c_str());
  }
}

CASE(every_flipped_bit_of_a_record_denies) {
  TestHost host;
  MakeForgiving(host);
  host.Enroll("alice");
  const std::string good = ReadFile(host.SecretFile("alice"));
  for (std::size_t at = 0; at < good.size(); ++at) {
    OverwriteFile(host.SecretFile("alice"), FlipBit(good, at));
    const int result = LogIn(host, "alice", host.Code("alice"));
    EXPECT(result == PAM_AUTH_ERR, "byte %zu: %s", at, PamName(result).c_str());
  }
  OverwriteFile(host.SecretFile("alice"), good);
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

// A slot is a page; its digest covers all of it.
CASE(no_flipped_bit_of_a_lockout_file_revives_a_code) {
  TestHost host;
  MakeForgiving(host);
  host.Enroll("alice");
  const std::string code = host.Code("alice");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", code));
  const std::string good = ReadFile(host.LockoutFile("alice"));
  for (std::size_t at = 0; at < 256; ++at) {
    // All slots at once: none that is good is left to fall back on.
    std::string bad = good;
    for (std::size_t slot = 0; slot < 3; ++slot)
      bad = FlipBit(bad, slot * 4096 + at);
    OverwriteFile(host.LockoutFile("alice"), bad);
    const int result = LogIn(host, "alice", code);
    EXPECT(result == PAM_AUTH_ERR, "byte %zu: %s\n%s", at,
           PamName(result).c_str(), host.log().Text().c_str());
  }
}

CASE(a_stranger_in_the_folders_changes_nothing) {
  TestHost host;
  MakeForgiving(host);
  host.Enroll("alice");
  for (const char* folder : {"/secrets", "/lockout"}) {
    WriteFile(host.paths().state + folder + "/.tmp-alice", "junk");
    WriteFile(host.paths().state + folder + "/%zz", "junk");
    mkdir((host.paths().state + folder + "/a-folder").c_str(), 0700);
  }
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
  std::string output;
  EXPECT(host.Tool({"list", "--json"}, &output) >= 0, "%s", output.c_str());
}

CASE(repair_never_revives_a_used_code) {
  for (const char* lost : {"lockout", "secret", "zeros"}) {
    TestHost host;
    host.Enroll("alice");
    const std::string code = host.Code("alice");
    EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", code));
    const std::string what = lost;
    if (what == "lockout") fs::remove(host.LockoutFile("alice"));
    if (what == "secret") fs::remove(host.SecretFile("alice"));
    if (what == "zeros")
      OverwriteFile(host.LockoutFile("alice"), std::string(3 * 4096, '\0'));
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", code));
    std::string output;
    const int repaired = host.Tool({"repair", "alice"}, &output);
    EXPECT((repaired == 0) == (what != "secret"), "%s: %s", lost,
           output.c_str());
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", code));
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice", 1)));
    EXPECT(!host.log().Has({"result=accepted", "reason=used_code"}), "%s",
           host.log().Text().c_str());
    if (what != "secret") continue;
    // A user who is not enrolled any more can enroll anew.
    EXPECT(host.Tool({"reset", "alice", "--yes"}, &output) == 0, "%s",
           output.c_str());
    EXPECT(host.Tool({"enroll", "totp", "--user", "alice", "--name", "new",
                      "--no-confirm", "--json"},
                     &output) == 0,
           "%s", output.c_str());
  }
}

CASE(a_secret_file_that_is_lost_is_restored_not_repaired) {
  TestHost host;
  host.Enroll("alice");
  const std::string secret = ReadFile(host.SecretFile("alice"));
  fs::remove(host.SecretFile("alice"));
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice")));
  EXPECT(host.log().Has({"reason=needs_repair",
                         "hint=\"restore the secret file if it is gone, else "
                         "twofactor repair alice\""}),
         "%s", host.log().Text().c_str());
  std::string output;
  EXPECT(host.Tool({"repair", "alice"}, &output) == 5, "%s", output.c_str());
  EXPECT(output.find("restore the file from a backup") != std::string::npos,
         "%s", output.c_str());
  WriteFile(host.SecretFile("alice"), secret);
  chmod(host.SecretFile("alice").c_str(), 0600);
  EXPECT(host.Tool({"repair", "alice"}, &output) == 0, "%s", output.c_str());
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));

  // Put back after a reset it is of nobody, and stays where it is.
  EXPECT(host.Tool({"reset", "alice", "--yes"}, &output) == 0, "%s",
         output.c_str());
  WriteFile(host.SecretFile("alice"), secret);
  chmod(host.SecretFile("alice").c_str(), 0600);
  host.log().Forget();
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice", 1)));
  EXPECT(host.log().Has({"event=login", "reason=not_enrolled"}), "%s",
         host.log().Text().c_str());
  EXPECT(host.Tool({"repair", "alice"}, &output) == 5, "%s", output.c_str());
  EXPECT(Exists(host.SecretFile("alice")), "the secret file was removed");
}

CASE(what_is_gone_for_good_is_made_anew_as_init_says) {
  for (const char* lost : {"keys", "keyring", "key", "store"}) {
    const std::string what = lost;
    TestHost host;
    host.Enroll("alice");
    const std::string keys = host.paths().keys;
    const std::string state = host.paths().state;
    if (what == "keys") fs::remove_all(keys);
    if (what == "keyring") fs::remove(keys + "/keyring");
    if (what == "key") fs::remove(KeyFile(host));
    if (what == "store") fs::remove_all(state);
    const bool had_keys = Exists(keys), had_state = Exists(state);
    std::string output;
    EXPECT(host.Tool({"init"}, &output) == 5, "%s: %s", lost, output.c_str());
    EXPECT(Exists(keys) == had_keys && Exists(state) == had_state,
           "%s: a refused init has made a folder", lost);
    const bool keeps_keys = output.find("--keep-keys") != std::string::npos;
    EXPECT(keeps_keys == (what == "store"), "%s: %s", lost, output.c_str());
    if (keeps_keys) {
      EXPECT(host.Tool({"init", "--keep-keys", "--yes"}, &output) == 0, "%s",
             output.c_str());
    } else {
      EXPECT(output.find("move what is left of ") != std::string::npos,
             "%s: %s", lost, output.c_str());
      if (had_keys) fs::rename(keys, keys + ".lost");
      fs::rename(state, state + ".lost");
      EXPECT(host.Tool({"init"}, &output) == 0, "%s: %s", lost, output.c_str());
    }
    host.Enroll("alice");
    EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
  }
}

CASE(reset_removes_a_record_that_cannot_be_read) {
  for (const char* file : {"secret", "lockout"}) {
    TestHost host;
    host.Enroll("alice");
    OverwriteFile(std::string(file) == "secret" ? host.SecretFile("alice")
                                                : host.LockoutFile("alice"),
                  "junk");
    std::string output;
    EXPECT(host.Tool({"reset", "alice", "--yes"}, &output) == 0, "%s",
           output.c_str());
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice")));
    EXPECT(host.log().Has({"event=login", "reason=not_enrolled"}), "%s",
           host.log().Text().c_str());
    host.Enroll("alice");
    EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
  }
}

}  // namespace
}  // namespace twofactor::test
