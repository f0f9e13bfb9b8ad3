// SPDX-License-Identifier: Apache-2.0
//
// counter_attack.cc - tokens, backup codes and bypasses under attack: many
// logins at once, kills, failing system calls, disks that forget.  What lets
// one login in is spent on the disk first.

#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/pam/cmocka_case.h"
#include "tests/pam/code_records.h"
#include "tests/pam/mounted.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/syscall_faults.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int kLogins = 64;
constexpr int kRounds = 20;

std::ptrdiff_t Successes(const std::vector<int>& results) {
  return std::ranges::count(results, PAM_SUCCESS);
}

// Parallel logins -------------------------------------------------------------

void LogInAllAtOnce(const std::function<std::string(int)>& code_of_round) {
  TestHost host;
  for (int round = 0; round < kRounds; ++round) {
    const std::string user = "user" + std::to_string(round);
    EnrollCodes(host, user);
    host.log().Forget();
    Crowd crowd(host);
    for (int i = 0; i < kLogins; ++i) crowd.Add(user, code_of_round(round));
    const std::vector<int> results = crowd.LogInAtOnce();
    EXPECT(Successes(results) == 1, "round %d: %td logins succeeded\n%s", round,
           Successes(results), host.log().Text().c_str());
    EXPECT(std::ranges::count(results, PAM_AUTH_ERR) == kLogins - 1,
           "round %d: other results\n%s", round, host.log().Text().c_str());
  }
}

CASE(sixty_four_parallel_logins_with_one_token_code_let_exactly_one_in) {
  LogInAllAtOnce([](int round) {
    return TokenCode(static_cast<std::uint64_t>(round % 8));
  });
}

CASE(sixty_four_parallel_logins_with_one_backup_code_let_exactly_one_in) {
  LogInAllAtOnce([](int round) { return BackupCode(round); });
}

CASE(sixty_four_parallel_logins_with_one_pair_let_exactly_one_in) {
  LogInAllAtOnce([](int round) {
    const auto first = static_cast<std::uint64_t>(20 + round);
    return TokenCode(first) + TokenCode(first + 1);
  });
}

CASE(parallel_logins_use_a_bypass_as_often_as_it_was_made_for) {
  TestHost host;
  EnrollCodes(host, "alice");
  Crowd crowd(host);
  for (int i = 0; i < kBypassUses + 20; ++i) crowd.Add("alice", BypassCode());
  const std::ptrdiff_t successes = Successes(crowd.LogInAtOnce());
  EXPECT(successes == kBypassUses, "%td logins\n%s", successes,
         host.log().Text().c_str());
  EXPECT(host.log().Count({"reason=expired_code"}) == 20, "%s",
         host.log().Text().c_str());
}

CASE(parallel_logins_with_all_backup_codes_use_each_once) {
  TestHost host;
  EnrollCodes(host, "alice");
  Crowd crowd(host);
  for (int i = 0; i < 3 * kBackupCodes; ++i)
    crowd.Add("alice", BackupCode(i % kBackupCodes));
  EXPECT(Successes(crowd.LogInAtOnce()) == kBackupCodes, "%s",
         host.log().Text().c_str());
  EXPECT(BackupCodesLeft(host, "alice") == 0, "codes are left");
}

CASE(two_hundred_parallel_wrong_backup_codes_are_not_evaluated_past_10) {
  constexpr int kGuesses = 200;
  constexpr int kLimit = 10;
  TestHost host;
  EnrollCodes(host, "alice");
  host.log().Forget();
  Crowd crowd(host);
  for (int i = 0; i < kGuesses; ++i)
    crowd.Add("alice", WrongBackupCode(i),
              {"-r", "192.0.2." + std::to_string(i + 1)});
  const std::vector<int> results = crowd.LogInAtOnce();
  EXPECT(std::ranges::count(results, PAM_AUTH_ERR) == kGuesses,
         "other results than PAM_AUTH_ERR");
  EXPECT(host.log().Count({"reason=wrong_code"}) == kLimit,
         "%d codes were evaluated", host.log().Count({"reason=wrong_code"}));
  EXPECT(host.log().Count({"reason=throttled"}) == kGuesses - kLimit,
         "%d codes were throttled", host.log().Count({"reason=throttled"}));
  // A right one is refused too; the token is not.
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", BackupCode(0)));
  EXPECT(BackupCodesLeft(host, "alice") == kBackupCodes, "a code was spent");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", TokenCode(0)));
  host.Unlock("alice");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", BackupCode(0)));
}

