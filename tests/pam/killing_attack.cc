// SPDX-License-Identifier: Apache-2.0
//
// killing_attack.cc - kill -9 at random moments of logins and enrollments.
//
// After each kill: every file is whole, nothing is left over but `.tmp-*`,
// which the next writer takes away, no code works twice, and the user gets in.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"
#include "core/session/enroll_session.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/syscall_faults.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int kKills = 500;
constexpr off_t kLockoutFileSize = 3 * 4096;

// A moment between the start and a little after the end of what takes
// `duration`.
class Moments {
 public:
  void Wait(microseconds duration) {
    std::uniform_int_distribution<std::int64_t> any(0,
                                                    duration.count() * 6 / 5);
    const auto until = steady_clock::now() + microseconds(any(random_));
    while (steady_clock::now() < until) continue;
  }

 private:
  std::mt19937_64 random_{20240607};
};

template <typename Work>
microseconds MedianDuration(const Work& work) {
  std::vector<microseconds> durations;
  for (int i = 0; i < 15; ++i) {
    const auto start = steady_clock::now();
    work(i);
    durations.push_back(
        std::chrono::duration_cast<microseconds>(steady_clock::now() - start));
  }
  std::ranges::sort(durations);
  return durations[durations.size() / 2];
}

void ExpectWholeFiles(const TestHost& host, const std::string& user) {
  struct stat status;
  EXPECT(stat(host.SecretFile(user).c_str(), &status) == 0 &&
             status.st_size > 0 && (status.st_mode & 07777) == 0600,
         "the secret file of %s", user.c_str());
  EXPECT(stat(host.LockoutFile(user).c_str(), &status) == 0 &&
             status.st_size == kLockoutFileSize &&
             (status.st_mode & 07777) == 0600,
         "the lockout file of %s", user.c_str());
  EXPECT(!Exists(host.RuntimeFile(user)), "%s has state under runtime_folder",
         user.c_str());
}

// Whatever is neither a user's file nor known is a leftover.
void ExpectNoLeftovers(const TestHost& host, bool temporary_ones_too) {
  for (const char* folder : {"/secrets", "/lockout", ""}) {
    for (const std::string& name : NamesIn(host.paths().state + folder)) {
      const bool temporary = name.starts_with(".tmp-");
      EXPECT(!temporary || !temporary_ones_too, "left over: %s/%s", folder,
             name.c_str());
      EXPECT(temporary || name.starts_with("user") || name == "store" ||
                 name == "secrets" || name == "lockout" || name[0] == '%',
             "left over: %s/%s", folder, name.c_str());
    }
  }
}

// A login that waits at its prompt until it is told to go on.
class WaitingLogin {
 public:
  WaitingLogin(const TestHost& host, const std::string& user,
               const std::string& code)
      : process_(Start(host, user, code)) {}
  void GoOn() { gate_ = UniqueFd(); }
  Exit Kill() {
    process_.Kill(SIGKILL);
    return process_.Wait();
  }

 private:
  Process Start(const TestHost& host, const std::string& user,
                const std::string& code) {
    int ready[2];
    int gate[2];
    EXPECT(pipe(ready) == 0 && pipe(gate) == 0, "pipes");
    const UniqueFd ready_in(ready[0]);
    const UniqueFd ready_out(ready[1]);
    const UniqueFd gate_in(gate[0]);
    gate_ = UniqueFd(gate[1]);
    Process process = StartPlainHost(
        host, {{user, code}},
        {"-g", std::to_string(ready[1]) + "," + std::to_string(gate[0])},
        {ready[1], gate[0]});
    char byte;
    EXPECT(read(ready[0], &byte, 1) == 1, "no prompt");
    return process;
  }

  UniqueFd gate_;
  Process process_;
};

// What must hold of `user`, whose login by `code` was killed.
void ExpectUnharmed(TestHost& host, const std::string& user,
                    const std::string& code, const Exit& killed) {
  int successes = 0;
  for (int result : PamCodes(killed)) successes += result == PAM_SUCCESS;
  const bool reported = successes > 0;
  ExpectWholeFiles(host, user);
  for (int i = 0; i < 2; ++i)
    successes += LogIn(host, user, code) == PAM_SUCCESS;
  EXPECT(successes <= 1, "%s: a code worked twice%s\n%s", user.c_str(),
         reported ? ", first in the killed login" : "",
         host.log().Text().c_str());
  EXPECT(LogIn(host, user, host.Code(user, 1)) == PAM_SUCCESS,
         "%s is locked out\n%s", user.c_str(), host.log().Text().c_str());
}

