// SPDX-License-Identifier: Apache-2.0
//
// comparison.h - an answer against everything that a user has enrolled.
//
// Trust: the answer is hostile.  Enrollment and state come from the store.

#ifndef TWOFACTOR_CORE_SESSION_COMPARISON_H_
#define TWOFACTOR_CORE_SESSION_COMPARISON_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/session/answer.h"
#include "core/session/config.h"
#include "core/session/pending_code.h"
#include "core/store/store.h"

namespace twofactor {

// What an answer was right for; `word` says it in the log.
enum class Method : std::uint8_t {
  kNone = 0,
  kTotp,
  kHotp,
  kBackupCode,
  kBypass,
  kRecovery,
  kEmail,
  kSms,
};
std::string_view MethodName(Method method);

// What was typed, and by whom.
struct Attempt {
  std::string_view code;  // Of an Answer of `kind`.
  Asker asker;
  Answer::Kind kind = Answer::Kind::kCode;
};

struct Comparison {
  enum class Kind : std::uint8_t {
    kRejected = 0,
    kReplayed,     // Right but used, or it may have been before boot.
    kExpired,      // A bypass code after its time or its last use.
    kClockBehind,  // The clock stands before the last used step of a device.
    kAccepted,
  };
  Kind kind = Kind::kRejected;
  Method method = Method::kNone;
  std::string name;               // The label, the bypass's reason.
  std::optional<int> codes_left;  // Of the set that a code was spent from.
  Durability durability = Durability::kCrash;
};

// Compares with every enabled device whose format it fits, and spends every
// match in `state`.  The answer is a kCode, or kCodePair of a HOTP token.
Result<Comparison> CompareWithDevices(const Config& config,
                                      const Attempt& attempt,
                                      const Enrollment& enrollment,
                                      const Moment& moment, LoginState& state);

// Compares with the codes that were sent to the user's addresses, and spends
// the match.
Result<Comparison> CompareWithAddresses(const Config& config,
                                        const Attempt& attempt,
                                        const Enrollment& enrollment,
                                        const Moment& moment,
                                        LoginState& state);

// Compares with the user's sets of codes of that form, and spends the match:
// backup codes and bypasses for kBackupCode, scratch codes for kCode.
Result<Comparison> CompareWithCodeSets(const Config& config,
                                       const Attempt& attempt,
                                       const Enrollment& enrollment,
                                       const Moment& moment, LoginState& state);

// Whether the answer is shaped like a code of such a set.
bool FitsForm(CodeSet::Kind set, Answer::Kind answer);

// How many codes CompareWithDevices looks ahead in a token of so many digits,
// beside the user's other devices.
int TokenLookAhead(const Config& config, const Enrollment& enrollment,
                   const LoginState& state, int digits);

// Whether the answer is shaped like a code that was sent to an address.
bool FitsAddresses(const Attempt& attempt);

// Whether codes may be sent to the address: it is enabled, and so is the way.
bool MayReceive(const Config& config, const Address& address);

// Whether the user has a device or address that could let in: codes alone do
// not.
bool HasFactor(const Config& config, const Enrollment& enrollment);

// Whether any answer could be accepted now, or once a code was sent.
bool AnythingUsable(const Config& config, const Enrollment& enrollment,
                    const LoginState& state, UnixTime now);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_COMPARISON_H_
