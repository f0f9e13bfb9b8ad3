// SPDX-License-Identifier: Apache-2.0
//
// key_uri.h - a device as the otpauth:// URI that authenticator apps read.

#ifndef TWOFACTOR_CORE_SESSION_KEY_URI_H_
#define TWOFACTOR_CORE_SESSION_KEY_URI_H_

#include <string_view>

#include "core/base/secret.h"
#include "core/store/enrollment.h"
#include "core/store/user_name.h"

namespace twofactor {

// otpauth://totp/ISSUER:USER?secret=..., or otpauth://hotp/ with `counter`
// (github.com/google/google-authenticator/wiki/Key-Uri-Format).  A secret.
Secret KeyUri(const Device& device, const UserName& user,
              std::string_view issuer, Counter counter);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_KEY_URI_H_
