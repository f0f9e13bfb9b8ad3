// SPDX-License-Identifier: Apache-2.0
//
// code_set.h - sets of codes that are handed out beforehand: made here, shown
// once, and kept as HMACs.
//
// Whoever makes a set stores it with one Store::Change, shows the codes, and
// takes the set back if they could not be shown.

#ifndef TWOFACTOR_CORE_SESSION_CODE_SET_H_
#define TWOFACTOR_CORE_SESSION_CODE_SET_H_

#include <chrono>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/store/store.h"

namespace twofactor {

constexpr std::chrono::seconds kMaxBypassLifetime = std::chrono::days(7);

struct NewCodes {
  CodeSet set;
  std::vector<Secret> codes;  // "7K3M-9QXP-T2WA", in the order of the hashes.
};

// A set of `count` backup codes, 1..kMaxCodesInSet, no two alike.  kInvalid,
// kIo when there is no entropy, kCrypto.
Result<NewCodes> MakeBackupCodes(int count, const Moment& moment);

struct BypassRequest {
  int uses = 1;  // 1..kMaxBypassUses
  // 1 s..kMaxBypassLifetime from the moment on.
  std::chrono::seconds lifetime = std::chrono::hours(1);
  std::string reason;  // Printable UTF-8, 1..kMaxReasonSize bytes.
};

// A set of one code; errors as above.
Result<NewCodes> MakeBypass(const BypassRequest& request, const Moment& moment);

// Whether its code would be accepted now.
bool IsLiveBypass(const CodeSet& set, const CodeSetState* state, UnixTime now);

// What follows changes a record that has an enrollment, inside Store::Change.

// Puts in a set of which nothing is spent.  kExists when there is one of that
// kind, but for bypasses; kCapacity.
Result<void> AddCodeSet(const CodeSet& set, Record& record);

// Takes sets out.  Their states stay until the enrollment without them has been
// written: Store::Change drops them then.  Each returns how many sets it took.
std::size_t DropCodeSet(CodeSetId id, Record& record);
std::size_t DropBackupCodes(Record& record);
std::size_t DropBypasses(Record& record);
// Only those that no code opens any more.
std::size_t DropDeadBypasses(Record& record, UnixTime now);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_CODE_SET_H_
