// SPDX-License-Identifier: Apache-2.0
//
// terminal_conversation.h - asking whoever sits at the terminal, or reading
// the answers from a pipe.
//
// Trust: answers may hold any bytes.

#ifndef TWOFACTOR_SETUP_TOOL_TERMINAL_CONVERSATION_H_
#define TWOFACTOR_SETUP_TOOL_TERMINAL_CONVERSATION_H_

#include <cstdint>

#include "core/session/conversation.h"
#include "setup_tool/interrupts.h"

namespace twofactor::tool {

// Reads lines from stdin.  The prompt is shown only if that is a terminal, and
// its echo is as it was before when Ask returns.
class TerminalConversation final : public Conversation {
 public:
  explicit TerminalConversation(Interrupts& interrupts)
      : interrupts_(interrupts) {}

  // kConversation at the end of input, when interrupted, and for a line above
  // kMaxLineSize.
  Result<Secret> Ask(std::string_view prompt, Echo echo) override;
  void Tell(const std::string& text) override;

  static constexpr std::size_t kMaxLineSize = 1024;

 private:
  Result<Secret> ReadLine();

  Interrupts& interrupts_;
};

// Ask, with an interrupt as the failure it is.
Try<Secret> AskLine(TerminalConversation& conversation, Interrupts& interrupts,
                    const std::string& prompt, Echo echo);

enum class Consent : std::uint8_t { kNo = 0, kYes = 1 };

// Asks "question [Y/n] " of something that harms nobody: kNo also when there is
// no answer.
Consent AskOffer(Interrupts& interrupts, const std::string& question);

// Asks "question [y/N] ".  kUsage, naming --yes, when stdin is no terminal.
Try<Consent> AskConsent(const std::string& question);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_TERMINAL_CONVERSATION_H_
