// SPDX-License-Identifier: Apache-2.0
//
// helper_process.cc - the one file of the module that starts programs.

#include "core/delivery/helper_process.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/unique_fd.h"

namespace twofactor {
namespace {

using std::chrono::milliseconds;

// How the supervisor says that the program never ran.
constexpr int kNotBecomeStatus = 121;
constexpr int kNotExecutedStatus = 122;
constexpr int kKilledStatus = 123;

// How the host has the supervisor end the program.  Not SIGTERM, which others
// send to whatever they find.
constexpr int kEndSignal = SIGUSR1;
// How long that may take: a process that the kernel holds cannot be waited for.
constexpr milliseconds kEndTime{1000};
constexpr milliseconds kLook{5};  // How often its end is looked for.
// How long after the host the supervisor ends the program, if there is no host
// any more.
constexpr std::chrono::seconds kOutlives{2};

// The program, in the supervisor's copy of this; the host's stays 0.
volatile sig_atomic_t supervised = 0;

struct Limit {
  decltype(RLIMIT_CORE) resource;
  rlim_t most;
};
// What suits a sendmail and all that it delivers by.  A helper that talks to
// the network sets itself more: delivery_helper/resource_limits.cc.
constexpr Limit kLimits[] = {{RLIMIT_CORE, 0}, {RLIMIT_NOFILE, 256}};

// All that the children need, made before there are any.
struct Plan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  uid_t user;
  gid_t group;
  int input;
  int output;
  int null;
  unsigned seconds;  // That the supervisor gives it.
};

// The libc's functions would ask all threads of the host to follow, and in the
// copy there are none.
#ifdef SYS_setresuid32
constexpr long kSetGroups = SYS_setgroups32;
constexpr long kSetUser = SYS_setresuid32;
constexpr long kSetGroup = SYS_setresgid32;
#else
constexpr long kSetGroups = SYS_setgroups;
constexpr long kSetUser = SYS_setresuid;
constexpr long kSetGroup = SYS_setresgid;
#endif

// A copy of this process without an exit signal: with every argument zero,
// their order, which is not the same everywhere, does not matter.
pid_t CloneSilently() {
  return static_cast<pid_t>(syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L));
}

bool BecomeUser(uid_t user, gid_t group) {
  if (syscall(kSetGroups, 0L, nullptr) != 0 ||
      syscall(kSetGroup, group, group, group) != 0 ||
      syscall(kSetUser, user, user, user) != 0)
    return false;
  uid_t real = 0, effective = 0, saved = 0;
  gid_t real_group = 0, effective_group = 0, saved_group = 0;
  return getresuid(&real, &effective, &saved) == 0 &&
         getresgid(&real_group, &effective_group, &saved_group) == 0 &&
         real == user && effective == user && saved == user &&
         real_group == group && effective_group == group &&
         saved_group == group && getgroups(0, nullptr) == 0;
}

// Makes every signal do again what it does in a fresh process.
void ResetSignals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number)
    sigaction(number, &standard, nullptr);
}

void LetSignalsCome() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void Execute(const Plan& plan, pid_t supervisor) {
  if (setsid() < 0) _exit(kNotExecutedStatus);
  for (const Limit& limit : kLimits) {
    rlimit current{};
    if (getrlimit(limit.resource, &current) != 0) continue;
    const rlim_t most = std::min(limit.most, current.rlim_max);
    const rlimit wanted{most, most};
    setrlimit(limit.resource, &wanted);
  }
  if (!BecomeUser(plan.user, plan.group)) _exit(kNotBecomeStatus);
  // When somebody kills the supervisor, this goes with it.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid() != supervisor) _exit(kKilledStatus);
  ResetSignals();
  LetSignalsCome();
  execve(plan.program, plan.arguments, plan.environment);
  _exit(kNotExecutedStatus);
}

