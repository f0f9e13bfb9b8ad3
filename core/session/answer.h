// SPDX-License-Identifier: Apache-2.0
//
// answer.h - what kind of thing was typed at the prompt.
//
// Trust: hostile.  Any bytes of any length.

#ifndef TWOFACTOR_CORE_SESSION_ANSWER_H_
#define TWOFACTOR_CORE_SESSION_ANSWER_H_

#include <string_view>

#include "core/base/secret.h"

namespace twofactor {

// Longer than any code, key or word that we ask for.
constexpr std::size_t kMaxAnswerSize = 128;

struct Answer {
  enum class Kind : std::uint8_t {
    kNothing = 0,    // Empty, too long, or with a NUL byte in it.
    kHostDummy,      // sshd's stand-in for a user that it will not admit.
    kUserName,       // The user's own name: typed into the wrong field.
    kUnknownFormat,  // Not shaped like a code of any factor.
    kRecover,        // The word that asks for recovery.
    kCode,           // 6 to 8 ASCII digits.
    kCodePair,       // Two such codes of the same length in a row: 12 to 16.
    kBackupCode,     // A backup or bypass code in its canonical form.
  };
  Kind kind = Kind::kNothing;
  Secret code;  // Of the last three, without what stood between characters.
};

constexpr std::string_view kRecoverWord = "recover";

// Only the last three are ever compared with anything, or counted as a guess.
// Spaces, dashes and no-break spaces are dropped from a code; full-width and
// Arabic digits are read as digits.
Answer ClassifyAnswer(Bytes typed, std::string_view user);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_ANSWER_H_
