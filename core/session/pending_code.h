// SPDX-License-Identifier: Apache-2.0
//
// pending_code.h - a code that was sent to an address and may be typed.
//
// MUSTs (docs/SECURITY.md):
//   1. The newest code of a channel alone is good, for kPendingCodeLife, until
//      kPendingCodeTries answers were wrong, and once.
//   2. It opens only the service that it was asked for at, to the source that
//      asked; what others type neither opens nor spoils it.
//
// Pure functions of their arguments.

#ifndef TWOFACTOR_CORE_SESSION_PENDING_CODE_H_
#define TWOFACTOR_CORE_SESSION_PENDING_CODE_H_

#include <chrono>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/base/source.h"
#include "core/factor/verdict.h"
#include "core/store/enrollment.h"
#include "core/store/login_state.h"

namespace twofactor {

constexpr std::chrono::minutes kPendingCodeLife{5};
constexpr int kPendingCodeTries = 3;

// Who asks for a code, and who may type it.
struct Asker {
  Source source;
  std::string_view service = {};  // PAM's name of it.
};

// The services that one code is good for go by one name: what stands before
// the first "-", so that "sudo" and "sudo-i" are one.
std::string_view ServiceClass(std::string_view service);

// Whether the channel's newest code went to the address, for this asker, and is
// still good.
bool IsPending(const ChannelState& channel, const Address& address,
               const Asker& asker, UnixTime now);

// Puts a code that is to be sent in the place of the one before.  kCrypto.
Result<void> SetPending(const Address& address, const Asker& asker,
                        const Secret& code, UnixTime now,
                        ChannelState& channel);

// kAccepted, and the code is spent, when `code` is the pending one.  kCrypto.
Result<Verdict> SpendPending(const Address& address, const Asker& asker,
                             std::string_view code, UnixTime now,
                             ChannelState& channel);

// Charges a wrong answer to all codes that the asker might have meant.
void CountWrongAnswer(LoginState& state, const Asker& asker, UnixTime now);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_PENDING_CODE_H_