// The plan's three as 0, 1 and 2, whatever numbers they have, and nothing else.
bool KeepThreeDescriptors(const Plan& plan) {
  constexpr int kFirstFree = 3;
  const int input = fcntl(plan.input, F_DUPFD, kFirstFree);
  const int output = fcntl(plan.output, F_DUPFD, kFirstFree);
  const int null = fcntl(plan.null, F_DUPFD, kFirstFree);
  if (input < 0 || output < 0 || null < 0 || dup2(input, STDIN_FILENO) < 0 ||
      dup2(output, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
    return false;
  if (syscall(SYS_close_range, kFirstFree, ~0U, 0U) == 0) return true;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return false;
  constexpr rlim_t kMany = 1 << 20;
  const int end = static_cast<int>(std::min(files.rlim_max, kMany));
  for (int file = kFirstFree; file < end; ++file) close(file);
  return true;
}

// Of a process that was not reaped yet, so that both numbers are its own.
void KillGroup(pid_t leader) {
  kill(-leader, SIGKILL);
  kill(leader, SIGKILL);  // It may not be a leader yet.
}

void EndProgram(int) {
  const int before = errno;
  if (supervised > 0) KillGroup(supervised);
  errno = before;
}

// Waits for the program, and for all of its group, which ends with it: who
// loses its parent there becomes a child of this process.
int AwaitGroup(pid_t leader) {
  siginfo_t ended;
  while (waitid(P_PID, static_cast<id_t>(leader), &ended,
                WEXITED | WNOWAIT | __WALL) != 0)
    if (errno != EINTR) _exit(kKilledStatus);
  supervised = 0;
  KillGroup(leader);
  int status = 0;
  while (waitpid(leader, &status, __WALL) < 0)
    if (errno != EINTR) _exit(kKilledStatus);
  while (waitpid(-leader, nullptr, __WALL) > 0 || errno == EINTR) continue;
  return status;
}

// Hears the host and its own alarm, and nothing else: comes with all signals
// blocked.
void ListenForTheEnd() {
  struct sigaction end {};
  end.sa_handler = EndProgram;
  sigset_t heard;
  sigemptyset(&heard);
  for (int number : {kEndSignal, SIGALRM}) {
    sigaction(number, &end, nullptr);
    sigaddset(&heard, number);
  }
  sigprocmask(SIG_UNBLOCK, &heard, nullptr);
}

[[noreturn]] void Supervise(const Plan& plan) {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  umask(S_IRWXG | S_IRWXO);
  if (setsid() < 0 || chdir("/") != 0 || !KeepThreeDescriptors(plan))
    _exit(kNotExecutedStatus);
  const pid_t self = getpid();
  const pid_t child = CloneSilently();
  if (child == 0) Execute(plan, self);
  if (child < 0) _exit(kNotExecutedStatus);
  supervised = child;
  ResetSignals();
  alarm(plan.seconds);
  ListenForTheEnd();
  const int status = AwaitGroup(child);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : kKilledStatus);
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return FailErrno(ErrorCode::kIo, "pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// A pipe that holds all of `input` and then ends.  Nobody can be waited for,
// and no SIGPIPE be caused, as this process has the reading end itself.
Result<UniqueFd> FilledPipe(Bytes input) {
  ASSIGN_OR_RETURN(Pipe pipe, MakePipe());
  if (input.size() > PIPE_BUF)
    return Fail(ErrorCode::kInvalid, "too much for a pipe");
  if (write(pipe.write.get(), input.data(), input.size()) !=
      static_cast<ssize_t>(input.size()))
    return FailErrno(ErrorCode::kIo, "writing to a pipe", errno);
  return std::move(pipe.read);
}

// Starts the supervisor; no handler of the host's can run in it.
Result<pid_t> StartSupervisor(const Plan& plan) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t supervisor = CloneSilently();
  if (supervisor == 0) Supervise(plan);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (supervisor < 0) return FailErrno(ErrorCode::kIo, "clone", error);
  return supervisor;
}

// Reads until all who could write are gone.  `output` has its memory already:
// nothing may throw while there is a child.
HelperEnd::Reason Collect(int file, milliseconds deadline, const Clock& clock,
                          std::string& output) {
  char buffer[4096];
  while (true) {
    const milliseconds left = deadline - clock.Monotonic();
    if (left <= milliseconds(0)) return HelperEnd::Reason::kTooSlow;
    pollfd readable{file, POLLIN, 0};
    const int ready = poll(&readable, 1, static_cast<int>(left.count()));
    if (ready <= 0) continue;
    const ssize_t size = read(file, buffer, sizeof(buffer));
    if (size == 0) return HelperEnd::Reason::kExited;
    if (size < 0) continue;
    const auto count = static_cast<std::size_t>(size);
    if (count > output.capacity() - output.size())
      return HelperEnd::Reason::kTooMuch;
    output.append(buffer, count);
  }
}

bool HasEnded(pid_t supervisor) {
  siginfo_t ended{};
  return waitid(P_PID, static_cast<id_t>(supervisor), &ended,
                WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
         ended.si_pid == supervisor;
}

// Has the supervisor end the program and then itself; if it cannot, it is
// killed, and the program dies of that.
void End(pid_t supervisor, const Clock& clock) {
  kill(supervisor, kEndSignal);
  const milliseconds deadline = clock.Monotonic() + kEndTime;
  while (!HasEnded(supervisor) && clock.Monotonic() < deadline)
    clock.Sleep(kLook);
  kill(supervisor, SIGKILL);
}

int Reap(pid_t supervisor) {
  int status = 0;
  while (waitpid(supervisor, &status, __WALL) < 0)
    if (errno != EINTR) return -1;
  return status;
}

// What the supervisor's own end says of the program's.
void Interpret(int status, HelperEnd& end) {
  if (end.reason != HelperEnd::Reason::kExited) return;
  end.code = WIFEXITED(status) ? WEXITSTATUS(status) : kKilledStatus;
  if (end.code == kNotBecomeStatus) end.reason = HelperEnd::Reason::kNotBecome;
  if (end.code == kNotExecutedStatus)
    end.reason = HelperEnd::Reason::kNotExecuted;
  if (end.code == kKilledStatus) end.reason = HelperEnd::Reason::kKilled;
}

}  // namespace

Result<HelperEnd> RunHelper(const HelperCommand& command, Bytes input,
                            const Clock& clock) {
  if (command.user == 0 || command.group == 0)
    return Fail(ErrorCode::kInvalid, "a helper never runs as root");
  const milliseconds deadline = clock.Monotonic() + command.time;
  ASSIGN_OR_RETURN(const UniqueFd filled, FilledPipe(input));
  ASSIGN_OR_RETURN(Pipe output, MakePipe());
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return FailErrno(ErrorCode::kIo, "/dev/null", errno);

  HelperEnd end;
  end.output.reserve(command.max_output);
  char* const arguments[] = {const_cast<char*>(command.program.c_str()),
                             const_cast<char*>(command.argument.c_str()),
                             nullptr};
  char* const environment[] = {nullptr};
  const auto limit =
      std::chrono::ceil<std::chrono::seconds>(command.time) + kOutlives;
  const Plan plan{.program = command.program.c_str(),
                  .arguments = arguments,
                  .environment = environment,
                  .user = command.user,
                  .group = command.group,
                  .input = filled.get(),
                  .output = output.write.get(),
                  .null = null.get(),
                  .seconds = static_cast<unsigned>(limit.count())};
  ASSIGN_OR_RETURN(const pid_t supervisor, StartSupervisor(plan));
  output.write = UniqueFd();
  end.reason = Collect(output.read.get(), deadline, clock, end.output);
  // At the end of the output the supervisor is on its way out: its status has
  // to be its own.
  if (end.reason != HelperEnd::Reason::kExited) End(supervisor, clock);
  Interpret(Reap(supervisor), end);
  return end;
}

}  // namespace twofactor
