// SPDX-License-Identifier: Apache-2.0
//
// backup_code.h - codes that are made beforehand and spent by being used.
//
// A code is twelve characters of Crockford's base32, 60 bits, and is written
// XXXX-XXXX-XXXX.  Only its HMAC under a random key is kept; hash and key lie
// in the sealed secret file.  Administrator's bypass codes have the same form.
//
// Trust: what is read may be any bytes.

#ifndef TWOFACTOR_CORE_FACTOR_BACKUP_CODE_H_
#define TWOFACTOR_CORE_FACTOR_BACKUP_CODE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor {

constexpr std::size_t kBackupCodeSize = 12;
constexpr std::size_t kCodeKeySize = 32;
// Those that google-authenticator made: digits alone, handed out as ours.
constexpr std::size_t kScratchCodeSize = 8;

// HMAC-SHA256 of a code in its canonical form.
using CodeHash = std::array<std::uint8_t, 32>;

// The canonical code that `entropy`, kBackupCodeSize random bytes, makes.
// Empty when it would consist of digits alone, which is how other codes look.
std::optional<Secret> BackupCodeFrom(Bytes entropy);

// "7K3M-9QXP-T2WA", to be shown once: groups of four.
Secret InGroups(Bytes code, char separator = '-');

// The canonical code that was typed: either case, letters that look like
// digits (O, I, L) as those, spaces and dashes skipped.  Empty for everything
// else, and for digits alone.
std::optional<Secret> ReadBackupCode(std::string_view typed);

// `key` has kCodeKeySize bytes.  kCrypto.
Result<CodeHash> HashCode(Bytes key, Bytes code);

// Which of the hashes is the code's; empty for none.  Time depends on the
// number of hashes alone.  kCrypto.
Result<std::optional<std::size_t>> FindCode(Bytes key,
                                            std::span<const CodeHash> hashes,
                                            Bytes code);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_FACTOR_BACKUP_CODE_H_