// Kills -----------------------------------------------------------------------

// After a login by `code` that was killed.
void ExpectUsedOnceAtMost(TestHost& host, const std::string& user,
                          const std::string& code, const Exit& killed,
                          const std::string& what) {
  std::ptrdiff_t successes = Successes(PamCodes(killed));
  for (int i = 0; i < 2; ++i)
    successes += LogIn(host, user, code) == PAM_SUCCESS;
  EXPECT(successes <= 1, "%s: a code worked twice\n%s", what.c_str(),
         host.log().Text().c_str());
  host.Unlock(user);
}

CASE(two_hundred_kills_at_any_moment_make_no_code_work_twice) {
  constexpr int kKills = 200;
  TestHost host;
  EnrollCodes(host, "timed");
  std::vector<microseconds> durations;
  for (std::uint64_t i = 0; i < 9; ++i) {
    const auto start = steady_clock::now();
    EXPECT(LogInPlainly(host, "timed", TokenCode(i)).pam_code == PAM_SUCCESS,
           "%s", host.log().Text().c_str());
    durations.push_back(
        std::chrono::duration_cast<microseconds>(steady_clock::now() - start));
  }
  std::ranges::sort(durations);
  std::mt19937_64 random(20240608);
  // Nearer to the end, where the commit is.
  std::uniform_int_distribution<std::int64_t> moment(
      durations[4].count() / 4, durations[4].count() * 5 / 4);
  int spent = 0;
  std::string user;
  for (int i = 0; i < kKills; ++i) {
    const int turn = i % (2 * kBackupCodes);
    if (turn == 0) {
      user = "user" + std::to_string(i);
      EnrollCodes(host, user);
    }
    const std::uint64_t next = NextCounter(host, user);
    const std::string code = i % 2 ? TokenCode(next) : BackupCode(turn / 2);
    const int left = BackupCodesLeft(host, user);
    const auto until = steady_clock::now() + microseconds(moment(random));
    Process process = StartPlainHost(host, {{user, code}});
    while (steady_clock::now() < until) continue;
    process.Kill(SIGKILL);
    const Exit killed = process.Wait();
    spent +=
        NextCounter(host, user) > next || BackupCodesLeft(host, user) < left;
    ExpectUsedOnceAtMost(host, user, code, killed, "kill " + std::to_string(i));
    host.log().Forget();
  }
  print_message("%d of %d codes were spent before the kill\n", spent, kKills);
  EXPECT(spent > 0 && spent < kKills, "no kill hit the middle: %d", spent);
}

void SkipIfSanitized() {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
}

std::optional<Fault> NoFault(const SystemCall&) { return std::nullopt; }

CASE(a_kill_at_any_system_call_makes_no_code_work_twice) {
  SkipIfSanitized();
  TestHost host;
  EnrollCodes(host, "counted");
  const std::size_t calls =
      LogInSupervised(host, "counted", TokenCode(0), NoFault).calls.size();
  EXPECT(calls > 10, "only %zu system calls were seen", calls);
  for (std::size_t i = 0; i < calls; ++i) {
    const std::string user = "user" + std::to_string(i);
    EnrollCodes(host, user);
    for (const std::string& code : {TokenCode(0), BackupCode(0)}) {
      const SupervisedLogin login =
          LogInSupervised(host, user, code,
                          [&](const SystemCall& call) -> std::optional<Fault> {
                            if (call.index == i) kill(call.process, SIGKILL);
                            return std::nullopt;
                          });
      ExpectUsedOnceAtMost(host, user, code, login.result.exit,
                           "killed at call " + std::to_string(i));
    }
    // Somebody who was killed gets in with what is left.
    EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, user, TokenCode(1)));
    EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, user, BackupCode(1)));
  }
}

