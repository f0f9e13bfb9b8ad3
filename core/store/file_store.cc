// SPDX-License-Identifier: Apache-2.0
//
// file_store.cc - making a store, and what only administrators do to it.

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

constexpr std::uint32_t kAllSpent = 0xFFFF'FFFF;

std::unexpected<Error> FailRepair(const std::string& what) {
  return Fail(ErrorCode::kNeedsRepair, what);
}

// Whether a folder that may not exist itself holds the name.
Result<bool> FolderHolds(const std::string& folder, const char* name) {
  const auto opened = OpenFolder(folder, Privacy::kRootOnly);
  if (opened) return ExistsAt(opened->get(), name);
  if (opened.error().code == ErrorCode::kNotFound) return false;
  return std::unexpected(opened.error());
}

Result<void> WriteMarker(int state_folder, const Keyring& keyring) {
  ASSIGN_OR_RETURN(const auto marker, Seal(keyring, {SealPurpose::kMarker, ""},
                                           AsBytes(kMarkerText)));
  return ReplaceFileAt(state_folder, kMarkerName, marker, kMarkerMode);
}

// A device and backup codes like those that users have, whose keys nobody
// knows.
Result<Record> EnrollNobodyOnce(Record record, const Moment&) {
  if (record.enrollment) return record;
  Enrollment& enrollment = record.enrollment.emplace();
  Device& device = enrollment.devices.emplace_back();
  ASSIGN_OR_RETURN(const std::uint64_t device_id, RandomId());
  device.id = DeviceId{device_id};
  device.label = "nobody";
  device.key = Secret(20);
  RETURN_IF_ERROR(FillRandom(device.key.ExposeMutable()));
  DeviceState device_state;
  device_state.id = device.id;
  (void)record.state.devices.Add(device_state);

  CodeSet& set = enrollment.code_sets.emplace_back();
  ASSIGN_OR_RETURN(const std::uint64_t set_id, RandomId());
  set.id = CodeSetId{set_id};
  set.key = Secret(32);
  RETURN_IF_ERROR(FillRandom(set.key.ExposeMutable()));
  for (CodeSet::Hash& hash : set.hashes = std::vector<CodeSet::Hash>(10))
    RETURN_IF_ERROR(FillRandom(hash));
  CodeSetState set_state;
  set_state.id = set.id;
  (void)record.state.code_sets.Add(set_state);
  return record;
}

// What a lost stand-in may have known better.  Counters and codes are never
// spent but on the disk.
void DropTotpStates(LoginState& state, const Enrollment& enrollment) {
  for (const Device& device : enrollment.devices)
    for (std::size_t i = state.devices.size(); i-- > 0;)
      if (device.kind == DeviceKind::kTotp && state.devices[i].id == device.id)
        state.devices.RemoveAt(i);
}

DeviceState SpentDeviceState(const Device& device, const Moment& moment) {
  DeviceState state;
  state.id = device.id;
  if (moment.boot) state.boot = moment.boot->id;
  if (device.kind == DeviceKind::kHotp) {
    state.next = kCounterLost;
    return state;
  }
  state.next = Counter{static_cast<std::uint64_t>(
                           moment.now.time_since_epoch() / device.period) +
                       kStepsSpentByRepair};
  return state;
}

