// SPDX-License-Identifier: Apache-2.0
//
// store.h - where enrollments and login states are kept, and the one way to
// change them.
//
// FileStore keeps them on the host's disk; a store of a fleet will keep them
// elsewhere.  Both promise what stands here.

#ifndef TWOFACTOR_CORE_STORE_STORE_H_
#define TWOFACTOR_CORE_STORE_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/enrollment.h"
#include "core/store/login_state.h"
#include "core/store/user_name.h"

namespace twofactor {

// Zero is the answer that lets nobody skip.
enum class Presence : std::uint8_t {
  kRecord = 0,  // There is a record, good or bad.
  kAbsent = 1,  // Proven: a good store was read and holds none.
  kUnseen = 2,  // None was seen; whether the store is good was not asked.
};

// What a new state must outlive before Update returns.
enum class Durability : std::uint8_t {
  kPowerCut = 0,    // The disk has it, or Update fails.
  kPowerCutIfAble,  // The disk has it; on a disk that takes no writes, kCrash.
  kCrash,           // The kernel has it: outlives us, not a power cut.
};

struct StateChange {
  LoginState state;
  Durability durability = Durability::kPowerCut;
};

// All that is kept of a user.
struct Record {
  std::optional<Enrollment> enrollment;  // Empty: not enrolled.
  LoginState state;
};

// What a login may do.
class LoginStore {
 public:
  virtual ~LoginStore() = default;

  // Whether the user has a record.  Takes no lock and trusts no content; the
  // truth at the moment of a decision is what Update shows.
  virtual Result<Presence> Find(const UserName& user) const = 0;

  // What the user has enrolled, in the same way: for what is shown before the
  // decision.  kNotFound.
  virtual Result<Enrollment> ReadEnrollment(const UserName& user) const = 0;

  // A login's one change: with everybody else who changes this user's record
  // kept out, reads it, lets `decide` judge it, and makes the new state last
  // as asked.  The verdict is handed out only after that; every error means
  // that nothing may be granted.
  //
  //   decide  (const Enrollment&, const Moment&, StateChange&)
  //           -> Result<Verdict>; turns the state as it was read into the new
  //           one.  Pure but for that, and may be called more than once, each
  //           time with the state as it then is; the last call counts.
  //
  // kNotFound when the user has no record.
  template <typename Verdict, typename Decide>
  Result<Verdict> Update(const UserName& user, const Decide& decide) {
    Verdict verdict{};
    RETURN_IF_ERROR(UpdateState(
        user,
        [&](const Enrollment& enrollment, const Moment& moment,
            StateChange& change) -> Result<void> {
          ASSIGN_OR_RETURN(verdict, decide(enrollment, moment, change));
          return {};
        }));
    return verdict;
  }

  // What Update is made of.
  using DecideState = std::function<Result<void>(const Enrollment&,
                                                 const Moment&, StateChange&)>;
  virtual Result<void> UpdateState(const UserName& user,
                                   const DecideState& decide) = 0;
};

// What an enrollment may do besides.
class RecordStore : public LoginStore {
 public:
  // An administrator's or an enrollment's change, to the enrollment too.  What
  // `change` returns replaces the record; a record without enrollment is
  // removed, and so is the state of devices that it no longer lists.  A failure
  // at any moment leaves the old record or the new one.
  using ChangeRecord = std::function<Result<Record>(Record, const Moment&)>;
  virtual Result<void> Change(const UserName& user,
                              const ChangeRecord& change) = 0;

  // The record as it is now; without enrollment when there is none, and with
  // what is left of the state of one that was removed.
  virtual Result<Record> Read(const UserName& user) = 0;
};

// What an administrator may do besides.
class Store : public RecordStore {
 public:
  // Everybody who has a secret file, good or bad, sorted by name.
  virtual Result<std::vector<UserName>> Users() const = 0;

  // Brings secret file and lockout file in step again after damage, refusing
  // rather than reviving what may have been used: codes of this moment, and
  // every step before, count as spent.  Returns what was done, a line each.
  // Never removes a record: kNeedsRepair when the secret file is gone, or is
  // one of a removed record.  Then it has to be restored, or Reset.
  virtual Result<std::vector<std::string>> Repair(const UserName& user) = 0;

  // Removes the record even when it cannot be read.
  virtual Result<void> Reset(const UserName& user) = 0;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_STORE_H_
