// SPDX-License-Identifier: Apache-2.0
//
// process.cc - fork, exec, and files that collect what the program says.

#include "tests/pam/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace twofactor::test {
namespace {

// Memory that acts as a file: never full, so nobody has to read meanwhile.
UniqueFd MakeFile(const std::string& content) {
  UniqueFd file(memfd_create("test", MFD_CLOEXEC));
  if (!file) std::perror("memfd_create"), std::abort();
  if (write(file.get(), content.data(), content.size()) !=
      static_cast<ssize_t>(content.size()))
    std::abort();
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string ReadFile(int file) {
  std::string content;
  char buffer[4096];
  off_t offset = 0;
  for (ssize_t size; (size = pread(file, buffer, sizeof(buffer), offset)) > 0;
       offset += size)
    content.append(buffer, static_cast<std::size_t>(size));
  return content;
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& string : strings)
    pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Process::Process(std::vector<std::string> arguments, const Options& options)
    : output_(MakeFile("")), errors_(MakeFile("")) {
  const UniqueFd input = MakeFile(options.input);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> environment = Pointers(options.environment);
  id_ = fork();
  if (id_ != 0) return;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(input.get(), STDIN_FILENO);
  dup2(output_.get(), STDOUT_FILENO);
  dup2(errors_.get(), STDERR_FILENO);
  // Whatever else is open stays the test's.
  for (int fd = 3; fd < 1024; ++fd)
    if (std::ranges::find(options.kept, fd) == options.kept.end()) close(fd);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(argv[0], argv.data(), environment.data());
  std::perror(argv[0]);
  _exit(127);
}

Process::Process(Process&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)) {}

Process::~Process() {
  if (id_ < 0) return;
  Kill(SIGKILL);
  waitpid(id_, nullptr, 0);
}

void Process::Kill(int signal) const {
  if (id_ > 0) kill(id_, signal);
}

Exit Process::Wait() {
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
  id_ = -1;
  Exit exit;
  if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
  if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
  exit.output = ReadFile(output_.get());
  exit.errors = ReadFile(errors_.get());
  return exit;
}

Exit Run(std::vector<std::string> arguments, const std::string& input) {
  Process::Options options;
  options.input = input;
  return Process(std::move(arguments), options).Wait();
}

std::string Describe(const Exit& exit) {
  return (exit.signal ? "signal " + std::to_string(exit.signal)
                      : "exit " + std::to_string(exit.code)) +
         "\n" + exit.output + exit.errors;
}

}  // namespace twofactor::test
