// SPDX-License-Identifier: Apache-2.0
//
// verdict.h - what a factor says of a response.
//
// A factor answers one question: does this response prove possession of what
// the user enrolled, and which counter must never be accepted again?  It only
// decides.  Prompting belongs to session/conversation.h, delay to
// session/throttle.h, writing to store/.

#ifndef TWOFACTOR_CORE_FACTOR_VERDICT_H_
#define TWOFACTOR_CORE_FACTOR_VERDICT_H_

#include <cstdint>

namespace twofactor {

// Zero denies: a verdict that nobody set fails closed.
enum class Verdict : std::uint8_t {
  kRejected = 0,  // Wrong, malformed or expired; the peer cannot tell which.
  kReplayed = 1,  // Correct but already used.  Logged, then shown as kRejected.
  kAccepted = 2,
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_FACTOR_VERDICT_H_
