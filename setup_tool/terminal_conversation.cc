// SPDX-License-Identifier: Apache-2.0
//
// terminal_conversation.cc - prompts, lines and echo.

#include "setup_tool/terminal_conversation.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

#include "setup_tool/stream.h"

namespace twofactor::tool {
namespace {

// To the terminal, wherever stderr goes.
void ShowInTerminal(std::string_view text) {
  std::fflush(stdout);
  UniqueFd terminal(open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY));
  int fd = terminal ? terminal.get() : STDERR_FILENO;
  // Nobody to show it to is no reason to fail: the answer may still come.
  (void)WriteWhole(fd, AsBytes(text), "the terminal");
}

// No echo while it lives.  Ctrl-Z waits, lest the shell gets a silent terminal.
class SilentTerminal {
 public:
  SilentTerminal() {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    sigprocmask(SIG_BLOCK, &stop, &signals_before_);
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    changed_ = tcsetattr(STDIN_FILENO, TCSADRAIN, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    sigprocmask(SIG_SETMASK, &signals_before_, nullptr);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
  sigset_t signals_before_;
  bool changed_ = false;
};

}  // namespace

Result<Secret> TerminalConversation::Ask(std::string_view prompt, Echo echo) {
  std::fflush(stdout);
  if (!isatty(STDIN_FILENO)) return ReadLine();
  std::optional<SilentTerminal> silence;
  if (echo == Echo::kOff) silence.emplace();
  ShowInTerminal(prompt);
  auto line = ReadLine();
  if (!line) ShowInTerminal("\n");
  return line;
}

void TerminalConversation::Tell(const std::string& text) {
  ShowInTerminal(text + "\n");
}

Result<Secret> TerminalConversation::ReadLine() {
  Secret line(kMaxLineSize);
  std::size_t size = 0;
  while (true) {
    pollfd sources[] = {{STDIN_FILENO, POLLIN, 0},
                        {interrupts_.fd(), POLLIN, 0}};
    if (poll(sources, 2, -1) < 0 && errno != EINTR)
      return FailErrno(ErrorCode::kConversation, "cannot wait for input",
                       errno);
    if (interrupts_.Requested())
      return Fail(ErrorCode::kConversation, "interrupted");
    if (sources[0].revents == 0) continue;
    // One byte at a time: what follows the line is left for the next reader.
    char byte = 0;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0)
      return FailErrno(ErrorCode::kConversation, "cannot read the answer",
                       errno);
    if (got == 0 && size == 0)
      return Fail(ErrorCode::kConversation, "no answer: the input has ended");
    if (got == 0 || byte == '\n') break;
    if (size == kMaxLineSize)
      return Fail(ErrorCode::kConversation, "the answer is too long");
    line.ExposeMutable()[size++] = static_cast<std::uint8_t>(byte);
  }
  line.Shrink(size);
  return line;
}

Try<Secret> AskLine(TerminalConversation& conversation, Interrupts& interrupts,
                    const std::string& prompt, Echo echo) {
  auto line = conversation.Ask(prompt, echo);
  RETURN_IF_ERROR(interrupts.Check());
  if (!line) return std::unexpected(Failure(line.error()));
  return std::move(*line);
}

Consent AskOffer(Interrupts& interrupts, const std::string& question) {
  TerminalConversation conversation(interrupts);
  auto line =
      AskLine(conversation, interrupts, question + " [Y/n] ", Echo::kOn);
  if (!line) return Consent::kNo;
  const std::string_view answer = AsText(line->Expose());
  if (answer.empty() || answer == "y" || answer == "Y" || answer == "yes")
    return Consent::kYes;
  return Consent::kNo;
}

Try<Consent> AskConsent(const std::string& question) {
  if (!isatty(STDIN_FILENO))
    return Refuse(ExitCode::kUsage,
                  "this asks for consent and there is no terminal to ask",
                  "say it beforehand: --yes");
  Interrupts interrupts;
  TerminalConversation conversation(interrupts);
  ASSIGN_OR_RETURN(Secret line, AskLine(conversation, interrupts,
                                        question + " [y/N] ", Echo::kOn));
  std::string_view answer = AsText(line.Expose());
  if (answer == "y" || answer == "Y" || answer == "yes") return Consent::kYes;
  return Consent::kNo;
}

}  // namespace twofactor::tool
