// SPDX-License-Identifier: Apache-2.0
//
// guessing_attack.cc - many logins at once: one code lets one in, and guesses
// never exceed the limit.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/unique_fd.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/syscall_faults.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

// Holds a user's lock as a login does that is not getting on.
class HeldLock {
 public:
  explicit HeldLock(const std::string& path)
      : file_(open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    EXPECT(file_ && flock(file_.get(), LOCK_EX | LOCK_NB) == 0, "locking %s",
           path.c_str());
  }

 private:
  UniqueFd file_;
};

std::string Address(int number) {
  return "192.0." + std::to_string(number / 250) + "." +
         std::to_string(number % 250 + 1);
}

CASE(sixty_four_parallel_logins_with_one_code_let_exactly_one_in) {
  constexpr int kLogins = 64;
  constexpr int kRounds = 20;
  TestHost host;
  for (int round = 0; round < kRounds; ++round) {
    const std::string user = "user" + std::to_string(round);
    host.Enroll(user);
    host.log().Forget();
    const std::string code = host.Code(user);
    Crowd crowd(host);
    for (int i = 0; i < kLogins; ++i) crowd.Add(user, code);
    const std::vector<int> results = crowd.LogInAtOnce();
    EXPECT(std::ranges::count(results, PAM_SUCCESS) == 1,
           "round %d: %td logins succeeded\n%s", round,
           std::ranges::count(results, PAM_SUCCESS), host.log().Text().c_str());
    EXPECT(std::ranges::count(results, PAM_AUTH_ERR) == kLogins - 1,
           "round %d: other results\n%s", round, host.log().Text().c_str());
    EXPECT(host.log().Count({"reason=used_code"}) == kLogins - 1,
           "round %d\n%s", round, host.log().Text().c_str());
  }
}

bool IsOver(const Process& process) {
  siginfo_t ended{};
  waitid(P_PID, static_cast<id_t>(process.id()), &ended,
         WEXITED | WNOHANG | WNOWAIT);
  return ended.si_pid != 0;
}

// The parallel case that chance brings seldom, on purpose: one login stands
// still between judging the code and recording it, and another comes.
CASE(nobody_is_judged_while_another_login_is_about_to_record) {
  TestHost host;
  host.Enroll("alice");
  const std::string code = host.Code("alice");
  std::optional<Process> second;
  bool overtaken = false;
  const SupervisedLogin first =
      LogInSupervised(host, "alice", code, [&](const SystemCall& call) {
        if (call.number == SYS_pwrite64 && !second) {
          second.emplace(StartPlainHost(host, {{"alice", code}}));
          usleep(500'000);
          overtaken = IsOver(*second);
        }
        return std::optional<Fault>();
      });
  EXPECT(second && !overtaken, "the second login did not wait\n%s",
         host.log().Text().c_str());
  EXPECT_PAM(host, PAM_SUCCESS, first.result.pam_code);
  EXPECT_PAM(host, PAM_AUTH_ERR, PamCodes(second->Wait()).at(0));
}

// And one that is overtaken right before it takes the lock.
CASE(a_login_judges_by_what_it_reads_under_the_lock) {
  TestHost host;
  host.Enroll("alice");
  const std::string code = host.Code("alice");
  int overtaking = -1;
  const SupervisedLogin overtaken =
      LogInSupervised(host, "alice", code, [&](const SystemCall& call) {
        if (call.number == SYS_flock && overtaking < 0)
          overtaking = LogIn(host, "alice", code);
        return std::optional<Fault>();
      });
  EXPECT_PAM(host, PAM_SUCCESS, overtaking);
  EXPECT_PAM(host, PAM_AUTH_ERR, overtaken.result.pam_code);
}

CASE(two_hundred_parallel_guesses_are_not_evaluated_beyond_the_limit) {
  constexpr int kGuesses = 200;
  constexpr int kLimit = 5;
  TestHost host;
  host.Enroll("alice");
  host.log().Forget();
  Crowd crowd(host);
  for (int i = 0; i < kGuesses; ++i)
    crowd.Add("alice", host.WrongCode("alice", i), {"-r", "192.0.2.7"});
  const std::vector<int> results = crowd.LogInAtOnce();
  EXPECT(std::ranges::count(results, PAM_AUTH_ERR) == kGuesses,
         "other results than PAM_AUTH_ERR");
  EXPECT(host.log().Count({"reason=wrong_code"}) == kLimit,
         "%d guesses were evaluated", host.log().Count({"reason=wrong_code"}));
  EXPECT(host.log().Count({"reason=throttled", "source=192.0.2.7"}) ==
             kGuesses - kLimit,
         "%d guesses were logged as throttled",
         host.log().Count({"reason=throttled"}));

  // The right code is refused too, until root says otherwise.
  const auto log_in = [&](int offset) {
    return LogInPlainly(host, "alice", host.Code("alice", offset),
                        {"-r", "192.0.2.7"})
        .pam_code;
  };
  EXPECT_PAM(host, PAM_AUTH_ERR, log_in(0));
  std::string output;
  EXPECT(host.Tool({"unlock", "alice"}, &output) == 0, "%s", output.c_str());
  EXPECT_PAM(host, PAM_SUCCESS, log_in(0));
}

CASE(guesses_from_many_addresses_share_one_limit) {
  constexpr int kGuesses = 200;
  constexpr int kLimit = 20;
  TestHost host;
  host.Enroll("alice");
  // An address that alice has logged in from keeps a budget of its own.
  EXPECT(LogInPlainly(host, "alice", host.Code("alice"), {"-r", "198.51.100.1"})
                 .pam_code == PAM_SUCCESS,
         "%s", host.log().Text().c_str());
  host.log().Forget();
  Crowd crowd(host);
  for (int i = 0; i < kGuesses; ++i)
    crowd.Add("alice", host.WrongCode("alice", i), {"-r", Address(i)});
  crowd.LogInAtOnce();
  EXPECT(host.log().Count({"reason=wrong_code"}) == kLimit,
         "%d guesses were evaluated", host.log().Count({"reason=wrong_code"}));
  EXPECT(host.log().Count({"reason=throttled"}) == kGuesses - kLimit,
         "%d guesses were logged as throttled",
         host.log().Count({"reason=throttled"}));
  EXPECT(
      LogInPlainly(host, "alice", host.Code("alice", 1), {"-r", "198.51.100.1"})
              .pam_code == PAM_SUCCESS,
      "strangers locked out a known address\n%s", host.log().Text().c_str());
}

CASE(host_names_and_junk_as_remote_host_are_one_source) {
  TestHost host;
  host.Enroll("alice");
  for (int i = 0; i < 12; ++i)
    LogInPlainly(host, "alice", host.WrongCode("alice", i),
                 {"-r", "host" + std::to_string(i) + ".example"});
  EXPECT(host.log().Count({"reason=wrong_code", "source=local"}) == 5, "%s",
         host.log().Text().c_str());
}

CASE(two_users_never_wait_for_each_other) {
  TestHost host;
  host.Enroll("alice");
  host.Enroll("bob");
  const HeldLock lock(host.LockoutFile("alice"));
  // Bob is done while alice's lock is held: he cannot have waited for it.
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "bob", host.Code("bob")));
  EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "bob", host.WrongCode("bob")));
  host.Enroll("carol");
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "carol", host.Code("carol")));
}

