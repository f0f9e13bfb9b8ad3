// SPDX-License-Identifier: Apache-2.0
//
// file_login_store.h - what a login may do to the store on the host's disk.
//
// Apart from FileStore, so that nothing which writes secret files is linked
// into the PAM module.

#ifndef TWOFACTOR_CORE_STORE_FILE_LOGIN_STORE_H_
#define TWOFACTOR_CORE_STORE_FILE_LOGIN_STORE_H_

#include <memory>

#include "core/base/clock.h"
#include "core/store/paths.h"
#include "core/store/store.h"
#include "core/store/store_folders.h"

namespace twofactor {

class FileLoginStore final : public LoginStore {
 public:
  // As StoreFolders::Open.
  static Result<std::unique_ptr<FileLoginStore>> Open(const StorePaths& paths,
                                                      const Clock& clock);

  explicit FileLoginStore(std::unique_ptr<StoreFolders> folders)
      : folders_(std::move(folders)) {}

  Result<Presence> Find(const UserName& user) const override;
  Result<Enrollment> ReadEnrollment(const UserName& user) const override;
  Result<void> UpdateState(const UserName& user,
                           const DecideState& decide) override;

  // As Find, with less work: kUnseen in place of kAbsent.  For who treats users
  // without a record as those with one.
  Result<Presence> Look(const UserName& user) const;

  StoreFolders& folders() { return *folders_; }
  const StoreFolders& folders() const { return *folders_; }

 private:
  std::unique_ptr<StoreFolders> folders_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_FILE_LOGIN_STORE_H_
