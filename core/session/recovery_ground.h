// SPDX-License-Identifier: Apache-2.0
//
// recovery_ground.h - what a recovery stands on, from the moment in which its
// code was right until the new device is stored.
//
// Between these two somebody looks at a key for as long as they like, and no
// lock is held.  Whoever acts on the record meanwhile wins: an administrator
// who removes, changes or adds something, or another recovery.

#ifndef TWOFACTOR_CORE_SESSION_RECOVERY_GROUND_H_
#define TWOFACTOR_CORE_SESSION_RECOVERY_GROUND_H_

#include <chrono>
#include <vector>

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/store/enrollment.h"

namespace twofactor {

// From when it is sent until it is typed, and from then until the new device
// is stored.
constexpr std::chrono::minutes kRecoveryCodeLife{15};

class RecoveryGround {
 public:
  // `enrollment` as it was `since`, when the code was right.
  RecoveryGround(const Enrollment& enrollment, UnixTime since);

  // Whether the recovery address is the same, nothing was enrolled or removed,
  // something is usable, and kRecoveryCodeLife is not over.
  bool Holds(const Enrollment& enrollment, UnixTime now) const;

 private:
  Secret key_;  // Of the recovery address: another one has another.
  std::vector<DeviceId> factors_;
  std::vector<CodeSetId> code_sets_;
  UnixTime since_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_RECOVERY_GROUND_H_
