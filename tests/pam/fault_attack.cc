// SPDX-License-Identifier: Apache-2.0
//
// fault_attack.cc - every system call and every allocation of a login fails
// once: never success without a commit, never the host process killed, and
// the user gets in afterwards.

#include <sys/syscall.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/pam/cmocka_case.h"
#include "tests/pam/mounted.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/syscall_faults.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

constexpr int kLimit = 5;  // Wrong codes of one source.

void SkipIfSanitized() {
  if (kSanitized) SkipProgram("a sanitizer makes system calls of its own");
}

constexpr bool kSharedLibcrypto =
#if defined(TWOFACTOR_TEST_SHARED_LIBCRYPTO)
    true;
#else
    false;
#endif

// Whether a process can be expected to live on.
bool MayFail(int number) {
  // Fails for no reason but a bug, and the C library then ends the process.
  if (number == SYS_futex) return false;
  // libcrypto 3.0 crashes when it starts without memory.
  return !kSharedLibcrypto || (number != SYS_brk && number != SYS_mmap);
}

std::optional<Fault> NoFault(const SystemCall&) { return std::nullopt; }

void ExpectAlive(const PlainResult& result, const std::string& what) {
  EXPECT(result.exit.signal == 0 && result.pam_code >= 0,
         "%s killed the host: %s", what.c_str(), Describe(result.exit).c_str());
}

// After a login by a right code with a fault in it.
void ExpectSoundAfterRightCode(TestHost& host, const std::string& user,
                               const std::string& code,
                               const PlainResult& result,
                               const std::string& what) {
  ExpectAlive(result, what);
  if (result.pam_code == PAM_SUCCESS)
    EXPECT(LogIn(host, user, code) != PAM_SUCCESS,
           "%s: success without a commit\n%s", what.c_str(),
           host.log().Text().c_str());
  const int next = LogIn(host, user, host.Code(user, 1));
  EXPECT(next == PAM_SUCCESS, "%s: %s is locked out: %s\n%s", what.c_str(),
         user.c_str(), PamName(next).c_str(), host.log().Text().c_str());
}

// After a login by a wrong code with a fault in it: it is denied, and if it
// was judged, it was counted.
void ExpectSoundAfterWrongCode(TestHost& host, const std::string& user,
                               const PlainResult& result,
                               const std::string& what) {
  ExpectAlive(result, what);
  EXPECT(result.pam_code != PAM_SUCCESS, "%s: a wrong code succeeded\n%s",
         what.c_str(), host.log().Text().c_str());
  if (!host.log().Has({"reason=wrong_code", "user=" + user})) return;
  for (int i = 1; i < kLimit; ++i) LogIn(host, user, host.WrongCode(user, i));
  EXPECT(LogIn(host, user, host.Code(user)) != PAM_SUCCESS,
         "%s: the guess was not counted\n%s", what.c_str(),
         host.log().Text().c_str());
}

void Nothing() {}

// Lets each system call of a login give `fault` in turn, each with a user of
// its own who enrolls between `before` and `after`.
void FailEachCall(TestHost& host, const Fault& fault, const char* name,
                  const std::function<void()>& before = Nothing,
                  const std::function<void()>& after = Nothing) {
  SkipIfSanitized();
  const auto enroll = [&](const std::string& user) {
    before();
    host.Enroll(user);
    after();
  };
  enroll("counted");
  const std::vector<int> calls =
      LogInSupervised(host, "counted", host.Code("counted"), NoFault).calls;
  EXPECT(calls.size() > 10, "only %zu system calls were seen", calls.size());
  int accepted = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!MayFail(calls[i])) continue;
    for (const bool right : {true, false}) {
      const std::string user =
          std::string(right ? "right" : "wrong") + name + std::to_string(i);
      enroll(user);
      host.log().Forget();
      std::string what;
      const auto choose = [&](const SystemCall& call) -> std::optional<Fault> {
        if (call.index != i) return std::nullopt;
        what = SystemCallName(call.number) + " (call " + std::to_string(i) +
               ") giving " + name;
        return fault;
      };
      const std::string code = right ? host.Code(user) : host.WrongCode(user);
      const SupervisedLogin login = LogInSupervised(host, user, code, choose);
      accepted += login.result.pam_code == PAM_SUCCESS;
      if (right)
        ExpectSoundAfterRightCode(host, user, code, login.result, what);
      else
        ExpectSoundAfterWrongCode(host, user, login.result, what);
    }
  }
  print_message("%zu calls, %d faults let the right code in\n", calls.size(),
                accepted);
}

