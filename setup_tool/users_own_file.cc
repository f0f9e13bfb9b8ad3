// SPDX-License-Identifier: Apache-2.0
//
// users_own_file.cc - the child, its privileges, and the wait for it.
//
// The child MUST, before it opens anything of the user's:
//   1. hold no descriptor but the pipe;
//   2. have the user's groups, group and user id for good, all of them;
//   3. gain no privileges by exec, be traced and dumped by nobody;
//   4. be unable to write files or to run for long.
// Any step that fails ends it.

#include "setup_tool/users_own_file.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "core/base/unique_fd.h"
#include "setup_tool/guarded_file.h"
#include "setup_tool/stream.h"

namespace twofactor::tool {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDeadline{5000};
constexpr milliseconds kReapTime{1000};

// What the child says before the content.
struct Answer {
  std::uint8_t fault;  // A FileFault.
  std::int32_t error;
  std::uint32_t size;
};

// The child --------------------------------------------------------------

bool Limit(__rlimit_resource_t resource, rlim_t most) {
  const rlimit limit{most, most};
  return setrlimit(resource, &limit) == 0;
}

// Descriptors below `pipe` are the standard ones, which it closes too.
bool KeepOnly(int pipe) {
  for (unsigned fd = 0; fd < static_cast<unsigned>(pipe); ++fd)
    close(static_cast<int>(fd));
  return close_range(static_cast<unsigned>(pipe) + 1, ~0U, 0) == 0;
}

bool Become(const Home& user) {
  const gid_t group = user.groups.front();
  if (setgroups(user.groups.size(), user.groups.data()) != 0 ||
      setresgid(group, group, group) != 0 ||
      setresuid(user.uid, user.uid, user.uid) != 0)
    return false;
  // There must be no way back.
  return user.uid == 0 || (setresuid(0, 0, 0) != 0 && getuid() == user.uid &&
                           geteuid() == user.uid);
}

bool GiveUpPower(const Home& user, int pipe) {
  return KeepOnly(pipe) && Limit(RLIMIT_CPU, 5) && Limit(RLIMIT_FSIZE, 0) &&
         Limit(RLIMIT_CORE, 0) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         Become(user) && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
         prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
}

bool Send(int pipe, const void* data, std::size_t size) {
  auto bytes = static_cast<const std::uint8_t*>(data);
  while (size > 0) {
    const ssize_t written = write(pipe, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

GuardedRead ReadIn(const char* folder, const char* name, uid_t owner,
                   MutableBytes buffer) {
  const int opened = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (opened >= 0) return ReadGuarded(opened, name, owner, buffer);
  if (errno == ENOENT || errno == ENOTDIR)
    return {FileFault::kAbsent, errno, 0};
  return {FileFault::kSystem, errno, 0};
}

[[noreturn]] void RunChild(const Home& user, const char* folder,
                           const char* name, int pipe, MutableBytes buffer) {
  if (!GiveUpPower(user, pipe)) _exit(1);
  const GuardedRead result = ReadIn(folder, name, user.uid, buffer);
  Answer answer{};
  answer.fault = static_cast<std::uint8_t>(result.fault);
  answer.error = result.error;
  answer.size = static_cast<std::uint32_t>(result.size);
  const bool sent = Send(pipe, &answer, sizeof(answer)) &&
                    Send(pipe, buffer.data(), result.size);
  _exit(sent ? 0 : 1);
}

// The parent -------------------------------------------------------------

// Reads to the end, which must come in time and before `buffer` is full.
std::optional<std::size_t> Receive(int pipe, MutableBytes buffer,
                                   const Clock& clock) {
  const auto deadline = clock.Monotonic() + kDeadline;
  std::size_t size = 0;
  while (size < buffer.size()) {
    const auto left = deadline - clock.Monotonic();
    if (left <= milliseconds(0)) return std::nullopt;
    pollfd ready{pipe, POLLIN, 0};
    const int polled = poll(&ready, 1, static_cast<int>(left.count()));
    if (polled < 0 && errno != EINTR) return std::nullopt;
    if (polled <= 0) continue;
    const ssize_t got = read(pipe, buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return size;
    size += static_cast<std::size_t>(got);
  }
  return std::nullopt;
}

// A child that hangs in a file system that does not answer cannot be killed;
// it is left behind.
void End(pid_t child, const Clock& clock) {
  kill(child, SIGKILL);
  const auto deadline = clock.Monotonic() + kReapTime;
  while (waitpid(child, nullptr, WNOHANG) == 0 && clock.Monotonic() < deadline)
    clock.Sleep(milliseconds(1));
}

Try<std::optional<Secret>> ContentOf(const std::string& path,
                                     std::optional<std::size_t> received,
                                     Secret buffer) {
  Answer answer{};
  if (!received || *received < sizeof(answer))
    return Refuse(ExitCode::kFailed, path + " could not be read in time",
                  "is its file system mounted and alive? see: findmnt");
  std::memcpy(&answer, buffer.Expose().data(), sizeof(answer));
  const FileFault fault{answer.fault};
  if (fault == FileFault::kAbsent) return std::nullopt;
  if (fault != FileFault::kNone)
    return std::unexpected(FaultOf(path, fault, answer.error));
  const Bytes content =
      buffer.Expose().first(*received).subspan(sizeof(answer));
  if (content.size() != answer.size || content.size() > kMaxOwnFileSize)
    return Refuse(ExitCode::kFailed, path + " changed while it was read", "");
  return Secret::CopyOf(content);
}

}  // namespace

Try<std::optional<Secret>> ReadAsUser(const Home& user,
                                      const std::string& folder,
                                      const std::string& name,
                                      const Clock& clock) {
  const std::string path = folder + "/" + name;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return RefuseErrno("no pipe");
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  Secret buffer(sizeof(Answer) + kMaxOwnFileSize + 1);
  const pid_t child = fork();
  if (child < 0) return RefuseErrno("no child process");
  if (child == 0)
    RunChild(user, folder.c_str(), name.c_str(), writing.get(),
             buffer.ExposeMutable().first(kMaxOwnFileSize + 1));
  writing = UniqueFd();
  const auto received = Receive(reading.get(), buffer.ExposeMutable(), clock);
  End(child, clock);
  return ContentOf(path, received, std::move(buffer));
}

}  // namespace twofactor::tool
