// SPDX-License-Identifier: Apache-2.0
//
// login_session.h - one login, from the name to the verdict.
//
// Reads as a story: policy, presence, prompt, then lock,
// re-read, throttle, verify, commit, unlock.  Everything but kAccepted and
// kSkipped denies.

#ifndef TWOFACTOR_CORE_SESSION_LOGIN_SESSION_H_
#define TWOFACTOR_CORE_SESSION_LOGIN_SESSION_H_

#include <sys/types.h>

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/delivery/courier.h"
#include "core/session/config.h"
#include "core/session/conversation.h"
#include "core/session/judgement.h"
#include "core/store/store.h"

namespace twofactor {

// Zero denies.
enum class Outcome : std::uint8_t {
  kDenied = 0,          // Wrong, used, not enrolled, nothing typed.
  kThrottled,           // Too many failures; nothing was evaluated.
  kUnavailable,         // Could not decide: configuration, store, disk, lock.
  kConversationFailed,  // Nobody could be asked.
  kSkipped,             // Policy asks for no second factor here.
  kAccepted,            // Proven, and the proof is spent.
};

// What the stack says of the first factor.
enum class FirstFactor : std::uint8_t {
  kUnproven = 0,
  kProven = 1,  // The line stands behind one that has proven the password.
  kKey = 2,     // sshd has proven a key, or this line denies.
};

// What the host application says; all of it is repeated in the log, escaped.
struct LoginRequest {
  std::string user;
  std::string service;
  std::string remote_host;  // PAM_RHOST
  std::string terminal;     // PAM_TTY
  uid_t caller = 0;         // The real uid of the process.
  FirstFactor first = FirstFactor::kUnproven;
};

class LoginSession {
 public:
  // `config` is an error when it could not be loaded; then everybody is
  // denied, and the log says why.  `courier` is null where nothing is sent.
  LoginSession(const Result<Config>& config, const Clock& clock,
               Conversation& conversation, Courier* courier = nullptr)
      : config_(config),
        clock_(clock),
        conversation_(conversation),
        courier_(courier) {}

  // Asks, decides and logs.
  Outcome Run(const LoginRequest& request);

  // For the account and session phases: kSkipped when policy asks for no
  // second factor of this user here, else kDenied or kUnavailable.
  Outcome CheckExemption(const LoginRequest& request);

 private:
  Courier* CourierFor(const LoginRequest& request) const;
  Result<Judgement> Recover(const Config& config, const Subject& subject,
                            const Asker& asker);

  const Result<Config>& config_;
  const Clock& clock_;
  Conversation& conversation_;
  Courier* courier_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_LOGIN_SESSION_H_