// Power cuts ------------------------------------------------------------------

struct Way {
  const char* name;
  std::string code;
};
std::vector<Way> Ways() {
  return {{"token", TokenCode(0)},
          {"pair", TokenCode(30) + TokenCode(31)},
          {"backup code", BackupCode(0)},
          {"bypass", BypassCode()}};
}

// Writing is followed by fdatasync, and without it nobody gets in.
CASE(what_is_spent_is_synced_before_success) {
  SkipIfSanitized();
  for (const Way& way : Ways()) {
    TestHost host;
    EnrollCodes(host, "alice");
    const SupervisedLogin login =
        LogInSupervised(host, "alice", way.code, NoFault);
    EXPECT_PAM(host, PAM_SUCCESS, login.result.pam_code);
    const auto& calls = login.calls;
    // The last one; what an earlier login wrote may have to be synced first.
    const auto sync = std::find(calls.rbegin(), calls.rend(), SYS_fdatasync);
    const auto write = std::find(calls.rbegin(), calls.rend(), SYS_pwrite64);
    EXPECT(sync != calls.rend() && write != calls.rend(),
           "%s: nothing was written and synced", way.name);
    EXPECT(sync < write, "%s: something was written after fdatasync", way.name);
    const std::size_t last_sync =
        calls.size() - 1 - static_cast<std::size_t>(sync - calls.rbegin());

    for (const int error : {EIO, ENOSPC, EROFS, EINVAL}) {
      const std::string user = "user" + std::to_string(error);
      EnrollCodes(host, user);
      int failed = -1;
      const SupervisedLogin unsynced =
          LogInSupervised(host, user, way.code,
                          [&](const SystemCall& call) -> std::optional<Fault> {
                            if (call.index != last_sync) return std::nullopt;
                            failed = call.number;
                            return Fault{error, 0};
                          });
      EXPECT(failed == SYS_fdatasync, "%s: call %zu was %s", way.name,
             last_sync, SystemCallName(failed).c_str());
      EXPECT(unsynced.result.pam_code == PAM_AUTH_ERR, "%s, errno %d: %s\n%s",
             way.name, error, PamName(unsynced.result.pam_code).c_str(),
             host.log().Text().c_str());
      EXPECT(!Exists(host.RuntimeFile(user)), "%s was spent under /run",
             way.name);
    }
  }
}

// What was written since the last sync reaches the disk in any order or not at
// all: here, wrong guesses after something was spent.
CASE(a_power_cut_at_any_unsynced_slot_brings_nothing_back_that_is_spent) {
  constexpr std::size_t kSlots = 3;
  constexpr std::size_t kPage = 4096;
  TestHost host;
  EnrollCodes(host, "alice");
  const std::string path = host.LockoutFile("alice");
  std::uint64_t counter = 0;
  for (int round = 0; round < 4; ++round) {
    const auto log_in = [&](const std::string& code) {
      return LogIn(host, "alice", code);
    };
    // Slots of any age before; and the token and a code in either order.
    for (int i = 0; i < round; ++i) log_in(TokenCode(counter + 500));
    host.Unlock("alice");
    const std::string token = TokenCode(counter);
    const std::string backup = BackupCode(2 * round);
    EXPECT_PAM(host, PAM_SUCCESS, log_in(round % 2 ? token : backup));
    EXPECT_PAM(host, PAM_SUCCESS, log_in(round % 2 ? backup : token));
    std::vector<std::string> moments = {ReadFile(path)};
    for (int i = 0; i < 3; ++i) {
      EXPECT_PAM(host, PAM_AUTH_ERR, log_in(TokenCode(counter + 500)));
      moments.push_back(ReadFile(path));
    }
    const std::size_t count = moments.size();
    for (std::size_t mix = 0; mix < count * count * count; ++mix) {
      std::string left;
      for (std::size_t slot = 0, rest = mix; slot < kSlots;
           ++slot, rest /= count)
        left += moments[rest % count].substr(slot * kPage, kPage);
      OverwriteFile(path, left);
      host.log().Forget();
      EXPECT(log_in(token) != PAM_SUCCESS && log_in(backup) != PAM_SUCCESS,
             "round %d, mix %zu: a code works again\n%s", round, mix,
             host.log().Text().c_str());
      EXPECT(log_in(TokenCode(counter + 1)) == PAM_SUCCESS &&
                 log_in(BackupCode(2 * round + 1)) == PAM_SUCCESS,
             "round %d, mix %zu: locked out\n%s", round, mix,
             host.log().Text().c_str());
    }
    counter += 2;
  }
}

