// SPDX-License-Identifier: Apache-2.0
//
// outcome_code.h - the one table from outcomes to PAM return codes.

#ifndef TWOFACTOR_PAM_MODULE_OUTCOME_CODE_H_
#define TWOFACTOR_PAM_MODULE_OUTCOME_CODE_H_

#include <security/pam_appl.h>

#include "core/session/login_session.h"
#include "pam_module/arguments.h"

namespace twofactor {

// In front of the password every denial looks the same: a code of its own for
// "too many attempts" would tell whether the password was right.  Behind it,
// codes that stop the host from asking again spare the user.
constexpr int AuthenticateCode(Outcome outcome, FirstFactor first) {
  const bool proven = first != FirstFactor::kUnproven;
  switch (outcome) {
    case Outcome::kDenied:
      return PAM_AUTH_ERR;
    case Outcome::kThrottled:
      return proven ? PAM_MAXTRIES : PAM_AUTH_ERR;
    case Outcome::kUnavailable:
      return proven ? PAM_AUTHINFO_UNAVAIL : PAM_AUTH_ERR;
    case Outcome::kConversationFailed:
      return proven ? PAM_CONV_ERR : PAM_AUTH_ERR;
    case Outcome::kSkipped:
      return PAM_IGNORE;
    case Outcome::kAccepted:
      return PAM_SUCCESS;
  }
  return PAM_AUTH_ERR;
}

}  // namespace twofactor

#endif  // TWOFACTOR_PAM_MODULE_OUTCOME_CODE_H_
