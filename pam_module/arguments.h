// SPDX-License-Identifier: Apache-2.0
//
// arguments.h - what a line of /etc/pam.d says to the module.
//
// Trust: written by root.  An argument that is not understood denies: a typo
// must not turn into a weaker line.

#ifndef TWOFACTOR_PAM_MODULE_ARGUMENTS_H_
#define TWOFACTOR_PAM_MODULE_ARGUMENTS_H_

#include <span>
#include <string>

#include "core/base/result.h"
#include "core/session/login_session.h"
#include "core/store/paths.h"

namespace twofactor {

// Where it is settled that a login by key alone needs more.
enum class KeyLogins : std::uint8_t {
  kDenyInAccount = 0,
  kSettleInSession = 1,  // By a session line of ours.
};

enum class Verbosity : std::uint8_t { kNormal = 0, kDebug = 1 };

struct Arguments {
  std::string config_path = kConfigPath;
  FirstFactor first = FirstFactor::kUnproven;
  KeyLogins keys = KeyLogins::kDenyInAccount;
  Verbosity verbosity = Verbosity::kNormal;
};

// config=PATH, first=proven|key, keys=session, debug.  kConfig, with the
// argument and the nearest known one, for anything else.
Result<Arguments> ParseArguments(std::span<const char* const> words);

}  // namespace twofactor

#endif  // TWOFACTOR_PAM_MODULE_ARGUMENTS_H_
