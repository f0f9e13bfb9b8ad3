// SPDX-License-Identifier: Apache-2.0
//
// module_test.cc - the module as a file, its arguments and its configuration.

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/syscall_faults.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

CASE(only_pam_entry_points_are_exported) {
  const Exit exit = Run({"nm", "-D", "--defined-only", ModulePath()});
  if (exit.code != 0) SkipProgram("needs nm of binutils");
  std::set<std::string> exported;
  std::istringstream lines(exit.output);
  for (std::string line; std::getline(lines, line);) {
    const std::string name = line.substr(line.rfind(' ') + 1);
    exported.insert(name.substr(0, name.find('@')));
  }
  const std::set<std::string> allowed = {
      "pam_sm_authenticate", "pam_sm_setcred",       "pam_sm_acct_mgmt",
      "pam_sm_open_session", "pam_sm_close_session", "pam_sm_chauthtok"};
  for (const std::string& name : exported)
    EXPECT(allowed.contains(name), "%s is exported", name.c_str());
  for (const char* name : {"pam_sm_authenticate", "pam_sm_setcred",
                           "pam_sm_acct_mgmt", "pam_sm_open_session"})
    EXPECT(exported.contains(name), "%s is not exported", name);
}

CASE(the_module_needs_no_library_but_libpam_and_libc) {
#if defined(TWOFACTOR_TEST_SHARED_LIBCRYPTO)
  print_message("SKIP: this build takes libcrypto as a shared library\n");
#else
  if (kSanitized) {
    print_message("SKIP: a sanitized build needs its runtime\n");
    return;
  }
  const Exit exit = Run({"readelf", "-d", ModulePath()});
  if (exit.code != 0) SkipProgram("needs readelf of binutils");
  std::istringstream lines(exit.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("(NEEDED)") == std::string::npos) continue;
    const bool expected = line.find("[libpam.so.0]") != std::string::npos ||
                          line.find("[libc.so.6]") != std::string::npos ||
                          line.find("[ld-linux") != std::string::npos;
    EXPECT(expected, "%s", line.c_str());
  }
#endif
}

CASE(an_unknown_argument_denies) {
  TestHost host;
  host.WriteConfig("users = any\nsecond_factor = optional\n");
  host.Enroll("alice");
  for (const char* argument :
       {"nullok", "frist=proven", "first=", "first=unproven", "debug=1",
        "config", "try_first_pass", "=", "keys=", "[]", "secret=/tmp/x"}) {
    for (const char* user : {"alice", "bob"}) {
      host.WriteStack(kService, "auth required @MODULE@ config=@CONFIG@ " +
                                    std::string(argument) +
                                    "\n"
                                    "auth optional pam_permit.so\n");
      PamLogin login(host, user);
      const std::string code =
          std::string(user) == "alice" ? host.Code("alice") : "123456";
      const int result = login.Answer(code).Authenticate();
      EXPECT(result != PAM_SUCCESS, "%s: %s with %s\n%s", user,
             PamName(result).c_str(), argument, host.log().Text().c_str());
    }
  }
  EXPECT(host.log().Text().find("frist=proven") != std::string::npos ||
             host.log().Text().find("frist") != std::string::npos,
         "the log does not name the argument\n%s", host.log().Text().c_str());
  host.WriteStack(kService, "auth required @MODULE@ config=@CONFIG@ debug\n");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

CASE(an_unknown_argument_denies_account_and_session) {
  TestHost host;
  host.WriteConfigText("services = other\n" + host.FolderLines());
  host.WriteStack(kService,
                  "account required @MODULE@ config=@CONFIG@ kyes=session\n"
                  "account optional pam_permit.so\n"
                  "session required @MODULE@ config=@CONFIG@ nonsense\n"
                  "session optional pam_permit.so\n");
  PamLogin login(host, "alice");
  EXPECT(login.Account() != PAM_SUCCESS, "account");
  EXPECT(login.Session() != PAM_SUCCESS, "session");
}

// Optional, so that only the configuration's fault can deny bob.
void ExpectEverybodyDenied(TestHost& host, const char* what) {
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@\n"
                  "auth optional pam_permit.so\n");
  host.log().Forget();
  for (const char* user : {"alice", "bob"}) {
    const std::string code =
        std::string(user) == "alice" ? host.Code("alice") : "123456";
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, user, code));
    EXPECT(host.log().Has(
               {"event=login", "result=denied", "user=" + std::string(user)}),
           "%s\n%s", what, host.log().Text().c_str());
  }
  EXPECT(host.log().Count({"reason=config"}) == 2, "%s\n%s", what,
         host.log().Text().c_str());
}

