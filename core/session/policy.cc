// SPDX-License-Identifier: Apache-2.0
//
// policy.cc - the host-wide setting; rules will stand in front of it.

#include "core/session/policy.h"

#include <algorithm>

namespace twofactor {

Ruling RuleForService(const Config& config, std::string_view service) {
  if (std::ranges::find(config.services, service) == config.services.end())
    return {Requirement::kOff, "services"};
  switch (config.second_factor) {
    case SecondFactor::kRequired:
      return {Requirement::kRequired, "second_factor"};
    case SecondFactor::kOptional:
      return {Requirement::kOptional, "second_factor"};
  }
  return {Requirement::kRequired, "second_factor"};
}

Skip MaySkip(const Ruling& ruling, const Account& account,
             const Result<Presence>& presence) {
  const bool proven = presence && *presence == Presence::kAbsent;
  if (ruling.requirement == Requirement::kOptional && proven &&
      account.status == AccountStatus::kKnown)
    return Skip::kAllowed;
  return Skip::kForbidden;
}

}  // namespace twofactor