CASE(five_hundred_kills_during_logins_harm_nothing) {
  TestHost host;
  Moments moments;
  host.Enroll("userx");
  const microseconds whole = MedianDuration(
      [&](int) { LogInPlainly(host, "userx", host.Code("userx")); });
  const microseconds after_prompt = MedianDuration([&](int) {
    PamLogin login(host, "userx");
    login.Answer(host.Code("userx")).Authenticate();
  });
  int finished = 0;
  for (int i = 0; i < kKills; ++i) {
    const std::string user = "user" + std::to_string(i);
    host.Enroll(user);
    host.log().Forget();
    const std::string code = host.Code(user);
    Exit killed;
    if (i % 2 == 0) {
      Process process = StartPlainHost(host, {{user, code}});
      moments.Wait(whole);
      process.Kill(SIGKILL);
      killed = process.Wait();
    } else {
      WaitingLogin login(host, user, code);
      login.GoOn();
      moments.Wait(after_prompt);
      killed = login.Kill();
    }
    finished += !PamCodes(killed).empty();
    ExpectUnharmed(host, user, code, killed);
  }
  ExpectNoLeftovers(host, true);
  print_message("%d of %d logins were done before the kill\n", finished,
                kKills);
}

std::vector<std::string> EnrollCommand(const TestHost& host,
                                       const std::string& user,
                                       const std::string& label) {
  return {ToolPath(), "--config", host.config_path(), "enroll", "totp",
          "--user",   user,       "--name",           label,    "--no-confirm",
          "--json"};
}

CASE(five_hundred_kills_during_enrollments_harm_nothing) {
  TestHost host;
  Moments moments;
  const microseconds duration = MedianDuration([&](int i) {
    Run(EnrollCommand(host, "user-timed" + std::to_string(i), "phone"));
  });
  int finished = 0;
  for (int i = 0; i < kKills; ++i) {
    // Half of the users have a device already, half are new.
    const bool known = i % 2 == 0;
    const std::string user = "user" + std::to_string(i);
    const UserName name = *UserName::Create(user);
    if (known) host.Enroll(user);
    Process process(EnrollCommand(host, user, "tablet"));
    moments.Wait(duration);
    process.Kill(SIGKILL);
    finished += process.Wait().code == 0;

    const auto record = host.OpenStore()->Read(name);
    EXPECT(record.has_value(), "%s: %s", user.c_str(),
           record.error().context.c_str());
    const std::size_t devices =
        record->enrollment ? record->enrollment->devices.size() : 0;
    EXPECT(devices == (known ? 1u : 0u) || devices == (known ? 2u : 1u),
           "%s has %zu devices", user.c_str(), devices);
    if (known)
      EXPECT(LogIn(host, user, host.Code(user)) == PAM_SUCCESS,
             "%s is locked out\n%s", user.c_str(), host.log().Text().c_str());
    ExpectNoLeftovers(host, false);

    // The next writer succeeds and takes leftovers away.
    if (known) {
      const Exit next = Run(EnrollCommand(host, user, "laptop"));
      EXPECT(next.code == 0, "%s", Describe(next).c_str());
      EXPECT(LogIn(host, user, host.Code(user, 1)) == PAM_SUCCESS,
             "%s is locked out\n%s", user.c_str(), host.log().Text().c_str());
    } else {
      host.Enroll(user);
      EXPECT(LogIn(host, user, host.Code(user)) == PAM_SUCCESS,
             "%s is locked out\n%s", user.c_str(), host.log().Text().c_str());
    }
    ExpectWholeFiles(host, user);
    ExpectNoLeftovers(host, true);
    host.log().Forget();
  }
  print_message("%d of %d enrollments were done before the kill\n", finished,
                kKills);
}

// Kills at its system call number `i`, before the kernel carries it out.
ChooseFault KillAt(std::size_t i) {
  return [i](const SystemCall& call) -> std::optional<Fault> {
    if (call.index == i) kill(call.process, SIGKILL);
    return std::nullopt;
  };
}

CASE(a_kill_at_any_system_call_of_a_login_harms_nothing) {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
  TestHost host;
  host.Enroll("userx");
  const std::size_t calls =
      LogInSupervised(host, "userx", host.Code("userx"), KillAt(SIZE_MAX))
          .calls.size();
  for (std::size_t i = 0; i < calls; ++i) {
    const std::string user = "user" + std::to_string(i);
    host.Enroll(user);
    const std::string code = host.Code(user);
    const SupervisedLogin login = LogInSupervised(host, user, code, KillAt(i));
    ExpectUnharmed(host, user, code, login.result.exit);
  }
  ExpectNoLeftovers(host, true);
}