Result<void> AddMissingStates(const Enrollment& enrollment,
                              const Moment& moment, LoginState& state,
                              std::vector<std::string>& done) {
  for (const Device& device : enrollment.devices) {
    if (state.Find(device.id)) continue;
    if (!state.devices.Add(SpentDeviceState(device, moment)))
      return Fail(ErrorCode::kCapacity, "no room for a device's state");
    done.push_back(
        "device \"" + device.label + "\" had no state; " +
        (device.kind == DeviceKind::kHotp
             ? "its codes are refused until it is resynced: twofactor resync"
             : "its codes are refused for " +
                   std::to_string(
                       kStepsSpentByRepair *
                       static_cast<std::uint64_t>(device.period.count())) +
                   " s from now"));
  }
  for (const Address& address : enrollment.addresses) {
    if (state.Find(address.id)) continue;
    DeviceState fresh;  // With no code on its way there is none to revive.
    fresh.id = address.id;
    if (!state.devices.Add(fresh))
      return Fail(ErrorCode::kCapacity, "no room for an address's state");
    done.push_back("address \"" + address.label + "\" had no state");
  }
  for (const CodeSet& set : enrollment.code_sets) {
    if (state.Find(set.id)) continue;
    if (!state.code_sets.Add({set.id, kAllSpent, {}}))
      return Fail(ErrorCode::kCapacity, "no room for a state of codes");
    done.push_back(set.kind == CodeSet::Kind::kBypass
                       ? "a bypass had no state; it is revoked"
                       : "backup codes had no state; all count as used");
  }
  return {};
}

// What can still be read of a user's state after damage.
struct Salvage {
  enum class Loss : std::uint8_t {
    kNothing = 0,
    kStandIn,     // What was committed to it; the disk's older state is left.
    kEverything,  // The file has to be written anew.
  };
  LoginState state;
  Loss loss = Loss::kNothing;
};

// Errors that say nothing of the content, such as a failing disk, are returned:
// what could be read again later must not be thrown away.
Result<Salvage> SalvageState(LockedUser& locked,
                             std::vector<std::string>& done) {
  Salvage salvage;
  const auto state = locked.LoadState(salvage.state);
  if (state) return salvage;
  const ErrorCode code = state.error().code;
  if (code != ErrorCode::kCorrupt && code != ErrorCode::kUntrustedFile)
    return std::unexpected(state.error());

  const auto on_disk = locked.LoadStateOfDisk(salvage.state);
  if (on_disk) {
    done.push_back(
        "the state in the runtime folder was unreadable; it is removed");
    salvage.loss = Salvage::Loss::kStandIn;
  } else if (on_disk.error().code == ErrorCode::kCorrupt) {
    done.push_back("the lockout file was unreadable; it is written anew");
    salvage.loss = Salvage::Loss::kEverything;
  } else {
    return std::unexpected(on_disk.error());
  }
  return salvage;
}

// Only when the disk has the new state may what is unreadable go.
Result<void> CommitSalvage(LockedUser& locked, const Salvage& salvage) {
  if (salvage.loss == Salvage::Loss::kEverything)
    return locked.Rewrite(salvage.state);
  RETURN_IF_ERROR(locked.Commit(salvage.state, Durability::kPowerCut));
  if (salvage.loss == Salvage::Loss::kNothing) return {};
  return locked.DropStandIn();
}

}  // namespace

// Opening and making -------------------------------------------------------

Result<std::unique_ptr<FileStore>> FileStore::Open(const StorePaths& paths,
                                                   const Clock& clock) {
  ASSIGN_OR_RETURN(auto folders, StoreFolders::OpenProven(paths, clock));
  return std::unique_ptr<FileStore>(new FileStore(std::move(folders)));
}

Result<void> FileStore::Create(const StorePaths& paths) {
  ASSIGN_OR_RETURN(const bool has_keys, FolderHolds(paths.keys, kKeyringName));
  ASSIGN_OR_RETURN(const bool has_store, FolderHolds(paths.state, kMarkerName));
  if (has_keys && has_store) {
    ASSIGN_OR_RETURN(const auto store, Open(paths, SystemClock()));
    RETURN_IF_ERROR(store->Change(UserName::Nobody(), EnrollNobodyOnce));
    return Fail(ErrorCode::kExists, paths.state + " holds a store");
  }
  if (has_keys)
    return Fail(ErrorCode::kStoreMissing, paths.keys + " holds keys, but " +
                                              paths.state +
                                              " holds no store: is it mounted");
  if (has_store)
    return Fail(ErrorCode::kStoreMissing,
                paths.state + " holds a store whose keys are gone");
  RETURN_IF_ERROR(MakeFolder(paths.state));  // Before there are keys for it.
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
  ASSIGN_OR_RETURN(const UniqueFd lock, LockFolder(state.get()));
  RETURN_IF_ERROR(WriteMarker(state.get(), keyring));
  ASSIGN_OR_RETURN(const auto store, Open(paths, SystemClock()));
  return store->Change(UserName::Nobody(), EnrollNobodyOnce);
}

