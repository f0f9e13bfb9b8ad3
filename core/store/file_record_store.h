// SPDX-License-Identifier: Apache-2.0
//
// file_record_store.h - what an enrollment may do to files.

#ifndef TWOFACTOR_CORE_STORE_FILE_RECORD_STORE_H_
#define TWOFACTOR_CORE_STORE_FILE_RECORD_STORE_H_

#include <memory>

#include "core/base/clock.h"
#include "core/store/file_login_store.h"
#include "core/store/paths.h"
#include "core/store/store.h"

namespace twofactor {

class FileRecordStore final : public RecordStore {
 public:
  // As StoreFolders::OpenProven.
  static Result<std::unique_ptr<FileRecordStore>> Open(const StorePaths& paths,
                                                       const Clock& clock);

  explicit FileRecordStore(std::unique_ptr<StoreFolders> folders)
      : logins_(std::move(folders)) {}

  Result<Presence> Find(const UserName& user) const override;
  Result<Enrollment> ReadEnrollment(const UserName& user) const override;
  Result<void> UpdateState(const UserName& user,
                           const DecideState& decide) override;
  Result<void> Change(const UserName& user,
                      const ChangeRecord& change) override;
  Result<Record> Read(const UserName& user) override;

  StoreFolders& folders() { return logins_.folders(); }
  const StoreFolders& folders() const { return logins_.folders(); }

 private:
  FileLoginStore logins_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_FILE_RECORD_STORE_H_
