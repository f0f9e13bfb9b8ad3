// SPDX-License-Identifier: Apache-2.0
//
// account.h - from the name that a host application gives to the name that a
// record is kept under.

#ifndef TWOFACTOR_CORE_SESSION_ACCOUNT_H_
#define TWOFACTOR_CORE_SESSION_ACCOUNT_H_

#include <string_view>

#include "core/base/result.h"
#include "core/session/config.h"
#include "core/store/user_name.h"

namespace twofactor {

// Whether the name service vouches for a user.
enum class AccountStatus : std::uint8_t {
  kUnknown = 0,  // Treated as required, whatever the policy.
  kKnown = 1,
};

struct Account {
  UserName name;
  AccountStatus status = AccountStatus::kUnknown;
};

// Asks the name service for the canonical name (`users = system`), or folds
// the name as `user_names` says (`users = any`).
//
// kInvalid for a name that no record can have; kIo when the name service could
// not answer.
Result<Account> FindAccount(std::string_view name, const Config& config);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_ACCOUNT_H_
