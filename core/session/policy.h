// SPDX-License-Identifier: Apache-2.0
//
// policy.h - who has to show a second factor where.

#ifndef TWOFACTOR_CORE_SESSION_POLICY_H_
#define TWOFACTOR_CORE_SESSION_POLICY_H_

#include <string_view>

#include "core/session/account.h"
#include "core/session/config.h"
#include "core/store/store.h"

namespace twofactor {

enum class Requirement : std::uint8_t {
  kRequired = 0,
  kOptional,  // Required of those who are enrolled.
  kOff,       // This service is none of ours.
};

struct Ruling {
  Requirement requirement = Requirement::kRequired;
  std::string_view rule;  // For the log: which setting decided.
};

Ruling RuleForService(const Config& config, std::string_view service);

enum class Skip : std::uint8_t { kForbidden = 0, kAllowed = 1 };

// The only place where a second factor is waived for want of an enrollment:
// the rule says optional, the name service knows the user, and a good store
// was read that proves there is no record.
Skip MaySkip(const Ruling& ruling, const Account& account,
             const Result<Presence>& presence);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_POLICY_H_
