// SPDX-License-Identifier: Apache-2.0
//
// keyring.h - the master keys that records are sealed with, and the realm that
// says which store they belong to.
//
// One key is active and seals; older ones only open.  They protect stolen
// disks and backups of the state folder, not a host whose root is taken.

#ifndef TWOFACTOR_CORE_STORE_KEYRING_H_
#define TWOFACTOR_CORE_STORE_KEYRING_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/base/crypto.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace twofactor {

using Realm = std::array<std::uint8_t, 16>;
using KeyId = std::array<std::uint8_t, 8>;

class Keyring {
 public:
  // Makes the folder, a realm and a first key.  kExists when a keyring is
  // there.
  static Result<void> Create(const std::string& folder);

  // kStoreMissing when there is none; kCorrupt, kUntrustedFile.
  static Result<Keyring> Open(const std::string& folder);

  // Reads realm and active key anew: another may have rotated since Open.
  Result<void> Reload();

  const Realm& realm() const { return realm_; }
  const KeyId& active() const { return active_; }

  // The key, until the keyring goes or another one is loaded.  kStoreMissing
  // when there is no such key.
  Result<const Key256*> Load(const KeyId& id) const;

  Result<std::vector<KeyId>> Keys() const;

  // Makes a new key and then names it active.  Records sealed with older keys
  // stay readable.
  Result<KeyId> Rotate();

 private:
  struct LoadedKey {
    KeyId id{};
    Key256 key;
  };

  Keyring() = default;
  UniqueFd folder_;
  Realm realm_{};
  KeyId active_{};
  // The last one: a login needs it twice.
  mutable std::unique_ptr<LoadedKey> loaded_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_KEYRING_H_