CASE(a_configuration_that_is_not_understood_denies_everybody) {
  TestHost host;
  host.Enroll("alice");
  const std::string good = "services = test\n" + host.FolderLines() +
                           "users = system\nsecond_factor = optional\n";
  for (const char* bad :
       {"second_facter = optional\n", "second_factor = maybe\n",
        "second_factor\n", "[section\n", "= value\n", "users = some\n",
        "second_factor = optional extra\n", "\x01\n", "totp_window = 99\n"}) {
    host.WriteConfigText(good + bad);
    ExpectEverybodyDenied(host, bad);
  }
  host.WriteConfigText(good + std::string("users = any\0\n", 13));
  ExpectEverybodyDenied(host, "a NUL byte");
}

CASE(a_missing_configuration_denies_everybody) {
  TestHost host;
  host.Enroll("alice");
  unlink(host.config_path().c_str());
  ExpectEverybodyDenied(host, "missing");
  mkdir(host.config_path().c_str(), 0755);
  ExpectEverybodyDenied(host, "a folder");
}

CASE(a_configuration_that_others_may_write_denies_everybody) {
  TestHost host;
  host.Enroll("alice");
  chmod(host.config_path().c_str(), 0666);
  ExpectEverybodyDenied(host, "mode 0666");
  chmod(host.config_path().c_str(), 0644);
  EXPECT(chown(host.config_path().c_str(), 61001, 61001) == 0, "chown");
  ExpectEverybodyDenied(host, "owned by alice");
}

CASE(a_configuration_that_is_a_fifo_denies_and_does_not_hang) {
  TestHost host;
  host.Enroll("alice");
  unlink(host.config_path().c_str());
  EXPECT(mkfifo(host.config_path().c_str(), 0600) == 0, "mkfifo");
  ExpectEverybodyDenied(host, "a FIFO");
}

CASE(a_bad_drop_in_denies_everybody) {
  TestHost host;
  host.WriteConfig("users = system\nsecond_factor = optional\n");
  host.Enroll("alice");
  mkdir((host.config_path() + ".d").c_str(), 0755);
  WriteFile(host.config_path() + ".d/10-site.conf", "second_factor = maybe\n");
  ExpectEverybodyDenied(host, "a drop-in");
}

CASE(default_services_do_not_include_others) {
  TestHost host;
  host.WriteConfigText(host.FolderLines());
  for (const char* service : {"sshd", "login", "su", "sudo", "cron", "chsh"})
    host.WriteStack(service,
                    "auth required @MODULE@ config=@CONFIG@\n"
                    "auth required pam_permit.so\n");
  for (const char* service : {"sshd", "login", "su", "sudo"}) {
    PamLogin login(host, service, "alice");
    EXPECT_PAM(host, PAM_AUTH_ERR, login.Answer("123456").Authenticate());
  }
  for (const char* service : {"cron", "chsh"}) {
    PamLogin login(host, service, "alice");
    EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
    EXPECT(login.prompts().empty(), "%s asked", service);
  }
}

// The system calls of a login by a right code, after one that found what the
// enrollment left.
std::vector<int> CallsOfLogin(TestHost& host, const std::string& user) {
  host.Enroll(user);
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, user, host.Code(user)));
  const SupervisedLogin login =
      LogInSupervised(host, user, host.Code(user, 1),
                      [](const SystemCall&) { return std::optional<Fault>(); });
  EXPECT_PAM(host, PAM_SUCCESS, login.result.pam_code);
  return login.calls;
}

CASE(a_login_does_not_sync_rename_or_start_anything) {
  TestHost host;
  const std::vector<int> calls = CallsOfLogin(host, "alice");
  for (int call : {SYS_fsync, SYS_fdatasync, SYS_rename, SYS_renameat,
                   SYS_renameat2, SYS_unlink, SYS_unlinkat, SYS_fork, SYS_vfork,
                   SYS_clone, SYS_clone3, SYS_execve, SYS_connect})
    EXPECT(std::ranges::count(calls, call) == 0, "%s was called",
           SystemCallName(call).c_str());
  // The log's, and libpam's own for the audit system.
  EXPECT(std::ranges::count(calls, SYS_socket) <= 2, "%td sockets",
         std::ranges::count(calls, SYS_socket));
}

