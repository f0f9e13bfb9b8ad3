// SPDX-License-Identifier: Apache-2.0
//
// file_store.h - the Store on the host's own disk.
//
// MUSTs that file_store.cc meets (DESIGN.md §4 and §5):
//   1. A store that is missing, empty or another host's is an error, never
//      "nobody is enrolled".
//   2. The lock is flock(2) on the lockout file, which is never renamed or
//      unlinked; after locking, device and inode are compared with the name.
//   3. Under the lock nothing sleeps, prompts or executes, and the terminal's
//      stop signals are blocked.
//   4. A login writes nothing but its slot of the lockout file.
//   5. The state is written, synced if need be, before a verdict leaves.
//   6. An enrollment is made of: state entry, synced; then the secret file;
//      then the mark.  A removal: the mark; then the secret file.

#ifndef TWOFACTOR_CORE_STORE_FILE_STORE_H_
#define TWOFACTOR_CORE_STORE_FILE_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/store/keyring.h"
#include "core/store/paths.h"
#include "core/store/store.h"

namespace twofactor {

class FileStore final : public Store {
 public:
  // Opens keyring and folders and checks that the marker belongs to the
  // keyring.  kStoreMissing, kUntrustedFile, kCorrupt.
  static Result<std::unique_ptr<FileStore>> Open(const StorePaths& paths,
                                                 const Clock& clock);

  // Makes folders, keys and marker where none of them are: the only way to a
  // store.  kExists when there is a good one.  kStoreMissing when keys are
  // there and the store is not, or the reverse: then a disk is not mounted, or
  // somebody has to decide.
  static Result<void> Create(const StorePaths& paths);

  // As Create, but keeps a keyring whose store is gone for good.
  static Result<void> CreateForExistingKeys(const StorePaths& paths);

  Result<Presence> Find(const UserName& user) const override;
  Result<void> Change(const UserName& user,
                      const ChangeRecord& change) override;
  Result<Record> Read(const UserName& user) override;
  Result<std::vector<UserName>> Users() const override;
  Result<std::vector<std::string>> Repair(const UserName& user) override;
  Result<void> Reset(const UserName& user) override;

  Keyring& keyring() { return keyring_; }
  // The key that the user's secret file is sealed with.
  Result<KeyId> KeyOf(const UserName& user) const;
  // The key that the marker is sealed with, and sealing it with the active one.
  Result<KeyId> KeyOfMarker() const;
  Result<void> RewrapMarker();

 protected:
  Result<void> UpdateState(const UserName& user,
                           const DecideState& decide) override;

 private:
  class LockedUser;

  FileStore(const StorePaths& paths, const Clock& clock, Keyring keyring)
      : paths_(paths), clock_(clock), keyring_(std::move(keyring)) {}

  // Empty when there is no secret file.
  Result<std::optional<Enrollment>> ReadEnrollment(
      const UserName& user, const std::string& file) const;
  // The folder under /run; empty while no state had to go there.
  Result<std::optional<UniqueFd>> OpenStandInFolder() const;

  StorePaths paths_;
  const Clock& clock_;
  Keyring keyring_;
  UniqueFd state_folder_;
  UniqueFd secrets_folder_;
  UniqueFd lockout_folder_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_FILE_STORE_H_