CASE(a_read_only_disk_refuses_what_has_to_be_synced) {
  TestHost host;
  host.Enroll("bob");
  EnrollCodes(host, "alice");
  Mounted disk(host.paths().state);
  disk.MakeReadOnly();
  for (const Way& way : Ways())
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", way.code));
  EXPECT(host.log().Count({"event=login", "user=alice", "reason=read_only"}) ==
             static_cast<int>(Ways().size()),
         "%s", host.log().Text().c_str());
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "bob", host.Code("bob")));
  disk.MakeWritable();
  EXPECT(NextCounter(host, "alice") == 0, "a counter was spent");
  EXPECT(BackupCodesLeft(host, "alice") == kBackupCodes, "a code was spent");
  EXPECT(BypassUsesLeft(host, "alice") == kBypassUses, "a bypass was spent");
  for (const Way& way : Ways())
    EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", way.code));
}

// Failing system calls --------------------------------------------------------

constexpr bool kSharedLibcrypto =
#if defined(TWOFACTOR_TEST_SHARED_LIBCRYPTO)
    true;
#else
    false;
#endif

// As in fault_attack.cc.
bool MayFail(int number) {
  if (number == SYS_futex) return false;
  return !kSharedLibcrypto || (number != SYS_brk && number != SYS_mmap);
}

void FailEachCall(int error, const char* name) {
  SkipIfSanitized();
  TestHost host;
  EnrollCodes(host, "counted");
  const std::vector<int> calls =
      LogInSupervised(host, "counted", TokenCode(0), NoFault).calls;
  int accepted = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!MayFail(calls[i])) continue;
    const std::string user = name + std::to_string(i);
    EnrollCodes(host, user);
    for (const bool token : {true, false}) {
      const std::string code = token ? TokenCode(0) : BackupCode(0);
      std::string what;
      const SupervisedLogin login = LogInSupervised(
          host, user, code,
          [&](const SystemCall& call) -> std::optional<Fault> {
            if (call.index != i) return std::nullopt;
            what = SystemCallName(call.number) + " giving " + name;
            return Fault{error, 0};
          });
      const PlainResult& result = login.result;
      EXPECT(result.exit.signal == 0 && result.pam_code >= 0,
             "%s killed the host: %s", what.c_str(),
             Describe(result.exit).c_str());
      EXPECT(!Exists(host.RuntimeFile(user)), "%s: spent under /run",
             what.c_str());
      if (result.pam_code == PAM_SUCCESS) {
        ++accepted;
        EXPECT(token ? NextCounter(host, user) == 1
                     : BackupCodesLeft(host, user) == kBackupCodes - 1,
               "%s: success without a commit\n%s", what.c_str(),
               host.log().Text().c_str());
      }
      const int next = LogIn(host, user, token ? TokenCode(1) : BackupCode(1));
      EXPECT(next == PAM_SUCCESS, "%s: locked out: %s\n%s", what.c_str(),
             PamName(next).c_str(), host.log().Text().c_str());
    }
    host.log().Forget();
  }
  EXPECT(accepted > 0, "no fault was survived");
  print_message("%zu calls, %d faults let the right code in\n", calls.size(),
                accepted);
}

CASE(every_system_call_failing_once_with_eio_spends_before_success) {
  FailEachCall(EIO, "EIO");
}

CASE(every_system_call_failing_once_with_enomem_spends_before_success) {
  FailEachCall(ENOMEM, "ENOMEM");
}

CASE(every_system_call_failing_once_with_eintr_spends_before_success) {
  FailEachCall(EINTR, "EINTR");
}

}  // namespace
}  // namespace twofactor::test
