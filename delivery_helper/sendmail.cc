// SPDX-License-Identifier: Apache-2.0
//
// sendmail.cc - a child, a pipe to it, a pipe from it.

#include "delivery_helper/sendmail.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/clock.h"
#include "core/base/secret_text.h"
#include "core/base/unique_fd.h"

namespace twofactor::delivery {
namespace {

using std::chrono::milliseconds;

constexpr int kNotExecuted = 127;
constexpr std::size_t kMaxSaid = 4096;

struct Child {
  pid_t id = -1;
  UniqueFd input;   // To it.
  UniqueFd output;  // From it.
};

bool Start(const LocalMail& mail, Child& child) {
  // One argument: whatever the address begins with, it is no option.
  const std::string sender = "-f" + mail.sender;
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0) return false;
  const UniqueFd in_read(in[0]);
  child.input = UniqueFd(in[1]);
  if (pipe2(out, O_CLOEXEC) != 0) return false;
  child.output = UniqueFd(out[0]);
  const UniqueFd out_write(out[1]);
  child.id = fork();
  if (child.id != 0) return child.id > 0;
  // A session of its own: what it leaves behind to deliver may outlive us.
  setsid();
  for (int ignored : {SIGTERM, SIGHUP, SIGPIPE}) signal(ignored, SIG_DFL);
  dup2(in_read.get(), STDIN_FILENO);
  dup2(out_write.get(), STDOUT_FILENO);
  dup2(out_write.get(), STDERR_FILENO);
  // What a process ignores, the program that it becomes ignores, too.
  signal(SIGPIPE, SIG_DFL);
  const char* const arguments[] = {mail.program.c_str(), "-i", "-t",
                                   sender.c_str(), nullptr};
  char* const environment[] = {nullptr};
  execve(mail.program.c_str(), const_cast<char**>(arguments), environment);
  _exit(kNotExecuted);
}

// Lines end with LF alone, as local programs have them.
Secret LocalLines(const Secret& mail) {
  Secret lines(mail.size());
  std::size_t size = 0;
  for (std::uint8_t byte : mail.Expose())
    if (byte != '\r') lines.ExposeMutable()[size++] = byte;
  lines.Shrink(size);
  return lines;
}

// Writes and reads until it ends, or the deadline; true when `status` is set.
bool Converse(Child& child, Bytes mail, milliseconds deadline, SecretText& said,
              int& status) {
  constexpr milliseconds kLook{20};  // How often its end is looked for.
  fcntl(child.input.get(), F_SETFL, O_NONBLOCK);
  fcntl(child.output.get(), F_SETFL, O_NONBLOCK);
  while (SystemClock().Monotonic() < deadline) {
    if (child.input && mail.empty()) child.input = UniqueFd();
    pollfd files[] = {{child.input.get(), POLLOUT, 0},
                      {child.output.get(), POLLIN, 0}};
    poll(files, 2, static_cast<int>(kLook.count()));
    if ((files[0].revents & (POLLOUT | POLLERR)) != 0) {
      const ssize_t written =
          write(child.input.get(), mail.data(), mail.size());
      if (written > 0) mail = mail.subspan(static_cast<std::size_t>(written));
      if (written < 0 && errno == EPIPE) child.input = UniqueFd();
    }
    char buffer[1024];
    const ssize_t size = read(child.output.get(), buffer, sizeof(buffer));
    if (size > 0)
      said.Append({buffer, std::min(static_cast<std::size_t>(size),
                                    kMaxSaid - said.size())});
    if (waitpid(child.id, &status, WNOHANG) == child.id) return true;
    // Its output has ended, it has not: no busy waiting.
    if (size == 0) SystemClock().Sleep(kLook);
  }
  return false;
}

}  // namespace

DeliveryReport SendBySendmail(const LocalMail& mail, Transcript transcript) {
  const std::string& program = mail.program;
  const milliseconds deadline = SystemClock().Monotonic() + mail.time;
  signal(SIGPIPE, SIG_IGN);
  transcript.Step("* running " + program + " -i -t -f" + mail.sender);
  Child child;
  if (!Start(mail, child))
    return std::move(transcript).Finish(Stage::kInternal, "no process");
  const Secret lines = LocalLines(mail.content);
  SecretText output;
  int status = 0;
  if (!Converse(child, lines.Expose(), deadline, output, status)) {
    // One that is another user for good cannot be killed, and goes on.
    kill(-child.id, SIGKILL);
    return std::move(transcript)
        .Finish(Stage::kTimeout, program + " did not end in time");
  }
  if (output.size() > 0) transcript.Heard(AsText(output.Expose()));
  const std::string said = transcript.Clean(AsText(output.Expose()));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return std::move(transcript).Finish(Stage::kDone, program + " took it");
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotExecuted)
    return std::move(transcript)
        .Finish(Stage::kConfig, "cannot run " + program);
  const std::string end = WIFEXITED(status)
                              ? "status " + std::to_string(WEXITSTATUS(status))
                              : "signal " + std::to_string(WTERMSIG(status));
  return std::move(transcript)
      .Finish(Stage::kRefused, program + " ended with " + end +
                                   (said.empty() ? "" : ": ") + said);
}

}  // namespace twofactor::delivery
