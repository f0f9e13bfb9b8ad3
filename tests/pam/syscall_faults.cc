// SPDX-License-Identifier: Apache-2.0
//
// syscall_faults.cc - the supervisor's side of seccomp_unotify(2).

#include "tests/pam/syscall_faults.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "core/base/unique_fd.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/plain_host.h"

namespace twofactor::test {
namespace {

constexpr int kPollMs = 5;

// Ready to read when the process has ended.
bool HasEnded(int process_fd) {
  pollfd ended{process_fd, POLLIN, 0};
  return poll(&ended, 1, 0) > 0;
}

// The listener in the child, once it is there.  Empty when it ends before.
UniqueFd FindListener(int process_fd) {
  while (!HasEnded(process_fd)) {
    UniqueFd listener(static_cast<int>(
        syscall(SYS_pidfd_getfd, process_fd, PLAIN_HOST_LISTENER, 0)));
    if (listener) return listener;
    usleep(200);
  }
  return UniqueFd();
}

void Answer(int listener, std::uint64_t id, const std::optional<Fault>& fault) {
  seccomp_notif_resp response{};
  response.id = id;
  if (!fault) response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  if (fault && fault->error != 0) response.error = -fault->error;
  if (fault && fault->error == 0) response.val = fault->value;
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

// Decides about the calls of `process` until it ends, or marks their end.
SupervisedRun Supervise(Process process, const ChooseFault& choose) {
  const UniqueFd process_fd(
      static_cast<int>(syscall(SYS_pidfd_open, process.id(), 0)));
  const UniqueFd listener = FindListener(process_fd.get());

  SupervisedRun run;
  bool ended = false;
  while (listener) {
    pollfd ready[2] = {{listener.get(), POLLIN, 0},
                       {process_fd.get(), POLLIN, 0}};
    if (poll(ready, 2, kPollMs) <= 0) continue;
    if (ready[0].revents & POLLIN) {
      seccomp_notif call{};
      if (ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;
      if (call.data.nr == SYS_prctl && call.data.args[0] == PLAIN_HOST_END_MARK)
        ended = true;
      std::optional<Fault> fault;
      if (!ended) {
        fault = choose({run.calls.size(), call.data.nr, process.id()});
        run.calls.push_back(call.data.nr);
      }
      Answer(listener.get(), call.id, fault);
    } else if (ready[1].revents != 0 || (ready[0].revents & POLLHUP)) {
      break;
    }
  }

  run.exit = process.Wait();
  if (run.exit.code == PLAIN_HOST_NO_FILTER)
    SkipProgram("this kernel has no seccomp user notification");
  return run;
}

}  // namespace

SupervisedLogin LogInSupervised(const TestHost& host, const std::string& user,
                                const std::string& answer,
                                const ChooseFault& choose) {
  SupervisedRun run =
      Supervise(StartPlainHost(host, {{user, answer}}, {"-s"}), choose);
  SupervisedLogin login;
  login.calls = std::move(run.calls);
  login.result.exit = std::move(run.exit);
  const std::vector<int> codes = PamCodes(login.result.exit);
  if (!codes.empty()) login.result.pam_code = codes[0];
  return login;
}

SupervisedRun RunSupervised(const std::vector<std::string>& command,
                            const ChooseFault& choose) {
  std::vector<std::string> arguments = {PlainHostPath(), "-x"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  return Supervise(Process(std::move(arguments)), choose);
}

std::string SystemCallName(int number) {
#define NAME(name) \
  { SYS_##name, #name }
  static const std::map<int, std::string> kNames = {
      NAME(read),           NAME(write),           NAME(close),
      NAME(fstat),          NAME(lseek),           NAME(mmap),
      NAME(mprotect),       NAME(munmap),          NAME(brk),
      NAME(rt_sigprocmask), NAME(ioctl),           NAME(pread64),
      NAME(pwrite64),       NAME(getpid),          NAME(socket),
      NAME(connect),        NAME(sendto),          NAME(fcntl),
      NAME(flock),          NAME(fsync),           NAME(fdatasync),
      NAME(ftruncate),      NAME(getuid),          NAME(geteuid),
      NAME(getrlimit),      NAME(prlimit64),       NAME(openat),
      NAME(newfstatat),     NAME(mkdirat),         NAME(unlinkat),
      NAME(renameat),       NAME(getrandom),       NAME(futex),
      NAME(clock_gettime),  NAME(clock_nanosleep), NAME(poll),
      NAME(sysinfo),        NAME(faccessat),       NAME(access),
      NAME(getdents64),     NAME(preadv),          NAME(pwritev)};
#undef NAME
  const auto name = kNames.find(number);
  if (name == kNames.end()) return "system call " + std::to_string(number);
  return name->second;
}

}  // namespace twofactor::test
