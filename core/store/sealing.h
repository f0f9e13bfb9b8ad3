// SPDX-License-Identifier: Apache-2.0
//
// sealing.h - AES-256-GCM around what lies on disk, bound to where it lies.
//
// Each blob has a key of its own: HKDF-SHA256(master key; realm; purpose and
// user).  Format, key id, realm, purpose and user are authenticated, so a blob
// that was moved to another user, purpose or host does not open.

#ifndef TWOFACTOR_CORE_STORE_SEALING_H_
#define TWOFACTOR_CORE_STORE_SEALING_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/store/keyring.h"

namespace twofactor {

enum class SealPurpose : std::uint8_t { kMarker = 1, kEnrollment = 2 };

struct SealContext {
  SealPurpose purpose;
  std::string_view user;  // Empty for the marker.
};

constexpr std::size_t kMaxSealedSize = 64 * 1024;

// Seals with the keyring's active key.
Result<std::vector<std::uint8_t>> Seal(const Keyring& keyring,
                                       const SealContext& context, Bytes plain);

// kCorrupt when the bytes are not a blob or the seal does not fit.
Result<Secret> Open(const Keyring& keyring, const SealContext& context,
                    Bytes sealed);

// What a blob says of itself, before its seal was checked.
struct SealHeader {
  KeyId key{};
  std::string user;
};
// kCorrupt when it is no blob.
Result<SealHeader> ReadSealHeader(Bytes sealed);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_SEALING_H_
