// SPDX-License-Identifier: Apache-2.0
//
// terminal.cc - forkpty(3) and patience.

#include "tests/integration/terminal.h"

#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>

#include "tests/pam/cmocka_case.h"

namespace twofactor::test {
namespace {

constexpr int kPatienceMs = 60'000;

[[noreturn]] void Become(std::vector<std::string>& arguments, uid_t uid) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int fd = 3; fd < 1024; ++fd) close(fd);
  if (uid != 0 &&
      (setgroups(0, nullptr) != 0 || setgid(uid) != 0 || setuid(uid) != 0))
    _exit(126);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  std::perror(argv[0]);
  _exit(127);
}

}  // namespace

Terminal::Terminal(std::vector<std::string> arguments, uid_t uid) {
  int terminal = -1;
  winsize size{24, 200, 0, 0};
  process_ = forkpty(&terminal, nullptr, nullptr, &size);
  EXPECT(process_ >= 0, "no terminal");
  if (process_ == 0) Become(arguments, uid);
  terminal_ = UniqueFd(terminal);
}

Terminal::~Terminal() {
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

bool Terminal::ReadMore() {
  pollfd readable{terminal_.get(), POLLIN, 0};
  if (poll(&readable, 1, kPatienceMs) <= 0) return false;
  char buffer[4096];
  const ssize_t size = read(terminal_.get(), buffer, sizeof(buffer));
  if (size <= 0) return false;  // EIO: nobody has the terminal open any more.
  screen_.append(buffer, static_cast<std::size_t>(size));
  return true;
}

bool Terminal::See(const std::string& text) {
  while (true) {
    const std::size_t at = screen_.find(text, seen_);
    if (at != std::string::npos) {
      seen_ = at + text.size();
      return true;
    }
    if (!ReadMore()) return false;
  }
}

void Terminal::Expect(const std::string& text) {
  const bool seen = See(text);
  EXPECT(seen, "'%s' on this screen:\n%s", text.c_str(), screen_.c_str());
}

void Terminal::Type(const std::string& line) {
  const std::string typed = line + "\n";
  const ssize_t size = write(terminal_.get(), typed.data(), typed.size());
  EXPECT(size == static_cast<ssize_t>(typed.size()), "typing");
}

int Terminal::Wait() {
  while (ReadMore()) continue;
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace twofactor::test
