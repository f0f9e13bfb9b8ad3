// SPDX-License-Identifier: Apache-2.0
//
// file_store.cc - secret files, lockout files, and what they say together.

#include "core/store/file_store.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "core/base/audit_log.h"
#include "core/base/random.h"
#include "core/store/sealing.h"
#include "core/store/secure_file.h"
#include "core/store/slot_file.h"

namespace twofactor {
namespace {

constexpr unsigned kSecretMode = 0600;
constexpr std::string_view kMarkerText = "twofactor store 1";

// After damage, codes this far ahead of now may have been used: the widest
// window, the largest drift, and the step itself (factor/totp.h).
constexpr std::uint64_t kStepsSpentByRepair = 2 + 2 + 1;

using StateBytes = std::array<std::uint8_t, kMaxLoginStateSize>;

Result<Bytes> Encode(const LoginState& state, StateBytes& buffer) {
  ASSIGN_OR_RETURN(const std::size_t size, EncodeLoginState(state, buffer));
  return Bytes(buffer).first(size);
}

std::unexpected<Error> FailRepair(const std::string& what) {
  return Fail(ErrorCode::kNeedsRepair, what);
}

// A write beyond the limit would be answered with SIGXFSZ, which kills the
// host; `su` inherits the limits of whoever calls it.
Result<void> CheckCallerLimits() {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
    return FailErrno(ErrorCode::kIo, "getrlimit", errno);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < kMaxSealedSize)
    return Fail(ErrorCode::kCallerLimits,
                "the caller's file size limit (ulimit -f) is too low");
  return {};
}

template <typename T>
Result<T> StoreMissingIfAbsent(Result<T> result) {
  if (!result && result.error().code == ErrorCode::kNotFound)
    return Fail(ErrorCode::kStoreMissing, result.error().context);
  return result;
}

Result<void> WriteMarker(int state_folder, const Keyring& keyring) {
  ASSIGN_OR_RETURN(const auto marker, Seal(keyring, {SealPurpose::kMarker, ""},
                                           AsBytes(kMarkerText)));
  return ReplaceFileAt(state_folder, kMarkerName, marker, kSecretMode);
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

Result<Secret> ReadMarker(int state_folder) {
  return StoreMissingIfAbsent(ReadFileAt(state_folder, kMarkerName,
                                         kMaxSealedSize, Privacy::kRootOnly));
}

// The state once the secret file stands: it is expected from now on, and
// devices that are gone leave nothing behind.
LoginState Settled(const Record& record) {
  LoginState state = record.state;
  state.record = RecordMark::kExpected;
  const auto& devices = record.enrollment->totp_devices;
  for (std::size_t i = state.devices.size(); i-- > 0;) {
    const DeviceId id = state.devices[i].id;
    if (std::ranges::find(devices, id, &TotpDevice::id) == devices.end())
      state.devices.RemoveAt(i);
  }
  return state;
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

// A line about the store that is sent when its owner goes: after the unlock.
struct SendLater {
  Severity severity = Severity::kNotice;
  void operator()(const LogLine* line) const {
    line->Send(severity);
    delete line;
  }
};
using DeferredLine = std::unique_ptr<const LogLine, SendLater>;

}  // namespace

// One user's files, from the moment that the lock is held.  While the disk
// takes no writes, the state lives in a second file under /run; the one of the
// higher sequence is the truth, and the disk's commit ends the other.
class FileStore::LockedUser {
 public:
  static Result<LockedUser> Lock(const FileStore& store, const UserName& user) {
    ASSIGN_OR_RETURN(std::string file, RecordFileName(user));
    ASSIGN_OR_RETURN(
        SlotFile slots,
        SlotFile::Lock({store.lockout_folder_.get(), file, user.text()},
                       store.clock_));
    return LockedUser(store, user, std::move(file), std::move(slots));
  }

  // Makes the lockout file where there is none; its state then says that no
  // secret file is expected.
  static Result<LockedUser> LockOrCreate(const FileStore& store,
                                         const UserName& user) {
    ASSIGN_OR_RETURN(std::string file, RecordFileName(user));
    LoginState fresh;
    fresh.record = RecordMark::kRemoved;
    StateBytes buffer;
    ASSIGN_OR_RETURN(const Bytes body, Encode(fresh, buffer));
    ASSIGN_OR_RETURN(
        SlotFile slots,
        SlotFile::LockOrCreate({store.lockout_folder_.get(), file, user.text()},
                               body, store.clock_));
    return LockedUser(store, user, std::move(file), std::move(slots));
  }

  Result<LoginState> LoadState() {
    RETURN_IF_ERROR(disk_.Load());
    RETURN_IF_ERROR(LoadStandIn());
    return DecodeLoginState(StandInIsNewer() ? stand_in_->body()
                                             : disk_.body());
  }

  Result<void> Commit(const LoginState& state, Durability durability) {
    StateBytes buffer;
    ASSIGN_OR_RETURN(const Bytes body, Encode(state, buffer));
    const std::uint64_t sequence = NextSequence();
    // Until the disk has it for sure, the stand-in must not go.
    const bool sync = durability != Durability::kCrash || stand_in_.has_value();
    auto written =
        disk_.Commit(body, sequence,
                     sync ? SlotDurability::kSynced : SlotDurability::kWritten);
    if (written) return stand_in_ ? RemoveStandIn() : written;
    if (written.error().code != ErrorCode::kReadOnly) return written;
    if (durability == Durability::kPowerCut) return written;
    return CommitToStandIn(body, sequence + 1, written.error());
  }

  // A state for a lockout file whose content is lost.
  Result<void> Rewrite(const LoginState& state) {
    StateBytes buffer;
    ASSIGN_OR_RETURN(const Bytes body, Encode(state, buffer));
    RETURN_IF_ERROR(disk_.Rewrite(body, NextSequence()));
    ASSIGN_OR_RETURN(auto folder, store_->OpenStandInFolder());
    if (!folder) return {};
    stand_in_folder_ = std::move(*folder);
    return RemoveStandIn();
  }

  // Empty when there is no secret file.
  Result<std::optional<Enrollment>> ReadEnrollment() const {
    return store_->ReadEnrollment(*user_, file_);
  }

  Result<void> WriteEnrollment(const Enrollment& enrollment) const {
    ASSIGN_OR_RETURN(const Secret payload, EncodeEnrollment(enrollment));
    ASSIGN_OR_RETURN(
        const auto sealed,
        Seal(store_->keyring_, {SealPurpose::kEnrollment, user_->text()},
             payload.Expose()));
    return ReplaceFileAt(store_->secrets_folder_.get(), file_, sealed,
                         kSecretMode);
  }

  Result<void> RemoveEnrollment() const {
    return RemoveFileAt(store_->secrets_folder_.get(), file_);
  }

 private:
  LockedUser(const FileStore& store, const UserName& user, std::string file,
             SlotFile disk)
      : store_(&store),
        user_(&user),
        file_(std::move(file)),
        disk_(std::move(disk)) {}

  bool StandInIsNewer() const {
    return stand_in_ && stand_in_->sequence() > disk_.sequence();
  }

  std::uint64_t NextSequence() const {
    const std::uint64_t stand_in = stand_in_ ? stand_in_->sequence() : 0;
    return std::max(disk_.sequence(), stand_in) + 1;
  }

  Result<void> LoadStandIn() {
    ASSIGN_OR_RETURN(auto folder, store_->OpenStandInFolder());
    if (!folder) return {};
    stand_in_folder_ = std::move(*folder);
    auto slots = SlotFile::Open(StandInName());
    if (!slots && slots.error().code == ErrorCode::kNotFound) return {};
    if (!slots) return std::unexpected(slots.error());
    RETURN_IF_ERROR(slots->Load());
    stand_in_.emplace(std::move(*slots));
    return {};
  }

  SlotFileName StandInName() const {
    return {stand_in_folder_.get(), file_, user_->text()};
  }

  Result<void> CommitToStandIn(Bytes body, std::uint64_t sequence,
                               const Error& cause) {
    LogLine line("state_on_run");
    line.Add("user", user_->text()).Add("reason", ErrorName(cause.code));
    line.Add("detail", cause.context);
    notice_ = {new LogLine(line), SendLater{Severity::kAlert}};
    if (stand_in_)
      return stand_in_->Commit(body, sequence, SlotDurability::kWritten);
    ASSIGN_OR_RETURN(UniqueFd runtime, MakeFolder(store_->paths_.runtime));
    ASSIGN_OR_RETURN(stand_in_folder_,
                     MakeFolderAt(runtime.get(), kLockoutFolder));
    return SlotFile::CreateUnlocked(StandInName(), body, sequence);
  }

  Result<void> RemoveStandIn() {
    stand_in_.reset();
    LogLine line("state_on_disk");
    line.Add("user", user_->text());
    notice_ = {new LogLine(line), SendLater{Severity::kNotice}};
    return RemoveFileAt(stand_in_folder_.get(), file_);
  }

  const FileStore* store_;
  const UserName* user_;
  std::string file_;
  DeferredLine notice_;  // Before disk_, so that it outlives the lock.
  UniqueFd stand_in_folder_;
  SlotFile disk_;
  std::optional<SlotFile> stand_in_;
};

// Opening and making -------------------------------------------------------

Result<std::unique_ptr<FileStore>> FileStore::Open(const StorePaths& paths,
                                                   const Clock& clock) {
  ASSIGN_OR_RETURN(Keyring keyring, Keyring::Open(paths.keys));
  std::unique_ptr<FileStore> store(
      new FileStore(paths, clock, std::move(keyring)));
  ASSIGN_OR_RETURN(store->state_folder_, StoreMissingIfAbsent(OpenFolder(
                                             paths.state, Privacy::kRootOnly)));
  const int state_folder = store->state_folder_.get();
  ASSIGN_OR_RETURN(const Secret marker, ReadMarker(state_folder));
  ASSIGN_OR_RETURN(const Secret text,
                   twofactor::Open(store->keyring_, {SealPurpose::kMarker, ""},
                                   marker.Expose()));
  if (AsText(text.Expose()) != kMarkerText)
    return Fail(ErrorCode::kCorrupt, "the store's marker");
  ASSIGN_OR_RETURN(store->secrets_folder_,
                   StoreMissingIfAbsent(OpenFolderAt(
                       state_folder, kSecretsFolder, Privacy::kRootOnly)));
  ASSIGN_OR_RETURN(store->lockout_folder_,
                   StoreMissingIfAbsent(OpenFolderAt(
                       state_folder, kLockoutFolder, Privacy::kRootOnly)));
  return store;
}

Result<void> FileStore::Create(const StorePaths& paths) {
  ASSIGN_OR_RETURN(const UniqueFd keys, MakeFolder(paths.keys));
  ASSIGN_OR_RETURN(const UniqueFd state, MakeFolder(paths.state));
  ASSIGN_OR_RETURN(const bool has_keys, ExistsAt(keys.get(), kKeyringName));
  ASSIGN_OR_RETURN(const bool has_store, ExistsAt(state.get(), kMarkerName));
  if (has_keys && has_store)
    return Fail(ErrorCode::kExists, paths.state + " holds a store");
  if (has_keys)
    return Fail(ErrorCode::kStoreMissing,
                paths.keys + " holds keys, but " + paths.state +
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

Result<std::optional<UniqueFd>> FileStore::OpenStandInFolder() const {
  const std::string path = paths_.runtime + "/" + kLockoutFolder;
  auto folder = OpenFolder(path, Privacy::kRootOnly);
  if (folder) return std::optional(std::move(*folder));
  if (folder.error().code == ErrorCode::kNotFound) return std::nullopt;
  return std::unexpected(folder.error());
}

// Reading ------------------------------------------------------------------

Result<std::optional<Enrollment>> FileStore::ReadEnrollment(
    const UserName& user, const std::string& file) const {
  auto sealed = ReadFileAt(secrets_folder_.get(), file, kMaxSealedSize,
                           Privacy::kRootOnly);
  if (!sealed && sealed.error().code == ErrorCode::kNotFound)
    return std::nullopt;
  if (!sealed) return std::unexpected(sealed.error());
  ASSIGN_OR_RETURN(
      const Secret payload,
      twofactor::Open(keyring_, {SealPurpose::kEnrollment, user.text()},
                      sealed->Expose()));
  ASSIGN_OR_RETURN(Enrollment enrollment, DecodeEnrollment(payload.Expose()));
  return std::optional(std::move(enrollment));
}

Result<Presence> FileStore::Find(const UserName& user) const {
  ASSIGN_OR_RETURN(const std::string file, RecordFileName(user));
  ASSIGN_OR_RETURN(const bool has_secret,
                   ExistsAt(secrets_folder_.get(), file));
  if (has_secret) return Presence::kRecord;

  SlotFileName name{lockout_folder_.get(), file, user.text()};
  auto slots = SlotFile::Open(name);
  if (!slots && slots.error().code == ErrorCode::kNotFound)
    return Presence::kAbsent;
  if (!slots) return std::unexpected(slots.error());
  RETURN_IF_ERROR(slots->Load());
  ASSIGN_OR_RETURN(const LoginState state, DecodeLoginState(slots->body()));
  if (state.record == RecordMark::kRemoved) return Presence::kAbsent;
  return FailRepair("the lockout file stands without its secret file");
}

Result<Record> FileStore::Read(const UserName& user) {
  ASSIGN_OR_RETURN(const Presence presence, Find(user));
  if (presence == Presence::kAbsent) return Record{};
  auto locked = LockedUser::Lock(*this, user);
  if (!locked && locked.error().code == ErrorCode::kNotFound)
    return FailRepair("the secret file stands without its lockout file");
  if (!locked) return std::unexpected(locked.error());
  Record record;
  ASSIGN_OR_RETURN(record.state, locked->LoadState());
  ASSIGN_OR_RETURN(record.enrollment, locked->ReadEnrollment());
  return record;
}

Result<std::vector<UserName>> FileStore::Users() const {
  ASSIGN_OR_RETURN(const auto names, NamesIn(secrets_folder_.get()));
  std::vector<UserName> users;
  for (const std::string& name : names) {
    if (auto user = UserOfFileName(name)) users.push_back(*user);
    if (!IsHashedFileName(name)) continue;
    auto sealed = ReadFileAt(secrets_folder_.get(), name, kMaxSealedSize,
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

Result<void> FileStore::UpdateState(const UserName& user,
                                    const DecideState& decide) {
  RETURN_IF_ERROR(CheckCallerLimits());
  auto locked = LockedUser::Lock(*this, user);
  if (!locked && locked.error().code == ErrorCode::kNotFound) {
    ASSIGN_OR_RETURN(const Presence presence, Find(user));
    if (presence == Presence::kAbsent)
      return Fail(ErrorCode::kNotFound, "not enrolled");
    return FailRepair("the secret file stands without its lockout file");
  }
  if (!locked) return std::unexpected(locked.error());

  ASSIGN_OR_RETURN(const LoginState state, locked->LoadState());
  ASSIGN_OR_RETURN(const auto enrollment, locked->ReadEnrollment());
  if (!enrollment && state.record == RecordMark::kRemoved)
    return Fail(ErrorCode::kNotFound, "not enrolled");
  if (!enrollment)
    return FailRepair("the lockout file stands without its secret file");

  ASSIGN_OR_RETURN(const Moment moment, clock_.Now());
  ASSIGN_OR_RETURN(StateChange change, decide(*enrollment, state, moment));
  change.state.record = RecordMark::kExpected;
  return locked->Commit(change.state, change.durability);
}

Result<void> FileStore::Change(const UserName& user,
                               const ChangeRecord& change) {
  RETURN_IF_ERROR(CheckCallerLimits());
  ASSIGN_OR_RETURN(const Presence presence, Find(user));
  auto locked = presence == Presence::kRecord
                    ? LockedUser::Lock(*this, user)
                    : LockedUser::LockOrCreate(*this, user);
  if (!locked && locked.error().code == ErrorCode::kNotFound)
    return FailRepair("the secret file stands without its lockout file");
  if (!locked) return std::unexpected(locked.error());

  Record record;
  ASSIGN_OR_RETURN(record.state, locked->LoadState());
  ASSIGN_OR_RETURN(record.enrollment, locked->ReadEnrollment());
  const RecordMark mark = record.state.record;
  if (!record.enrollment && mark == RecordMark::kExpected)
    return FailRepair("the lockout file stands without its secret file");

  ASSIGN_OR_RETURN(const Moment moment, clock_.Now());
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
  const LoginState settled = Settled(changed);
  if (settled == changed.state) return {};
  return locked->Commit(settled, Durability::kPowerCut);
}

Result<std::vector<std::string>> FileStore::Repair(const UserName& user) {
  RETURN_IF_ERROR(CheckCallerLimits());
  std::vector<std::string> done;
  ASSIGN_OR_RETURN(LockedUser locked, LockedUser::LockOrCreate(*this, user));
  ASSIGN_OR_RETURN(const auto enrollment, locked.ReadEnrollment());
  ASSIGN_OR_RETURN(const Moment moment, clock_.Now());

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
  ASSIGN_OR_RETURN(LockedUser locked, LockedUser::LockOrCreate(*this, user));
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
                   ReadFileAt(secrets_folder_.get(), file, kMaxSealedSize,
                              Privacy::kRootOnly));
  ASSIGN_OR_RETURN(const SealHeader header, ReadSealHeader(sealed.Expose()));
  return header.key;
}

Result<KeyId> FileStore::KeyOfMarker() const {
  ASSIGN_OR_RETURN(const Secret sealed, ReadMarker(state_folder_.get()));
  ASSIGN_OR_RETURN(const SealHeader header, ReadSealHeader(sealed.Expose()));
  return header.key;
}

Result<void> FileStore::RewrapMarker() {
  return WriteMarker(state_folder_.get(), keyring_);
}

}  // namespace twofactor
