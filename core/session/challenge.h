// SPDX-License-Identifier: Apache-2.0
//
// challenge.h - what a login asks: for a code, and again after each word that
// has one sent.
//
// MUSTs (docs/SECURITY.md):
//   1. Nothing is offered or sent but to somebody who has proven the first
//      factor: whoever makes a Challenge without having seen that gives it no
//      courier.
//   2. A send is on the disk and in the log, and within the limits of user,
//      way and host, before a message leaves.
//   3. What could not be sent is said and logged, and never lets anybody in.
//
// Trust: what is typed may be any bytes.

#ifndef TWOFACTOR_CORE_SESSION_CHALLENGE_H_
#define TWOFACTOR_CORE_SESSION_CHALLENGE_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/delivery/courier.h"
#include "core/factor/backup_code.h"
#include "core/session/answer.h"
#include "core/session/config.h"
#include "core/session/conversation.h"
#include "core/session/judgement.h"
#include "core/session/pending_code.h"
#include "core/store/store.h"

namespace twofactor {

// Between two codes by the same way.
constexpr std::chrono::seconds kSendSpacing{60};
// Of all codes of a way in a day, and of those that strangers may have sent:
// for sources that the user logs in from, some are left.
constexpr RateLimit kSendsOfDay{20, std::chrono::days(1)};
constexpr int kStrangersShareOfDay = 15;
// Of one login; from its prompt on, the time that sshd's LoginGraceTime of 120
// s should leave.
constexpr int kMaxSendsOfLogin = 3;
constexpr std::chrono::seconds kLoginBudget{90};

class Challenge {
 public:
  // `courier` is null where nothing is sent.
  Challenge(const Config& config, const Clock& clock,
            Conversation& conversation, LoginStore& store, Courier* courier)
      : config_(config),
        clock_(clock),
        conversation_(conversation),
        store_(store),
        courier_(courier) {}

  // Asks, and sends what is asked for, until something else is typed.  To
  // somebody whose one way in is one address, a code is sent at once.
  //
  //   name  as it was typed at the login
  //
  // Errors are those of the conversation.
  Result<Answer> Ask(const Subject& subject, const Asker& asker,
                     std::string_view name);

 private:
  // An address that a code can be sent to.
  struct Offer {
    DeviceId id{};
    Address::Kind kind = Address::Kind::kEmail;
    std::string word;  // What asks for it: the label.
    std::string shown;
  };
  enum class Urge : std::uint8_t {
    kAtOnce = 0,  // Nobody asked: a code that is on its way will do.
    kAskedFor = 1,
  };
  struct Sending {
    enum class Kind : std::uint8_t { kGone = 0, kTooMany, kPending, kSend };
    Kind kind = Kind::kGone;
    std::string address = {};
    CodeHash hash = {};  // Of the code that is to be sent.
  };

  void FindOffers(const Subject& subject);
  const Offer* OfferOf(Bytes typed) const;
  std::string Prompt(std::string_view note) const;
  // What to tell the user of it.
  std::string_view Send(const Subject& subject, const Asker& asker,
                        const Offer& offer, Urge urge, std::string& text);
  Result<Sending> NoteSending(const UserName& user, const Asker& asker,
                              const Offer& offer, Urge urge,
                              const Secret& code);
  Result<Sending> Deliver(const UserName& user, const Asker& asker,
                          const Offer& offer, Urge urge);
  Result<void> Forget(const UserName& user, const Offer& offer,
                      const CodeHash& hash);

  const Config& config_;
  const Clock& clock_;
  Conversation& conversation_;
  LoginStore& store_;
  Courier* courier_;
  std::vector<Offer> offers_;
  bool only_way_ = false;
  std::chrono::milliseconds started_{};
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_CHALLENGE_H_