CASE(without_a_readable_boot_id_every_login_is_synced) {
  constexpr char kBootId[] = "/proc/sys/kernel/random/boot_id";
  TestHost host;
  EXPECT(mount("/dev/null", kBootId, nullptr, MS_BIND, nullptr) == 0,
         "mounting over %s", kBootId);
  const std::vector<int> calls = CallsOfLogin(host, "alice");
  umount2(kBootId, MNT_DETACH);
  EXPECT(std::ranges::count(calls, SYS_fdatasync) > 0, "not synced");
}

// Signals that /proc says are blocked in a process.
std::uint64_t BlockedSignals(pid_t process) {
  const std::string status =
      ReadFile("/proc/" + std::to_string(process) + "/status");
  const std::size_t at = status.find("SigBlk:");
  if (at == std::string::npos) return 0;
  return std::stoull(status.substr(at + 7), nullptr, 16);
}

CASE(the_terminal_cannot_stop_a_login_that_holds_the_lock) {
  TestHost host;
  host.Enroll("alice");
  int writes = 0;
  std::uint64_t blocked = ~std::uint64_t{0};
  LogInSupervised(host, "alice", host.Code("alice"),
                  [&](const SystemCall& call) {
                    if (call.number == SYS_pwrite64) {
                      ++writes;
                      blocked &= BlockedSignals(call.process);
                    }
                    return std::optional<Fault>();
                  });
  EXPECT(writes > 0, "no write was seen");
  for (int signal : {SIGTSTP, SIGTTIN, SIGTTOU})
    EXPECT(blocked >> (signal - 1) & 1, "signal %d is not blocked", signal);
}

// 1,000 logins by right codes, with wrong ones, used ones and damage between,
// in one process that has nothing of ours in it.
CASE(a_thousand_logins_leave_the_process_as_it_was) {
  constexpr int kLogins = 1000;
  constexpr int kWarmUp = 60;
  TestHost host;
  host.Enroll("damaged");
  OverwriteFile(host.SecretFile("damaged"), "not a record");
  std::vector<PlainLogin> logins;
  for (int i = 0; i < kLogins; ++i) {
    const std::string user = "user" + std::to_string(i);
    host.Enroll(user);
    const std::string code = host.Code(user, 1);
    logins.push_back({user, code});
    if (i % 10 == 1) logins.push_back({user, code});
    if (i % 10 == 2) logins.push_back({user, host.WrongCode(user)});
    if (i % 10 == 3) logins.push_back({"nobody", "123456"});
    if (i % 10 == 4) logins.push_back({"damaged", "123456"});
    if (i % 10 == 5) logins.push_back({user, ""});
  }
  Process process =
      StartPlainHost(host, logins, {"-c", std::to_string(kWarmUp)});
  const Exit exit = process.Wait();
  if (kSanitized) {
    EXPECT(exit.signal == 0 && (exit.code == 0 || exit.code == 3), "%s",
           Describe(exit).c_str());
  } else {
    EXPECT(exit.code == 0, "%s", exit.errors.c_str());
  }
  const std::vector<int> codes = PamCodes(exit);
  EXPECT(std::ranges::count(codes, PAM_SUCCESS) == kLogins,
         "%td of %d logins succeeded\n%s",
         std::ranges::count(codes, PAM_SUCCESS), kLogins, exit.errors.c_str());
  print_message("%s", exit.errors.c_str());
  // The host's own syslog identity and facility: local3.notice is <157>.
  bool kept = false;
  for (const std::string& line : host.log().Lines())
    kept = kept || (line.starts_with("<157>") &&
                    line.find("plain_host[") != std::string::npos &&
                    line.find("host=done") != std::string::npos);
  EXPECT(kept, "the host's identity in the log has changed: %s",
         host.log().Lines().back().c_str());
}

// Loading and unloading is not logging in; the C++ runtime must not leak at
// each dlclose.
CASE(a_thousand_loads_of_the_module_leave_memory_flat) {
  TestHost host;
  host.WriteConfigText("services = other\n" + host.FolderLines());
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@\n"
                  "auth required pam_permit.so\n");
  const std::vector<PlainLogin> logins(1100, {"alice", "123456"});
  const Exit exit = StartPlainHost(host, logins, {"-c", "100"}).Wait();
  print_message("%s", exit.errors.c_str());
  if (!kSanitized) EXPECT(exit.code == 0, "%s", exit.errors.c_str());
}

}  // namespace
}  // namespace twofactor::test
