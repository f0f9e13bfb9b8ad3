// SPDX-License-Identifier: Apache-2.0
//
// answer_fuzz.cc - any answer is one of its kinds; a code has its canonical
// form, and reads as itself.

#include <algorithm>

#include "core/session/answer.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

namespace {

bool HasForm(const Answer& answer) {
  const Bytes code = answer.code.Expose();
  const bool digits = std::ranges::all_of(
      code, [](std::uint8_t c) { return c >= '0' && c <= '9'; });
  switch (answer.kind) {
    case Answer::Kind::kCode:
      return digits && code.size() >= 6 && code.size() <= 8;
    case Answer::Kind::kCodePair:
      return digits && code.size() >= 12 && code.size() <= 16 &&
             code.size() % 2 == 0;
    case Answer::Kind::kBackupCode:
      return !digits && code.size() == 12;
    case Answer::Kind::kNothing:
    case Answer::Kind::kHostDummy:
    case Answer::Kind::kUserName:
    case Answer::Kind::kUnknownFormat:
    case Answer::Kind::kRecover:
      return code.empty();
  }
  return false;
}

}  // namespace

void Fuzz(Bytes input) {
  for (std::string_view user : {"alice", ""}) {
    const Answer answer = ClassifyAnswer(input, user);
    FUZZ_EXPECT(HasForm(answer));
    if (answer.code.empty()) continue;
    FUZZ_EXPECT(input.size() <= kMaxAnswerSize);
    FUZZ_EXPECT(AsText(input).find('\0') == std::string_view::npos);
    const Answer again = ClassifyAnswer(answer.code.Expose(), user);
    FUZZ_EXPECT(again.kind == answer.kind);
    FUZZ_EXPECT(AsText(again.code.Expose()) == AsText(answer.code.Expose()));
  }
}

}  // namespace twofactor