bool TransfersBytes(int number) {
  return number == SYS_read || number == SYS_pread64 || number == SYS_write ||
         number == SYS_pwrite64 || number == SYS_sendto ||
         number == SYS_getrandom;
}

CASE(every_system_call_failing_once_with_eio) {
  TestHost host;
  FailEachCall(host, {EIO, 0}, "EIO");
}

CASE(every_system_call_failing_once_with_enomem) {
  TestHost host;
  FailEachCall(host, {ENOMEM, 0}, "ENOMEM");
}

CASE(every_system_call_failing_once_with_eintr) {
  TestHost host;
  FailEachCall(host, {EINTR, 0}, "EINTR");
}

CASE(every_system_call_failing_once_with_emfile) {
  TestHost host;
  FailEachCall(host, {EMFILE, 0}, "EMFILE");
}

CASE(every_system_call_failing_once_with_enospc) {
  TestHost host;
  FailEachCall(host, {ENOSPC, 0}, "ENOSPC");
}

// The disk takes no writes, and then something else fails.
CASE(every_system_call_failing_once_on_a_read_only_disk) {
  TestHost host;
  Mounted disk(host.paths().state);
  FailEachCall(
      host, {EIO, 0}, "EIO", [&] { disk.MakeWritable(); },
      [&] { disk.MakeReadOnly(); });
}

// Reading and writing that says it did less than was asked, and did nothing.
void CutEachTransferTo(long bytes) {
  SkipIfSanitized();
  TestHost host;
  host.Enroll("counted");
  const std::vector<int> calls =
      LogInSupervised(host, "counted", host.Code("counted"), NoFault).calls;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!TransfersBytes(calls[i])) continue;
    const std::string user = "user" + std::to_string(i);
    host.Enroll(user);
    host.log().Forget();
    const auto choose = [&](const SystemCall& call) -> std::optional<Fault> {
      if (call.index == i) return Fault{0, bytes};
      return std::nullopt;
    };
    const std::string code = host.Code(user);
    const SupervisedLogin login = LogInSupervised(host, user, code, choose);
    ExpectSoundAfterRightCode(host, user, code, login.result,
                              SystemCallName(calls[i]) + " cut short");
  }
}

CASE(every_transfer_cut_to_one_byte) { CutEachTransferTo(1); }

CASE(every_transfer_cut_to_nothing) { CutEachTransferTo(0); }

// DESIGN.md §5: these errors of the disk, and only these, move the state to
// runtime_folder.
CASE(a_disk_that_fails_to_write_is_stood_in_for) {
  for (const auto& [error, name, stands_in] :
       {std::tuple(EIO, "EIO", true), std::tuple(ENOSPC, "ENOSPC", true),
        std::tuple(EDQUOT, "EDQUOT", true), std::tuple(EROFS, "EROFS", true),
        std::tuple(EFBIG, "EFBIG", false), std::tuple(ENOMEM, "ENOMEM", false),
        std::tuple(EBADF, "EBADF", false), std::tuple(EPERM, "EPERM", false)}) {
    TestHost host;
    host.Enroll("alice");
    const std::string code = host.Code("alice");
    bool failed = false;
    const auto choose = [&](const SystemCall& call) -> std::optional<Fault> {
      if (call.number != SYS_pwrite64 || failed) return std::nullopt;
      failed = true;
      return Fault{error, 0};
    };
    const SupervisedLogin login = LogInSupervised(host, "alice", code, choose);
    EXPECT(failed, "no pwrite was seen");
    EXPECT((login.result.pam_code == PAM_SUCCESS) == stands_in, "%s: %s\n%s",
           name, PamName(login.result.pam_code).c_str(),
           host.log().Text().c_str());
    EXPECT(Exists(host.RuntimeFile("alice")) == stands_in, "%s", name);
    if (stands_in) {
      EXPECT_PAM(host, PAM_AUTH_ERR, LogIn(host, "alice", code));
      EXPECT(!Exists(host.RuntimeFile("alice")), "%s: not folded back", name);
    }
    EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice", 1)));
  }
}

CASE(a_short_write_denies) {
  TestHost host;
  host.Enroll("alice");
  const auto choose = [](const SystemCall& call) -> std::optional<Fault> {
    if (call.number == SYS_pwrite64) return Fault{0, 100};
    return std::nullopt;
  };
  const SupervisedLogin login =
      LogInSupervised(host, "alice", host.Code("alice"), choose);
  EXPECT_PAM(host, PAM_AUTH_ERR, login.result.pam_code);
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice", 1)));
}

