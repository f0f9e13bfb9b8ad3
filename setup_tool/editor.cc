// SPDX-License-Identifier: Apache-2.0
//
// editor.cc - choosing, starting and awaiting it.

#include "setup_tool/editor.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace twofactor::tool {
namespace {

constexpr char kDefaultEditor[] = "/usr/bin/editor";
constexpr char kSearchPath[] =
    "PATH=/usr/local/sbin:/usr/local/bin:"
    "/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::array<const char*, 4> kSearchFolders = {
    "/usr/local/bin/", "/usr/bin/", "/bin/", "/usr/sbin/"};
// What an editor needs to know of the terminal and of whoever sits there.
constexpr std::array<const char*, 9> kPassedOn = {
    "TERM",     "COLORTERM", "HOME",    "LANG",   "LC_ALL",
    "LC_CTYPE", "USER",      "LOGNAME", "DISPLAY"};

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t start = text.find_first_not_of(" \t");
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    words.emplace_back(word);
    text.remove_prefix(word.size());
  }
}

std::vector<std::string> EditorCommand() {
  for (const char* name : {"SUDO_EDITOR", "VISUAL", "EDITOR"}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    auto words = WordsOf(value);
    if (!words.empty()) return words;
  }
  return {kDefaultEditor};
}

std::string Locate(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  for (const char* folder : kSearchFolders)
    if (access((folder + program).c_str(), X_OK) == 0) return folder + program;
  return program;
}

std::vector<std::string> Environment() {
  std::vector<std::string> environment = {kSearchPath};
  for (const char* name : kPassedOn)
    if (const char* value = std::getenv(name))
      environment.push_back(std::string(name) + "=" + value);
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Ctrl-C belongs to the editor while it runs.
class TerminalSignalsIgnored {
 public:
  TerminalSignalsIgnored() {
    before_[0] = std::signal(SIGINT, SIG_IGN);
    before_[1] = std::signal(SIGQUIT, SIG_IGN);
  }
  ~TerminalSignalsIgnored() {
    std::signal(SIGINT, before_[0]);
    std::signal(SIGQUIT, before_[1]);
  }
  TerminalSignalsIgnored(const TerminalSignalsIgnored&) = delete;
  TerminalSignalsIgnored& operator=(const TerminalSignalsIgnored&) = delete;

 private:
  std::array<void (*)(int), 2> before_;
};

// 0, or an errno.
int Spawn(std::vector<std::string> command, pid_t& child) {
  auto environment = Environment();
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (int signal : {SIGINT, SIGQUIT, SIGPIPE}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const std::string program = Locate(command.front());
  const int error =
      posix_spawn(&child, program.c_str(), nullptr, &attributes,
                  Pointers(command).data(), Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

Try<void> RunEditor(const std::string& path) {
  constexpr char kHint[] = "EDITOR=/usr/bin/nano twofactor edit-config";
  auto command = EditorCommand();
  const std::string editor = command.front();
  command.push_back(path);
  TerminalSignalsIgnored ignored;
  pid_t child = -1;
  if (const int error = Spawn(std::move(command), child); error != 0)
    return Refuse(
        ExitCode::kFailed,
        "cannot run the editor " + editor + ": " + std::strerror(error), kHint);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Refuse(ExitCode::kFailed,
                "the editor " + editor + " failed; nothing was changed", kHint);
}

}  // namespace twofactor::tool
