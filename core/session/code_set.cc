// SPDX-License-Identifier: Apache-2.0
//
// code_set.cc - making codes, and putting sets into a record.

#include "core/session/code_set.h"

#include <algorithm>
#include <utility>

#include "core/base/encoding.h"
#include "core/base/random.h"
#include "core/factor/backup_code.h"

namespace twofactor {
namespace {

// A canonical code, its bits fresh from the kernel.
Result<Secret> RandomCode() {
  while (true) {
    SecretArray<kBackupCodeSize> entropy;
    RETURN_IF_ERROR(FillRandom(entropy.ExposeMutable()));
    if (auto code = BackupCodeFrom(entropy.Expose())) return std::move(*code);
  }
}

Result<NewCodes> MakeCodes(CodeSet::Kind kind, int count,
                           const Moment& moment) {
  NewCodes made;
  CodeSet& set = made.set;
  ASSIGN_OR_RETURN(const std::uint64_t id, RandomId());
  set.id = CodeSetId{id};
  set.kind = kind;
  set.created = moment.now;
  set.key = Secret(kCodeKeySize);
  RETURN_IF_ERROR(FillRandom(set.key.ExposeMutable()));
  while (set.hashes.size() < static_cast<std::size_t>(count)) {
    ASSIGN_OR_RETURN(const Secret code, RandomCode());
    ASSIGN_OR_RETURN(const CodeHash hash,
                     HashCode(set.key.Expose(), code.Expose()));
    // Of two alike, a login could spend but one.
    if (std::ranges::find(set.hashes, hash) != set.hashes.end()) continue;
    set.hashes.push_back(hash);
    made.codes.push_back(InGroups(code.Expose()));
  }
  return made;
}

std::size_t DropIf(Record& record, auto unwanted) {
  return std::erase_if(record.enrollment->code_sets, unwanted);
}

}  // namespace

Result<NewCodes> MakeBackupCodes(int count, const Moment& moment) {
  if (count < 1 || count > static_cast<int>(kMaxCodesInSet))
    return Fail(ErrorCode::kInvalid, "a set has 1 to 32 codes");
  return MakeCodes(CodeSet::Kind::kBackup, count, moment);
}

Result<NewCodes> MakeBypass(const BypassRequest& request,
                            const Moment& moment) {
  if (request.uses < 1 || request.uses > kMaxBypassUses)
    return Fail(ErrorCode::kInvalid, "a bypass is for 1 to 100 logins");
  if (request.lifetime < std::chrono::seconds(1) ||
      request.lifetime > kMaxBypassLifetime)
    return Fail(ErrorCode::kInvalid, "a bypass lasts 1 s to 7 d");
  if (request.reason.empty() || request.reason.size() > kMaxReasonSize ||
      !IsPrintableUtf8(request.reason))
    return Fail(ErrorCode::kInvalid,
                "the reason is not printable UTF-8 of 1 to 128 bytes");
  ASSIGN_OR_RETURN(NewCodes made, MakeCodes(CodeSet::Kind::kBypass, 1, moment));
  made.set.expires = moment.now + request.lifetime;
  made.set.uses = request.uses;
  made.set.reason = request.reason;
  return made;
}

bool IsLiveBypass(const CodeSet& set, const CodeSetState* state, UnixTime now) {
  return set.kind == CodeSet::Kind::kBypass && now < set.expires &&
         CodesLeft(set, state) > 0;
}

Result<void> AddCodeSet(const CodeSet& set, Record& record) {
  auto& sets = record.enrollment->code_sets;
  if (set.kind != CodeSet::Kind::kBypass &&
      record.enrollment->FindSet(set.kind))
    return Fail(ErrorCode::kExists, "the user has such codes");
  if (sets.size() >= kMaxCodeSets)
    return Fail(ErrorCode::kCapacity, "a user has at most 8 sets of codes");
  if (record.state.code_sets.full())
    DropOrphans(record.state, record.enrollment);
  CodeSetState state;
  state.id = set.id;
  if (!record.state.code_sets.Add(state))
    return Fail(ErrorCode::kCapacity, "no room for a state of codes");
  sets.push_back(set.Copy());
  return {};
}

std::size_t DropCodeSet(CodeSetId id, Record& record) {
  return DropIf(record, [&](const CodeSet& set) { return set.id == id; });
}

std::size_t DropBackupCodes(Record& record) {
  return DropIf(record, [](const CodeSet& set) {
    return set.kind == CodeSet::Kind::kBackup;
  });
}

std::size_t DropBypasses(Record& record) {
  return DropIf(record, [](const CodeSet& set) {
    return set.kind == CodeSet::Kind::kBypass;
  });
}

std::size_t DropDeadBypasses(Record& record, UnixTime now) {
  return DropIf(record, [&](const CodeSet& set) {
    return set.kind == CodeSet::Kind::kBypass &&
           !IsLiveBypass(set, record.state.Find(set.id), now);
  });
}

}  // namespace twofactor