CASE(a_missing_log_daemon_does_not_matter) {
  TestHost host;
  host.Enroll("alice");
  rename("/dev/log", "/dev/log-elsewhere");
  const int wrong = LogIn(host, "alice", host.WrongCode("alice"));
  const int right = LogIn(host, "alice", host.Code("alice"));
  rename("/dev/log-elsewhere", "/dev/log");
  EXPECT_PAM(host, PAM_AUTH_ERR, wrong);
  EXPECT_PAM(host, PAM_SUCCESS, right);
}

// Lets each system call of an enrollment give `error` in turn.
void FailEachCallOfEnrollment(int error) {
  SkipIfSanitized();
  TestHost host;
  const auto command = [&](const std::string& user) {
    return std::vector<std::string>{
        ToolPath(), "--config", host.config_path(), "enroll", "totp",
        "--user",   user,       "--name",           "tablet", "--no-confirm",
        "--json"};
  };
  host.Enroll("counted");
  const std::size_t calls =
      RunSupervised(command("counted"), NoFault).calls.size();
  EXPECT(calls > 100, "only %zu system calls were seen", calls);
  int enrolled = 0;
  for (std::size_t i = 0; i < calls; ++i) {
    const std::string user = "user" + std::to_string(i);
    host.Enroll(user);
    const SupervisedRun run = RunSupervised(
        command(user), [&](const SystemCall& call) -> std::optional<Fault> {
          if (call.index != i) return std::nullopt;
          return Fault{error, 0};
        });
    const std::string what = "call " + std::to_string(i) + " (" +
                             SystemCallName(run.calls.back()) + " was last)";
    const auto record = host.OpenStore()->Read(*UserName::Create(user));
    EXPECT(record && record->enrollment, "%s harmed the record", what.c_str());
    const std::size_t devices = record->enrollment->devices.size();
    EXPECT(devices == 2 || (devices == 1 && run.exit.code != 0),
           "%s: %zu devices after %s", what.c_str(), devices,
           Describe(run.exit).c_str());
    enrolled += run.exit.code == 0;
    EXPECT(LogIn(host, user, host.Code(user)) == PAM_SUCCESS,
           "%s: locked out\n%s", what.c_str(), host.log().Text().c_str());
    host.log().Forget();
  }
  print_message("%zu calls, %d enrollments succeeded\n", calls, enrolled);
}

CASE(every_system_call_of_an_enrollment_failing_once_with_eio) {
  FailEachCallOfEnrollment(EIO);
}

CASE(every_system_call_of_an_enrollment_failing_once_with_enospc) {
  FailEachCallOfEnrollment(ENOSPC);
}

// Lets allocation 1, 2, 3 ... fail, by `option` of plain_host.
void FailEachAllocation(const char* option) {
  TestHost host;
  host.Enroll("counted");
  if (kSanitized) SkipProgram("a sanitizer has an allocator of its own");
  if (kSharedLibcrypto)
    SkipProgram("libcrypto 3.0 crashes when it starts without memory");
  const PlainResult counted =
      LogInPlainly(host, "counted", host.Code("counted"), {"-A"});
  EXPECT(counted.second > 0, "no allocation was seen");
  int accepted = 0;
  for (long i = 1; i <= counted.second; ++i) {
    for (const bool right : {true, false}) {
      const std::string user = (right ? "right" : "wrong") + std::to_string(i);
      host.Enroll(user);
      host.log().Forget();
      const std::string code = right ? host.Code(user) : host.WrongCode(user);
      const PlainResult result =
          LogInPlainly(host, user, code, {option, std::to_string(i)});
      accepted += result.pam_code == PAM_SUCCESS;
      const std::string what = "allocation " + std::to_string(i) + " failing";
      if (right)
        ExpectSoundAfterRightCode(host, user, code, result, what);
      else
        ExpectSoundAfterWrongCode(host, user, result, what);
    }
  }
  print_message("%ld allocations, %d faults let the right code in\n",
                counted.second, accepted);
}

CASE(every_allocation_failing_once) { FailEachAllocation("-m"); }

CASE(every_allocation_failing_for_good) { FailEachAllocation("-M"); }

}  // namespace
}  // namespace twofactor::test
