// SPDX-License-Identifier: Apache-2.0
//
// fake_conversation.h - somebody who types what a test says.

#ifndef TWOFACTOR_TESTS_UNIT_FAKE_CONVERSATION_H_
#define TWOFACTOR_TESTS_UNIT_FAKE_CONVERSATION_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/session/conversation.h"

namespace twofactor {

class FakeConversation final : public Conversation {
 public:
  Result<Secret> Ask(std::string_view prompt, Echo echo) override {
    prompts.emplace_back(prompt);
    echoes.push_back(echo);
    if (on_ask) on_ask();
    if (!answer) return Fail(ErrorCode::kConversation, "nobody is there");
    return Secret::CopyOf(AsBytes(*answer));
  }

  void Tell(const std::string& text) override { told.push_back(text); }

  std::optional<std::string> answer;  // Empty: nobody is there.
  std::function<void()> on_ask;       // What happens while the prompt is open.
  std::vector<std::string> prompts;
  std::vector<Echo> echoes;
  std::vector<std::string> told;
};

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_FAKE_CONVERSATION_H_