CASE(a_hundred_users_at_once_all_log_in) {
  constexpr int kUsers = 100;
  TestHost host;
  Crowd crowd(host);
  for (int i = 0; i < kUsers; ++i) {
    const std::string user = "user" + std::to_string(i);
    host.Enroll(user);
    crowd.Add(user, host.Code(user));
  }
  const std::vector<int> results = crowd.LogInAtOnce();
  EXPECT(std::ranges::count(results, PAM_SUCCESS) == kUsers, "%td of %d\n%s",
         std::ranges::count(results, PAM_SUCCESS), kUsers,
         host.log().Text().c_str());
}

CASE(threads_of_one_process_with_one_code_let_exactly_one_in) {
  constexpr int kThreads = 16;
  TestHost host;
  for (int round = 0; round < 10; ++round) {
    const std::string user = "user" + std::to_string(round);
    host.Enroll(user);
    const std::string code = host.Code(user);
    std::barrier together(kThreads);
    std::atomic<int> successes = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        PamLogin login(host, user);
        Reply reply;
        reply.text = code;
        reply.meanwhile = [&](pam_handle_t*) { together.arrive_and_wait(); };
        successes += login.Answer(reply).Authenticate() == PAM_SUCCESS;
      });
    }
    threads.clear();
    EXPECT(successes == 1, "round %d: %d logins succeeded\n%s", round,
           successes.load(), host.log().Text().c_str());
  }
}

CASE(a_login_waits_for_a_lock_that_is_released) {
  TestHost host;
  host.Enroll("alice");
  Process process = [&] {
    const HeldLock lock(host.LockoutFile("alice"));
    Process waiting = StartPlainHost(host, {{"alice", host.Code("alice")}}, {});
    usleep(300'000);
    EXPECT(!IsOver(waiting), "the login did not wait");
    return waiting;
  }();
  const Exit exit = process.Wait();
  EXPECT(exit.code == 0, "%s\n%s", Describe(exit).c_str(),
         host.log().Text().c_str());
}

CASE(a_lock_that_is_held_denies_and_is_logged) {
  TestHost host;
  host.Enroll("alice");
  const std::string code = host.Code("alice", 1);
  {
    const HeldLock lock(host.LockoutFile("alice"));
    EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", code));
  }
  EXPECT(host.log().Has({"event=login", "result=denied", "user=alice",
                         "reason=lock_timeout"}),
         "%s", host.log().Text().c_str());
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", code));
}

CASE(parallel_enrollments_of_one_user_lose_no_device) {
  TestHost host;
  host.Enroll("alice");
  std::vector<Process> tools;
  for (const char* label : {"one", "two", "three", "four"})
    tools.emplace_back(std::vector<std::string>{
        ToolPath(), "--config", host.config_path(), "enroll", "totp", "--user",
        "alice", "--name", label, "--no-confirm", "--json"});
  for (Process& tool : tools) {
    const Exit exit = tool.Wait();
    EXPECT(exit.code == 0, "%s", Describe(exit).c_str());
  }
  const auto record = host.OpenStore()->Read(*UserName::Create("alice"));
  EXPECT(record && record->enrollment, "no record");
  EXPECT(record->enrollment->devices.size() == 5, "%zu devices",
         record->enrollment->devices.size());
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

}  // namespace
}  // namespace twofactor::test
