// SPDX-License-Identifier: Apache-2.0
//
// paths.h - every name on disk.

#ifndef TWOFACTOR_CORE_STORE_PATHS_H_
#define TWOFACTOR_CORE_STORE_PATHS_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/store/user_name.h"

namespace twofactor {

// The three folders; keys named in twofactor.conf move them.
struct StorePaths {
  std::string keys = "/etc/twofactor";       // keyring, keys/<kid>
  std::string state = "/var/lib/twofactor";  // store, secrets/, lockout/
  std::string runtime = "/run/twofactor";    // lockout/, notices/
};

inline constexpr char kConfigPath[] = "/etc/security/twofactor.conf";

inline constexpr char kKeyringName[] = "keyring";
inline constexpr char kKeysFolder[] = "keys";
inline constexpr char kMarkerName[] = "store";
inline constexpr char kSecretsFolder[] = "secrets";
inline constexpr char kLockoutFolder[] = "lockout";
inline constexpr char kNoticesFolder[] = "notices";
inline constexpr std::string_view kTemporaryPrefix = ".tmp-";

// The file name of a user's record: letters, digits, '_' and '-' stand for
// themselves, '.' too unless it comes first, every other byte is %XX.  Above
// 200 bytes: "%h" and the SHA-256 of the name in hex, which no encoding is.
// Nobody's is "%".
Result<std::string> RecordFileName(const UserName& user);

// The reverse.  Empty for names that RecordFileName never makes, and for
// hashes.
std::optional<UserName> UserOfFileName(std::string_view file_name);
bool IsHashedFileName(std::string_view file_name);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_PATHS_H_
