// SPDX-License-Identifier: Apache-2.0
//
// answer_fuzz.cc - any answer is one of its kinds; a code is 6 to 8 digits and
// stands in what was typed.

#include "core/session/answer.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  for (std::string_view user : {"alice", ""}) {
    const Answer answer = ClassifyAnswer(input, user);
    if (answer.kind != Answer::Kind::kCode) {
      FUZZ_EXPECT(answer.digits.empty());
      continue;
    }
    const Bytes digits = answer.digits.Expose();
    FUZZ_EXPECT(digits.size() >= 6 && digits.size() <= 8);
    for (std::uint8_t digit : digits) FUZZ_EXPECT(digit >= '0' && digit <= '9');
    FUZZ_EXPECT(input.size() <= kMaxAnswerSize);
    FUZZ_EXPECT(AsText(input).find('\0') == std::string_view::npos);
    // Classified again, it is itself.
    const Answer again = ClassifyAnswer(digits, user);
    FUZZ_EXPECT(again.kind == Answer::Kind::kCode);
    FUZZ_EXPECT(AsText(again.digits.Expose()) == AsText(digits));
  }
}

}  // namespace twofactor
