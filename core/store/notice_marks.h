// SPDX-License-Identifier: Apache-2.0
//
// notice_marks.h - who has notices that are not told: a file a user under /run,
// so that whoever flushes need not read all states.
//
// A mark is made after each commit of a state with such notices, and /run
// forgets all marks with a boot: until everybody was looked at once, there is
// no kScannedName in the folder.

#ifndef TWOFACTOR_CORE_STORE_NOTICE_MARKS_H_
#define TWOFACTOR_CORE_STORE_NOTICE_MARKS_H_

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/store/paths.h"
#include "core/store/user_name.h"

namespace twofactor {

// `file` is RecordFileName(user).
Result<void> MarkNotices(const StorePaths& paths, const std::string& file,
                         const UserName& user);

// The marks, while nobody else flushes.
class NoticeMarks {
 public:
  // Makes the folder.  Empty when somebody else flushes.
  static Result<std::optional<NoticeMarks>> Lock(const StorePaths& paths);

  // Whether everybody was looked at since the boot, and saying so.
  Result<bool> Scanned() const;
  Result<void> SetScanned() const;

  // Whoever is marked; a mark that names nobody is removed.
  Result<std::vector<UserName>> Users() const;
  Result<void> Add(const UserName& user) const;
  Result<void> Remove(const UserName& user) const;

 private:
  NoticeMarks(UniqueFd folder, UniqueFd lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}

  UniqueFd folder_;
  UniqueFd lock_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_NOTICE_MARKS_H_
