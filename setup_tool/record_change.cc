// SPDX-License-Identifier: Apache-2.0
//
// record_change.cc - carrying a Failure past the store.

#include "setup_tool/record_change.h"

#include <optional>
#include <utility>

#include "setup_tool/subject.h"

namespace twofactor::tool {

Try<void> ChangeRecordOf(Store& store, const UserName& user,
                         const EditRecord& edit) {
  ASSIGN_OR_RETURN(Presence presence, About(user, store.Find(user)));
  if (presence == Presence::kAbsent) return NotEnrolled(user);

  std::optional<Failure> refusal;
  auto changed = store.Change(
      user, [&](Record record, const Moment& moment) -> Result<Record> {
        Try<void> edited =
            record.enrollment ? edit(record, moment) : NotEnrolled(user);
        if (edited) return record;
        refusal = std::move(edited).error();
        return Fail(ErrorCode::kInvalid, refusal->message);
      });
  if (refusal) return std::unexpected(*std::move(refusal));
  return About(user, std::move(changed));
}

}  // namespace twofactor::tool