// `known`: of a user who has a device already.
void KillEnrollmentsAtAnyCall(bool known) {
  TestHost host;
  const std::size_t calls =
      RunSupervised(EnrollCommand(host, "userx", "phone"), KillAt(SIZE_MAX))
          .calls.size();
  EXPECT(calls > 100, "%zu system calls", calls);
  for (std::size_t i = 0; i < calls; ++i) {
    const std::string user = "user" + std::to_string(i);
    if (known) host.Enroll(user);
    RunSupervised(EnrollCommand(host, user, "tablet"), KillAt(i));
    const auto record = host.OpenStore()->Read(*UserName::Create(user));
    EXPECT(record.has_value(), "killed at call %zu: %s", i,
           record.error().context.c_str());
    const std::size_t devices =
        record->enrollment ? record->enrollment->devices.size() : 0;
    EXPECT(devices <= (known ? 2u : 1u) && devices >= (known ? 1u : 0u),
           "killed at call %zu: %zu devices", i, devices);
    if (known)
      EXPECT(LogIn(host, user, host.Code(user)) == PAM_SUCCESS,
             "killed at call %zu: locked out\n%s", i,
             host.log().Text().c_str());
    const Exit next = Run(EnrollCommand(host, user, "laptop"));
    EXPECT(next.code == 0, "killed at call %zu: %s", i, Describe(next).c_str());
    ExpectWholeFiles(host, user);
    ExpectNoLeftovers(host, true);
    host.log().Forget();
  }
}

CASE(a_kill_at_any_system_call_of_a_first_enrollment_harms_nothing) {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
  KillEnrollmentsAtAnyCall(false);
}

CASE(a_kill_at_any_system_call_of_a_further_enrollment_harms_nothing) {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
  KillEnrollmentsAtAnyCall(true);
}

std::vector<std::string> ToolCommand(const TestHost& host,
                                     std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {ToolPath(), "--config", host.config_path()});
  return arguments;
}

// A user who enrolled before the kill logs in after it, and so does one who
// enrolls after it.
void KillKeysVerbAtAnyCall(const std::string& verb) {
  TestHost host;
  host.Enroll("userx");
  const std::vector<std::string> command = ToolCommand(host, {"keys", verb});
  const std::size_t calls =
      RunSupervised(command, KillAt(SIZE_MAX)).calls.size();
  for (std::size_t i = 0; i < calls; ++i) {
    const std::string before = "userb" + std::to_string(i);
    const std::string after = "usera" + std::to_string(i);
    host.Enroll(before);
    RunSupervised(command, KillAt(i));
    for (const std::string& user : {before, after}) {
      if (user == after) host.Enroll(after);
      EXPECT(LogIn(host, user, host.Code(user)) == PAM_SUCCESS,
             "killed at call %zu: %s is locked out\n%s", i, user.c_str(),
             host.log().Text().c_str());
      for (const char* folder : {"/secrets/", "/lockout/"})
        unlink((host.paths().state + folder + user).c_str());
    }
    host.log().Forget();
  }
  const Exit exit = Run(command);
  EXPECT(exit.code == 0, "%s", Describe(exit).c_str());
}

CASE(a_kill_at_any_system_call_of_rotating_keys_locks_nobody_out) {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
  KillKeysVerbAtAnyCall("rotate");
}

CASE(a_kill_at_any_system_call_of_rewrapping_keys_locks_nobody_out) {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
  KillKeysVerbAtAnyCall("rewrap");
}

CASE(a_kill_at_any_system_call_of_init_leaves_a_way_on) {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
  TestHost host;
  const std::string own = host.folder() + "/own";
  host.WriteConfigText(std::string("services = ") + kService +
                       "\nusers = any\nkeys_folder = " + own +
                       "/keys\nstate_folder = " + own +
                       "/state\nruntime_folder = " + own + "/run\n");
  const auto start_anew = [&] {
    std::filesystem::remove_all(own);
    std::filesystem::create_directory(own);
  };
  const std::vector<std::string> init = ToolCommand(host, {"init"});
  start_anew();
  const std::size_t calls = RunSupervised(init, KillAt(SIZE_MAX)).calls.size();
  for (std::size_t i = 0; i < calls; ++i) {
    start_anew();
    RunSupervised(init, KillAt(i));
    // What the tool says to do: `init` again, or `init --keep-keys`.
    Exit next = Run(init);
    const Exit first = next;
    if (next.code != 0)
      next = Run(ToolCommand(host, {"init", "--keep-keys", "--yes"}));
    const Exit enrolled = Run(EnrollCommand(host, "userx", "phone"));
    EXPECT(enrolled.code == 0, "killed at call %zu: %s\n%s\n%s", i,
           Describe(first).c_str(), Describe(next).c_str(),
           Describe(enrolled).c_str());
  }
}

}  // namespace
}  // namespace twofactor::test
