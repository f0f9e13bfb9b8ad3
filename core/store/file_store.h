// SPDX-License-Identifier: Apache-2.0
//
// file_store.h - the Store on the host's own disk.
//
// MUSTs (docs/file-formats.md): an enrollment is made of the state entry,
// synced; then the secret file; then the mark that expects it.  A removal is
// the mark first, then the secret file.  So whatever dies when, the old record
// or the new one stands.

#ifndef TWOFACTOR_CORE_STORE_FILE_STORE_H_
#define TWOFACTOR_CORE_STORE_FILE_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/store/file_record_store.h"
#include "core/store/keyring.h"
#include "core/store/paths.h"
#include "core/store/store.h"

namespace twofactor {

class FileStore final : public Store {
 public:
  // As StoreFolders::OpenProven.
  static Result<std::unique_ptr<FileStore>> Open(const StorePaths& paths,
                                                 const Clock& clock);

  // Makes folders, keys and marker where none of them are: the only way to a
  // store.  kExists when there is a good one.  kStoreMissing when keys are
  // there and the store is not, or the reverse: then a disk is not mounted, or
  // somebody has to decide, and nothing is made.
  static Result<void> Create(const StorePaths& paths);

  // As Create, but keeps a keyring whose store is gone for good.
  static Result<void> CreateForExistingKeys(const StorePaths& paths);

  Result<Presence> Find(const UserName& user) const override;
  Result<Enrollment> ReadEnrollment(const UserName& user) const override;
  Result<void> UpdateState(const UserName& user,
                           const DecideState& decide) override;
  Result<void> Change(const UserName& user,
                      const ChangeRecord& change) override;
  Result<Record> Read(const UserName& user) override;
  Result<std::vector<UserName>> Users() const override;
  // Those of removed records, too, if their names are not hashed.
  Result<std::vector<UserName>> UsersWithState() const;
  Result<std::vector<std::string>> Repair(const UserName& user) override;
  Result<void> Reset(const UserName& user) override;

  Keyring& keyring() { return folders().keyring; }
  // The key that the user's secret file is sealed with.
  Result<KeyId> KeyOf(const UserName& user) const;
  // The key that the marker is sealed with; and sealing what is no user's, the
  // marker and nobody's record, with the active one.
  Result<KeyId> KeyOfMarker() const;
  Result<void> RewrapMarker();

 private:
  explicit FileStore(std::unique_ptr<StoreFolders> folders)
      : records_(std::move(folders)) {}

  StoreFolders& folders() { return records_.folders(); }
  const StoreFolders& folders() const { return records_.folders(); }

  FileRecordStore records_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_FILE_STORE_H_