// As an enrollment --------------------------------------------------------

Result<Presence> FileStore::Find(const UserName& user) const {
  return records_.Find(user);
}

Result<Enrollment> FileStore::ReadEnrollment(const UserName& user) const {
  return records_.ReadEnrollment(user);
}

Result<void> FileStore::UpdateState(const UserName& user,
                                    const DecideState& decide) {
  return records_.UpdateState(user, decide);
}

Result<Record> FileStore::Read(const UserName& user) {
  return records_.Read(user);
}

Result<void> FileStore::Change(const UserName& user,
                               const ChangeRecord& change) {
  return records_.Change(user, change);
}

// As an administrator -----------------------------------------------------

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

Result<std::vector<UserName>> FileStore::UsersWithState() const {
  ASSIGN_OR_RETURN(std::vector<UserName> users, Users());
  ASSIGN_OR_RETURN(const auto names, NamesIn(folders().lockout.get()));
  std::vector<UserName> removed;
  for (const std::string& name : names) {
    const auto user = UserOfFileName(name);
    if (user &&
        !std::ranges::binary_search(users, user->text(), {}, &UserName::text))
      removed.push_back(*user);
  }
  users.insert(users.end(), removed.begin(), removed.end());
  return users;
}

Result<std::vector<std::string>> FileStore::Repair(const UserName& user) {
  RETURN_IF_ERROR(CheckCallerLimits());
  std::vector<std::string> done;
  const auto presence = Find(user);
  if (presence && *presence == Presence::kAbsent) return done;
  ASSIGN_OR_RETURN(
      LockedUser locked,
      LockedUser::LockOrCreate(folders(), user, RecordMark::kExpected));
  ASSIGN_OR_RETURN(const Moment moment, folders().clock.Now());
  ASSIGN_OR_RETURN(Salvage salvage, SalvageState(locked, done));
  LoginState& state = salvage.state;
  ASSIGN_OR_RETURN(const auto enrollment, locked.ReadEnrollment(state));
  if (!enrollment)
    return FailRepair(presence && *presence == Presence::kRecord
                          ? "the lockout file says that the record was removed"
                          : "the secret file is gone");

  if (salvage.loss == Salvage::Loss::kStandIn)
    DropTotpStates(state, *enrollment);
  if (state.record != RecordMark::kExpected)
    done.push_back("the lockout file expects the secret file again");
  state.record = RecordMark::kExpected;
  DropOrphans(state, enrollment);  // An old copy of a record must not revive.
  RETURN_IF_ERROR(AddMissingStates(*enrollment, moment, state, done));
  if (done.empty()) return done;
  RETURN_IF_ERROR(CommitSalvage(locked, salvage));
  return done;
}

Result<void> FileStore::Reset(const UserName& user) {
  RETURN_IF_ERROR(CheckCallerLimits());
  std::vector<std::string> done;
  ASSIGN_OR_RETURN(
      LockedUser locked,
      LockedUser::LockOrCreate(folders(), user, RecordMark::kRemoved));
  ASSIGN_OR_RETURN(Salvage salvage, SalvageState(locked, done));
  salvage.state.record = RecordMark::kRemoved;
  DropOrphans(salvage.state, std::nullopt);
  RETURN_IF_ERROR(CommitSalvage(locked, salvage));
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
  {
    ASSIGN_OR_RETURN(const UniqueFd lock, LockFolder(folders().state.get()));
    RETURN_IF_ERROR(folders().keyring.Reload());
    RETURN_IF_ERROR(WriteMarker(folders().state.get(), folders().keyring));
  }
  return Change(UserName::Nobody(), EnrollNobodyOnce);
}

}  // namespace twofactor
