// SPDX-License-Identifier: Apache-2.0
//
// disk_attack.cc - disks that are full or take no writes.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/mounted.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

CASE(a_read_only_disk_keeps_single_use_and_folds_back) {
  TestHost host;
  host.Enroll("alice");
  Mounted disk(host.paths().state);
  disk.MakeReadOnly();
  const std::string first = host.Code("alice");
  const std::string second = host.Code("alice", 1);
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", first));
  EXPECT(Exists(host.RuntimeFile("alice")), "no state under runtime_folder");
  EXPECT(host.log().Has({"event=state_on_run", "user=alice"}), "%s",
         host.log().Text().c_str());
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", first));

  disk.MakeWritable();
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", first));
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", second));
  EXPECT(!Exists(host.RuntimeFile("alice")), "state was not folded back");
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", first));
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", second));
}

CASE(a_refused_code_folds_back_what_was_used_before) {
  TestHost host;
  host.Enroll("alice");
  Mounted disk(host.paths().state);
  disk.MakeReadOnly();
  const std::string code = host.Code("alice");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", code));
  disk.MakeWritable();
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.WrongCode("alice")));
  EXPECT(!Exists(host.RuntimeFile("alice")), "state was not folded back");
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", code));
}

CASE(disks_that_come_and_go_never_revive_a_code) {
  TestHost host;
  Mounted disk(host.paths().state);
  for (int pattern = 0; pattern < 16; ++pattern) {
    const std::string user = "user" + std::to_string(pattern);
    disk.MakeWritable();
    host.Enroll(user);
    const std::string code = host.Code(user);
    int successes = 0;
    for (int turn = 0; turn < 4; ++turn) {
      if (pattern >> turn & 1)
        disk.MakeReadOnly();
      else
        disk.MakeWritable();
      successes += LogIn(host, user, code) == PAM_SUCCESS;
    }
    EXPECT(successes == 1, "pattern %d: %d logins\n%s", pattern, successes,
           host.log().Text().c_str());
  }
}

CASE(sixty_four_parallel_logins_on_a_read_only_disk_let_exactly_one_in) {
  TestHost host;
  Mounted disk(host.paths().state);
  for (int round = 0; round < 5; ++round) {
    disk.MakeWritable();
    const std::string user = "user" + std::to_string(round);
    host.Enroll(user);
    disk.MakeReadOnly();
    const std::string code = host.Code(user);
    Crowd crowd(host);
    for (int i = 0; i < 64; ++i) crowd.Add(user, code);
    const std::vector<int> results = crowd.LogInAtOnce();
    EXPECT(std::ranges::count(results, PAM_SUCCESS) == 1, "%td succeeded\n%s",
           std::ranges::count(results, PAM_SUCCESS), host.log().Text().c_str());
  }
}

