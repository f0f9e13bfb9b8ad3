// SPDX-License-Identifier: Apache-2.0
//
// file_store.cc - what enrollments and administrators do to records.

#include "core/store/file_store.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/store/locked_user.h"
#include "core/store/sealing.h"
#include "core/store/secure_file.h"

namespace twofactor {
namespace {

constexpr unsigned kMarkerMode = 0600;

// After damage, codes this far ahead of now may have been used: the widest
// window, the largest drift, and the step itself (factor/totp.h).
constexpr std::uint64_t kStepsSpentByRepair = 2 + 2 + 1;

std::unexpected<Error> FailRepair(const std::string& what) {
  return Fail(ErrorCode::kNeedsRepair, what);
}

Result<void> WriteMarker(int state_folder, const Keyring& keyring) {
  ASSIGN_OR_RETURN(const auto marker, Seal(keyring, {SealPurpose::kMarker, ""},
                                           AsBytes(kMarkerText)));
  return ReplaceFileAt(state_folder, kMarkerName, marker, kMarkerMode);
}

// A device like those that users have, whose key nobody knows.
Result<Record> EnrollNobody(Record record, const Moment&) {
  TotpDevice device;
  ASSIGN_OR_RETURN(const std::uint64_t id, RandomId());
  device.id = DeviceId{id};
  device.label = "nobody";
  device.key = Secret(20);
  RETURN_IF_ERROR(FillRandom(device.key.ExposeMutable()));
  DeviceState state;
  state.id = device.id;
  (void)record.state.devices.Add(state);
  record.enrollment.emplace().totp_devices.push_back(std::move(device));
  return record;
}

// Drops what devices left behind that the enrollment does not list: removed
// ones, and those of an enrollment that failed half way.
void DropOrphans(LoginState& state, const std::optional<Enrollment>& listed) {
  for (std::size_t i = state.devices.size(); i-- > 0;) {
    const DeviceId id = state.devices[i].id;
    if (!listed ||
        std::ranges::find(listed->totp_devices, id, &TotpDevice::id) ==
            listed->totp_devices.end())
      state.devices.RemoveAt(i);
  }
}

DeviceState SpentDeviceState(const TotpDevice& device, const Moment& moment) {
  DeviceState state;
  state.id = device.id;
  state.next = Counter{static_cast<std::uint64_t>(
                           moment.now.time_since_epoch() / device.period) +
                       kStepsSpentByRepair};
  if (moment.boot) state.boot = moment.boot->id;
  return state;
}

}  // namespace

// Opening and making -------------------------------------------------------

Result<std::unique_ptr<FileStore>> FileStore::Open(const StorePaths& paths,
                                                   const Clock& clock) {
  ASSIGN_OR_RETURN(auto folders, StoreFolders::Open(paths, clock));
  return std::unique_ptr<FileStore>(new FileStore(std::move(folders)));
}

Result<void> FileStore::Create(const StorePaths& paths) {
  ASSIGN_OR_RETURN(const UniqueFd keys, MakeFolder(paths.keys));
  ASSIGN_OR_RETURN(const UniqueFd state, MakeFolder(paths.state));
  ASSIGN_OR_RETURN(const bool has_keys, ExistsAt(keys.get(), kKeyringName));
  ASSIGN_OR_RETURN(const bool has_store, ExistsAt(state.get(), kMarkerName));
  if (has_keys && has_store)
    return Fail(ErrorCode::kExists, paths.state + " holds a store");
  if (has_keys)
    return Fail(ErrorCode::kStoreMissing, paths.keys + " holds keys, but " +
                                              paths.state +
                                              " holds no store: is it mounted");
  if (has_store)
    return Fail(ErrorCode::kStoreMissing,
                paths.state + " holds a store whose keys are gone");
  RETURN_IF_ERROR(Keyring::Create(paths.keys));
  return CreateForExistingKeys(paths);
}

Result<void> FileStore::CreateForExistingKeys(const StorePaths& paths) {
  ASSIGN_OR_RETURN(const Keyring keyring, Keyring::Open(paths.keys));
  ASSIGN_OR_RETURN(UniqueFd state, MakeFolder(paths.state));
  ASSIGN_OR_RETURN(const bool exists, ExistsAt(state.get(), kMarkerName));
  if (exists) return Fail(ErrorCode::kExists, paths.state + " holds a store");
  RETURN_IF_ERROR(MakeFolderAt(state.get(), kSecretsFolder));
  RETURN_IF_ERROR(MakeFolderAt(state.get(), kLockoutFolder));
  RETURN_IF_ERROR(WriteMarker(state.get(), keyring));
  ASSIGN_OR_RETURN(const auto store, Open(paths, SystemClock()));
  return store->Change(UserName::Nobody(), EnrollNobody);
}

// As a login --------------------------------------------------------------

Result<Presence> FileStore::Find(const UserName& user) const {
  return logins_.Find(user);
}

Result<void> FileStore::UpdateState(const UserName& user,
                                    const DecideState& decide) {
  return logins_.UpdateState(user, decide);
}

// Reading ------------------------------------------------------------------

Result<Record> FileStore::Read(const UserName& user) {
  ASSIGN_OR_RETURN(const Presence presence, Find(user));
  if (presence == Presence::kAbsent) return Record{};
  auto locked = LockedUser::Lock(folders(), user);
  if (!locked && locked.error().code == ErrorCode::kNotFound)
    return FailRepair("the secret file stands without its lockout file");
  if (!locked) return std::unexpected(locked.error());
  Record record;
  ASSIGN_OR_RETURN(record.state, locked->LoadState());
  ASSIGN_OR_RETURN(record.enrollment, locked->ReadEnrollment());
  return record;
}

Result<std::vector<UserName>> FileStore::Users() const {
  ASSIGN_OR_RETURN(const auto names, NamesIn(folders().secrets.get()));
  std::vector<UserName> users;
  for (const std::string& name : names) {
    if (auto user = UserOfFileName(name)) users.push_back(*user);
    if (!IsHashedFileName(name)) continue;
    auto sealed = ReadFileAt(folders().secrets.get(), name, kMaxSealedSize,
                             Privacy::kRootOnly);
    if (!sealed) continue;
    auto header = ReadSealHeader(sealed->Expose());
    if (!header) continue;
    auto user = UserName::Create(header->user);
    if (user && RecordFileName(*user) == name) users.push_back(*user);
  }
  std::ranges::sort(users, {}, &UserName::text);
  return users;
}

// Changing -----------------------------------------------------------------

Result<void> FileStore::Change(const UserName& user,
                               const ChangeRecord& change) {
  RETURN_IF_ERROR(CheckCallerLimits());
  ASSIGN_OR_RETURN(const Presence presence, Find(user));
  auto locked = presence == Presence::kRecord
                    ? LockedUser::Lock(folders(), user)
                    : LockedUser::LockOrCreate(folders(), user);
  if (!locked && locked.error().code == ErrorCode::kNotFound)
    return FailRepair("the secret file stands without its lockout file");
  if (!locked) return std::unexpected(locked.error());

  Record record;
  ASSIGN_OR_RETURN(record.state, locked->LoadState());
  ASSIGN_OR_RETURN(record.enrollment, locked->ReadEnrollment());
  const RecordMark mark = record.state.record;
  if (!record.enrollment && mark == RecordMark::kExpected)
    return FailRepair("the lockout file stands without its secret file");

  ASSIGN_OR_RETURN(const Moment moment, folders().clock.Now());
  DropOrphans(record.state, record.enrollment);
  ASSIGN_OR_RETURN(Record changed, change(std::move(record), moment));
  if (!changed.enrollment) {
    changed.state.record = RecordMark::kRemoved;
    changed.state.devices.Clear();
    RETURN_IF_ERROR(locked->Commit(changed.state, Durability::kPowerCut));
    return locked->RemoveEnrollment();
  }
  changed.state.record = mark;
  RETURN_IF_ERROR(locked->Commit(changed.state, Durability::kPowerCut));
  RETURN_IF_ERROR(locked->WriteEnrollment(*changed.enrollment));
  LoginState settled = changed.state;
  settled.record = RecordMark::kExpected;
  DropOrphans(settled, changed.enrollment);
  if (settled == changed.state) return {};
  return locked->Commit(settled, Durability::kPowerCut);
}

Result<std::vector<std::string>> FileStore::Repair(const UserName& user) {
  RETURN_IF_ERROR(CheckCallerLimits());
  std::vector<std::string> done;
  ASSIGN_OR_RETURN(LockedUser locked,
                   LockedUser::LockOrCreate(folders(), user));
  ASSIGN_OR_RETURN(const auto enrollment, locked.ReadEnrollment());
  ASSIGN_OR_RETURN(const Moment moment, folders().clock.Now());

  auto state = locked.LoadState();
  const bool lost = !state;
  if (lost) {
    done.push_back("the lockout file was unreadable; it is written anew");
    state = LoginState{};
    state->record = RecordMark::kRemoved;
  }
  const RecordMark mark =
      enrollment ? RecordMark::kExpected : RecordMark::kRemoved;
  if (state->record != mark) {
    done.push_back(enrollment ? "the lockout file expects the secret file again"
                              : "the secret file is gone; the user counts as "
                                "not enrolled from now on");
    state->record = mark;
  }
  DropOrphans(*state, enrollment);  // An old copy of a record must not revive.
  if (enrollment) {
    for (const TotpDevice& device : enrollment->totp_devices) {
      if (state->Find(device.id)) continue;
      if (!state->devices.Add(SpentDeviceState(device, moment)))
        return Fail(ErrorCode::kCapacity, "no room for a device's state");
      done.push_back("device \"" + device.label +
                     "\" had no state; codes up to now count as used");
    }
  }
  if (done.empty()) return done;
  RETURN_IF_ERROR(lost ? locked.Rewrite(*state)
                       : locked.Commit(*state, Durability::kPowerCut));
  return done;
}

Result<void> FileStore::Reset(const UserName& user) {
  RETURN_IF_ERROR(CheckCallerLimits());
  ASSIGN_OR_RETURN(LockedUser locked,
                   LockedUser::LockOrCreate(folders(), user));
  auto loaded = locked.LoadState();
  LoginState state = loaded ? *loaded : LoginState{};
  state.record = RecordMark::kRemoved;
  state.devices.Clear();
  RETURN_IF_ERROR(loaded ? locked.Commit(state, Durability::kPowerCut)
                         : locked.Rewrite(state));
  return locked.RemoveEnrollment();
}

// Keys ---------------------------------------------------------------------

Result<KeyId> FileStore::KeyOf(const UserName& user) const {
  ASSIGN_OR_RETURN(const std::string file, RecordFileName(user));
  ASSIGN_OR_RETURN(const Secret sealed,
                   ReadFileAt(folders().secrets.get(), file, kMaxSealedSize,
                              Privacy::kRootOnly));
  ASSIGN_OR_RETURN(const SealHeader header, ReadSealHeader(sealed.Expose()));
  return header.key;
}

Result<KeyId> FileStore::KeyOfMarker() const {
  ASSIGN_OR_RETURN(const Secret sealed,
                   ReadSealedMarker(folders().state.get()));
  ASSIGN_OR_RETURN(const SealHeader header, ReadSealHeader(sealed.Expose()));
  return header.key;
}

Result<void> FileStore::RewrapMarker() {
  RETURN_IF_ERROR(WriteMarker(folders().state.get(), folders().keyring));
  return Change(UserName::Nobody(),
                [](Record record, const Moment& moment) -> Result<Record> {
                  if (record.enrollment) return record;
                  return EnrollNobody(std::move(record), moment);
                });
}

}  // namespace twofactor