CASE(guesses_on_a_read_only_disk_are_counted) {
  TestHost host;
  host.Enroll("alice");
  Mounted disk(host.paths().state);
  for (int i = 0; i < 2; ++i) LogIn(host, "alice", host.WrongCode("alice", i));
  disk.MakeReadOnly();
  for (int i = 2; i < 12; ++i) LogIn(host, "alice", host.WrongCode("alice", i));
  EXPECT(host.log().Count({"reason=wrong_code"}) == 5, "%s",
         host.log().Text().c_str());
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice")));
  disk.MakeWritable();
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice")));
  std::string output;
  EXPECT(host.Tool({"unlock", "alice"}, &output) == 0, "%s", output.c_str());
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

CASE(nothing_writable_denies_without_evaluating) {
  TestHost host;
  host.Enroll("alice");
  Mounted disk(host.paths().state);
  Mounted run(host.paths().runtime);
  disk.MakeReadOnly();
  run.MakeReadOnly();
  const std::string code = host.Code("alice");
  for (int i = 0; i < 10; ++i) {
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", code));
    EXPECT_PAM(host, PAM_AUTH_ERR,
               LogIn(host, "alice", host.WrongCode("alice", i)));
  }
  EXPECT(host.log().Count({"event=login", "reason=read_only"}) == 20, "%s",
         host.log().Text().c_str());
  EXPECT(host.log().Count({"reason=wrong_code"}) == 0,
         "the verdict left without a record\n%s", host.log().Text().c_str());
  disk.MakeWritable();
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", code));
}

CASE(the_runtime_folder_is_made_when_it_is_needed) {
  TestHost host;
  host.Enroll("alice");
  rmdir(host.paths().runtime.c_str());
  Mounted disk(host.paths().state);
  disk.MakeReadOnly();
  const mode_t old = umask(0);
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
  umask(old);
  struct stat status;
  EXPECT(stat(host.paths().runtime.c_str(), &status) == 0 &&
             (status.st_mode & 07777) == 0700,
         "mode %o", status.st_mode);
  EXPECT(stat(host.RuntimeFile("alice").c_str(), &status) == 0 &&
             (status.st_mode & 07777) == 0600,
         "mode %o", status.st_mode);
}

CASE(a_runtime_folder_that_others_may_write_denies) {
  for (const char* how : {"mode", "owner", "link", "file"}) {
    TestHost host;
    host.Enroll("alice");
    Mounted disk(host.paths().state);
    disk.MakeReadOnly();
    const std::string& runtime = host.paths().runtime;
    const std::string kind = how;
    if (kind == "mode") chmod(runtime.c_str(), 0777);
    if (kind == "owner")
      EXPECT(chown(runtime.c_str(), 61001, 61001) == 0, "chown");
    if (kind == "link" || kind == "file") rmdir(runtime.c_str());
    if (kind == "link")
      EXPECT(symlink("/run", runtime.c_str()) == 0, "symlink");
    if (kind == "file") WriteFile(runtime, "x");
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.Code("alice")));
    EXPECT(host.log().Has({"event=login", "result=denied"}), "%s: %s", how,
           host.log().Text().c_str());
  }
}

// Writes until the disk has no byte left.
void FillDisk(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::string block(4096, 'x');
  while (write(file.get(), block.data(), block.size()) > 0) continue;
}

CASE(a_full_disk_does_not_change_logins) {
  TestHost host(Disk::kSmall);
  host.Enroll("alice");
  FillDisk(host.paths().state + "/filler");
  const std::string code = host.Code("alice");
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", host.WrongCode("alice")));
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", code));
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", code));
  EXPECT(!Exists(host.RuntimeFile("alice")),
         "writing in place needs no room\n%s", host.log().Text().c_str());
}

CASE(a_full_disk_refuses_enrollment_and_harms_no_record) {
  TestHost host(Disk::kSmall);
  host.Enroll("alice");
  const std::string secret = ReadFile(host.SecretFile("alice"));
  FillDisk(host.paths().state + "/filler");
  for (const char* user : {"alice", "bob"}) {
    std::string output;
    const int code = host.Tool({"enroll", "totp", "--user", user, "--name",
                                "tablet", "--no-confirm", "--json"},
                               &output);
    EXPECT(code > 0, "exit %d\n%s", code, output.c_str());
  }
  EXPECT(ReadFile(host.SecretFile("alice")) == secret, "the record changed");
  EXPECT(!Exists(host.SecretFile("bob")), "half a record");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));

  // With room again, the next writer succeeds and leaves nothing behind.
  unlink((host.paths().state + "/filler").c_str());
  for (const char* user : {"alice", "bob"}) {
    std::string output;
    const int code = host.Tool({"enroll", "totp", "--user", user, "--name",
                                "tablet", "--no-confirm", "--json"},
                               &output);
    EXPECT(code == 0, "exit %d\n%s", code, output.c_str());
  }
  for (const char* folder : {"/secrets", "/lockout"})
    for (const std::string& name : NamesIn(host.paths().state + folder))
      EXPECT(!name.starts_with(".tmp-"), "left over: %s", name.c_str());
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice", 1)));
}

CASE(a_read_only_disk_refuses_enrollment_and_harms_no_record) {
  TestHost host;
  host.Enroll("alice");
  Mounted disk(host.paths().state);
  disk.MakeReadOnly();
  const std::string secret = ReadFile(host.SecretFile("alice"));
  std::string output;
  EXPECT(host.Tool({"enroll", "totp", "--user", "alice", "--name", "tablet",
                    "--no-confirm", "--json"},
                   &output) > 0,
         "%s", output.c_str());
  EXPECT(ReadFile(host.SecretFile("alice")) == secret, "the record changed");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

}  // namespace
}  // namespace twofactor::test
