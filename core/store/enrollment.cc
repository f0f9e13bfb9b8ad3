// SPDX-License-Identifier: Apache-2.0
//
// enrollment.cc - the payload of a secret file.
//
//   u8 format=1  u8 count  count * entry
//   entry: u8 kind  u16 size  size bytes, in this order of kinds:
//     1, 2  device (TOTP, HOTP)
//       u64 id  u8 status  u8 confirmation  u64 created  u8 algorithm
//       u8 digits  u16 period  u64 first  u8 window  u8 n  label[n]
//       u8 n  key[n]                     window: 255 is none of its own
//     3  set of codes
//       u64 id  u8 kind  u64 created  u64 expires  u8 uses  u8 n  reason[n]
//       key[32]  u8 count  count * hash[32]
//     4  recovery address
//       u64 confirmed  u8 n  address[n]  key[32]
//     5, 6  address (email, SMS)
//       u64 id  u8 status  u8 confirmation  u64 created  u8 n  label[n]
//       u8 n  address[n]  key[32]
//
// Parsed straight into wiping memory: no piece of a key is left in the heap.

#include "core/store/enrollment.h"

#include <algorithm>

#include "core/base/encoding.h"

namespace twofactor {
namespace {

constexpr std::uint8_t kFormat = 1;
enum class EntryKind : std::uint8_t {
  kTotp = 1,
  kHotp = 2,
  kCodeSet = 3,
  kRecovery = 4,
  kEmail = 5,
  kSms = 6,
};

constexpr std::size_t kMaxStoredKeySize = 255;
constexpr std::uint8_t kNoWindow = 255;
constexpr std::size_t kCodeKeySize = 32;
constexpr std::size_t kHeadSize = 1 + 2;
constexpr std::size_t kMaxDeviceSize = 8 + 1 + 1 + 8 + 1 + 1 + 2 + 8 + 1 + 1 +
                                       kMaxLabelSize + 1 + kMaxStoredKeySize;
constexpr std::size_t kMaxCodeSetSize = 8 + 1 + 8 + 8 + 1 + 1 + kMaxReasonSize +
                                        kCodeKeySize + 1 +
                                        kMaxCodesInSet * sizeof(CodeSet::Hash);
constexpr std::size_t kMaxRecoverySize = 8 + 1 + kMaxAddressSize + kCodeKeySize;
constexpr std::size_t kMaxAddressEntrySize =
    8 + 1 + 1 + 8 + 1 + kMaxLabelSize + 1 + kMaxAddressSize + kCodeKeySize;

// Domains ------------------------------------------------------------------

bool IsOneOf(auto value, auto... choices) {
  return ((value == choices) || ...);
}

bool KindFits(const Device& device) {
  switch (device.kind) {
    case DeviceKind::kTotp:
      return device.period.count() > 0 && device.period.count() < 65536 &&
             device.first == Counter{};
    case DeviceKind::kHotp:
      return device.period.count() == 0 && !device.window;
  }
  return false;
}

// What devices and addresses have in common.
bool HeadIsValid(const auto& factor) {
  return factor.id != DeviceId{} && !factor.label.empty() &&
         factor.label.size() <= kMaxLabelSize &&
         IsPrintableUtf8(factor.label) &&
         IsOneOf(factor.status, DeviceStatus::kEnabled,
                 DeviceStatus::kDisabled) &&
         IsOneOf(factor.confirmation, Confirmation::kByCode,
                 Confirmation::kByAdministrator);
}

bool IsValid(const Device& device) {
  return HeadIsValid(device) && KindFits(device) &&
         DigestSize(device.algorithm) != 0 && device.digits > 0 &&
         device.digits < 256 &&
         (!device.window ||
          (*device.window >= 0 && *device.window < kNoWindow)) &&
         !device.key.empty() && device.key.size() <= kMaxStoredKeySize;
}

bool KindFits(const CodeSet& set) {
  switch (set.kind) {
    case CodeSet::Kind::kBackup:
    case CodeSet::Kind::kScratch:
      return set.expires == UnixTime{} && set.uses == 1 && set.reason.empty();
    case CodeSet::Kind::kBypass:
      return set.uses >= 1 && set.uses <= kMaxBypassUses &&
             set.hashes.size() == 1;
  }
  return false;
}

bool IsValid(const CodeSet& set) {
  return set.id != CodeSetId{} && KindFits(set) &&
         set.reason.size() <= kMaxReasonSize && IsPrintableUtf8(set.reason) &&
         set.key.size() == kCodeKeySize && !set.hashes.empty() &&
         set.hashes.size() <= kMaxCodesInSet;
}

bool IsAddressText(std::string_view text) {
  return !text.empty() && text.size() <= kMaxAddressSize &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; });
}

bool IsValid(const RecoveryAddress& recovery) {
  return IsAddressText(recovery.address) && recovery.key.size() == kCodeKeySize;
}

bool IsValid(const Address& address) {
  return HeadIsValid(address) && IsAddressText(address.address) &&
         IsOneOf(address.kind, Address::Kind::kEmail, Address::Kind::kSms) &&
         address.key.size() == kCodeKeySize;
}

bool Clash(const auto& a, const auto& b) {
  return a.id == b.id || a.label == b.label;
}

bool AllDistinct(const std::vector<Device>& devices,
                 const std::vector<Address>& addresses) {
  for (std::size_t i = 0; i < devices.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (Clash(devices[i], devices[j])) return false;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (Clash(addresses[i], addresses[j])) return false;
    for (const Device& device : devices)
      if (Clash(addresses[i], device)) return false;
  }
  return true;
}

// A user has at most one set of backup codes and one of scratch codes.
bool AllDistinct(const std::vector<CodeSet>& sets) {
  for (std::size_t i = 0; i < sets.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (sets[i].id == sets[j].id || (sets[i].kind == sets[j].kind &&
                                       sets[i].kind != CodeSet::Kind::kBypass))
        return false;
  return true;
}

bool AllValid(const Enrollment& enrollment) {
  const auto valid = [](const auto& each) { return IsValid(each); };
  return std::ranges::all_of(enrollment.devices, valid) &&
         std::ranges::all_of(enrollment.code_sets, valid) &&
         std::ranges::all_of(enrollment.addresses, valid) &&
         AllDistinct(enrollment.devices, enrollment.addresses) &&
         AllDistinct(enrollment.code_sets) &&
         (!enrollment.recovery || IsValid(*enrollment.recovery));
}

// Fields -------------------------------------------------------------------

void WriteTime(UnixTime time, ByteWriter& writer) {
  writer.U64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}
UnixTime ReadTime(ByteReader& entry) {
  return UnixTime(std::chrono::seconds(static_cast<std::int64_t>(entry.U64())));
}

void WriteText(std::string_view text, ByteWriter& writer) {
  writer.U8(static_cast<std::uint8_t>(text.size()));
  writer.Put(AsBytes(text));
}
std::string ReadText(ByteReader& entry) {
  return std::string(AsText(entry.Take(entry.U8())));
}

// Entries ------------------------------------------------------------------

void WriteHead(EntryKind kind, std::size_t size, ByteWriter& writer) {
  writer.U8(static_cast<std::uint8_t>(kind));
  writer.U16(static_cast<std::uint16_t>(size));
}

void Write(const Device& device, ByteWriter& writer) {
  WriteHead(EntryKind{static_cast<std::uint8_t>(device.kind)},
            kMaxDeviceSize - kMaxLabelSize - kMaxStoredKeySize +
                device.label.size() + device.key.size(),
            writer);
  writer.U64(static_cast<std::uint64_t>(device.id));
  writer.U8(static_cast<std::uint8_t>(device.status));
  writer.U8(static_cast<std::uint8_t>(device.confirmation));
  WriteTime(device.created, writer);
  writer.U8(static_cast<std::uint8_t>(device.algorithm));
  writer.U8(static_cast<std::uint8_t>(device.digits));
  writer.U16(static_cast<std::uint16_t>(device.period.count()));
  writer.U64(Number(device.first));
  writer.U8(static_cast<std::uint8_t>(device.window.value_or(kNoWindow)));
  WriteText(device.label, writer);
  writer.U8(static_cast<std::uint8_t>(device.key.size()));
  writer.Put(device.key.Expose());
}

// The entry's fields; whether they make sense is for IsValid.
Device ReadDevice(DeviceKind kind, ByteReader& entry) {
  Device device;
  device.kind = kind;
  device.id = DeviceId{entry.U64()};
  device.status = DeviceStatus{entry.U8()};
  device.confirmation = Confirmation{entry.U8()};
  device.created = ReadTime(entry);
  device.algorithm = HashAlgorithm{entry.U8()};
  device.digits = entry.U8();
  device.period = std::chrono::seconds(entry.U16());
  device.first = Counter{entry.U64()};
  const std::uint8_t window = entry.U8();
  if (window != kNoWindow) device.window = window;
  device.label = ReadText(entry);
  device.key = Secret::CopyOf(entry.Take(entry.U8()));
  return device;
}

void Write(const CodeSet& set, ByteWriter& writer) {
  WriteHead(EntryKind::kCodeSet,
            kMaxCodeSetSize - kMaxReasonSize -
                kMaxCodesInSet * sizeof(CodeSet::Hash) + set.reason.size() +
                set.hashes.size() * sizeof(CodeSet::Hash),
            writer);
  writer.U64(static_cast<std::uint64_t>(set.id));
  writer.U8(static_cast<std::uint8_t>(set.kind));
  WriteTime(set.created, writer);
  WriteTime(set.expires, writer);
  writer.U8(static_cast<std::uint8_t>(set.uses));
  WriteText(set.reason, writer);
  writer.Put(set.key.Expose());
  writer.U8(static_cast<std::uint8_t>(set.hashes.size()));
  for (const CodeSet::Hash& hash : set.hashes) writer.Put(hash);
}

CodeSet ReadCodeSet(ByteReader& entry) {
  CodeSet set;
  set.id = CodeSetId{entry.U64()};
  set.kind = CodeSet::Kind{entry.U8()};
  set.created = ReadTime(entry);
  set.expires = ReadTime(entry);
  set.uses = entry.U8();
  set.reason = ReadText(entry);
  set.key = Secret::CopyOf(entry.Take(kCodeKeySize));
  const std::size_t count = entry.U8();
  for (std::size_t i = 0; i < count && !entry.failed(); ++i) {
    const Bytes hash = entry.Take(sizeof(CodeSet::Hash));
    if (!hash.empty())
      std::ranges::copy(hash, set.hashes.emplace_back().data());
  }
  return set;
}

void Write(const RecoveryAddress& recovery, ByteWriter& writer) {
  WriteHead(EntryKind::kRecovery,
            kMaxRecoverySize - kMaxAddressSize + recovery.address.size(),
            writer);
  WriteTime(recovery.confirmed, writer);
  WriteText(recovery.address, writer);
  writer.Put(recovery.key.Expose());
}

void Write(const Address& address, ByteWriter& writer) {
  WriteHead(EntryKind{static_cast<std::uint8_t>(address.kind)},
            kMaxAddressEntrySize - kMaxLabelSize - kMaxAddressSize +
                address.label.size() + address.address.size(),
            writer);
  writer.U64(static_cast<std::uint64_t>(address.id));
  writer.U8(static_cast<std::uint8_t>(address.status));
  writer.U8(static_cast<std::uint8_t>(address.confirmation));
  WriteTime(address.created, writer);
  WriteText(address.label, writer);
  WriteText(address.address, writer);
  writer.Put(address.key.Expose());
}

Address ReadAddress(Address::Kind kind, ByteReader& entry) {
  Address address;
  address.kind = kind;
  address.id = DeviceId{entry.U64()};
  address.status = DeviceStatus{entry.U8()};
  address.confirmation = Confirmation{entry.U8()};
  address.created = ReadTime(entry);
  address.label = ReadText(entry);
  address.address = ReadText(entry);
  address.key = Secret::CopyOf(entry.Take(kCodeKeySize));
  return address;
}

// False for an entry out of order, of no kind, or beyond its bounds.
bool ReadEntry(EntryKind kind, ByteReader& entry, Enrollment& enrollment) {
  switch (kind) {
    case EntryKind::kTotp:
    case EntryKind::kHotp:
      if (!enrollment.code_sets.empty() || enrollment.recovery ||
          !enrollment.addresses.empty())
        return false;
      enrollment.devices.push_back(
          ReadDevice(DeviceKind{static_cast<std::uint8_t>(kind)}, entry));
      return entry.Finished();
    case EntryKind::kCodeSet:
      if (enrollment.recovery || !enrollment.addresses.empty()) return false;
      enrollment.code_sets.push_back(ReadCodeSet(entry));
      return entry.Finished();
    case EntryKind::kRecovery: {
      if (enrollment.recovery || !enrollment.addresses.empty()) return false;
      RecoveryAddress& recovery = enrollment.recovery.emplace();
      recovery.confirmed = ReadTime(entry);
      recovery.address = ReadText(entry);
      recovery.key = Secret::CopyOf(entry.Take(kCodeKeySize));
      return entry.Finished();
    }
    case EntryKind::kEmail:
    case EntryKind::kSms:
      enrollment.addresses.push_back(
          ReadAddress(Address::Kind{static_cast<std::uint8_t>(kind)}, entry));
      return entry.Finished();
  }
  return false;
}

std::unexpected<Error> FailFormat() {
  return Fail(ErrorCode::kCorrupt, "the enrollment is not in the format");
}

bool WithinCapacity(const Enrollment& enrollment) {
  return enrollment.factors() <= kMaxDevices &&
         enrollment.code_sets.size() <= kMaxCodeSets;
}

}  // namespace

Device Device::Copy() const {
  Device copy;
  copy.id = id;
  copy.label = label;
  copy.status = status;
  copy.confirmation = confirmation;
  copy.created = created;
  copy.kind = kind;
  copy.algorithm = algorithm;
  copy.digits = digits;
  copy.period = period;
  copy.first = first;
  copy.window = window;
  copy.key = Secret::CopyOf(key.Expose());
  return copy;
}

CodeSet CodeSet::Copy() const {
  CodeSet copy;
  copy.id = id;
  copy.kind = kind;
  copy.created = created;
  copy.expires = expires;
  copy.uses = uses;
  copy.reason = reason;
  copy.key = Secret::CopyOf(key.Expose());
  copy.hashes = hashes;
  return copy;
}

Address Address::Copy() const {
  Address copy;
  copy.id = id;
  copy.label = label;
  copy.status = status;
  copy.confirmation = confirmation;
  copy.created = created;
  copy.kind = kind;
  copy.address = address;
  copy.key = Secret::CopyOf(key.Expose());
  return copy;
}

bool Enrollment::usable() const {
  const auto enabled = [](const auto& factor) {
    return factor.status == DeviceStatus::kEnabled;
  };
  return std::ranges::any_of(devices, enabled) ||
         std::ranges::any_of(addresses, enabled);
}

bool Enrollment::HasLabel(std::string_view label) const {
  const auto has = [&](const auto& factor) { return factor.label == label; };
  return std::ranges::any_of(devices, has) ||
         std::ranges::any_of(addresses, has);
}

bool Enrollment::Lists(DeviceId id) const {
  const auto is = [&](const auto& factor) { return factor.id == id; };
  return std::ranges::any_of(devices, is) || std::ranges::any_of(addresses, is);
}

bool Enrollment::Lists(CodeSetId id) const {
  return std::ranges::any_of(code_sets,
                             [&](const CodeSet& set) { return set.id == id; });
}

std::vector<std::string> Enrollment::EmailAddresses() const {
  std::vector<std::string> found;
  for (const Address& address : addresses)
    if (address.kind == Address::Kind::kEmail &&
        address.status == DeviceStatus::kEnabled)
      found.push_back(address.address);
  if (recovery && std::ranges::find(found, recovery->address) == found.end())
    found.push_back(recovery->address);
  return found;
}

const Address* Enrollment::Find(DeviceId id) const {
  for (const Address& address : addresses)
    if (address.id == id) return &address;
  return nullptr;
}

const CodeSet* Enrollment::FindSet(CodeSet::Kind kind) const {
  for (const CodeSet& set : code_sets)
    if (set.kind == kind) return &set;
  return nullptr;
}

Result<Secret> EncodeEnrollment(const Enrollment& enrollment) {
  if (!WithinCapacity(enrollment))
    return Fail(ErrorCode::kCapacity, "more than a user can have enrolled");
  if (!AllValid(enrollment))
    return Fail(ErrorCode::kInvalid, "an enrollment outside of its domain");
  const auto& [devices, code_sets, recovery, addresses] = enrollment;
  Secret payload(2 + devices.size() * (kHeadSize + kMaxDeviceSize) +
                 code_sets.size() * (kHeadSize + kMaxCodeSetSize) + kHeadSize +
                 kMaxRecoverySize +
                 addresses.size() * (kHeadSize + kMaxAddressEntrySize));
  ByteWriter writer(payload.ExposeMutable());
  writer.U8(kFormat);
  writer.U8(static_cast<std::uint8_t>(enrollment.factors() + code_sets.size() +
                                      (recovery ? 1 : 0)));
  for (const Device& device : devices) Write(device, writer);
  for (const CodeSet& set : code_sets) Write(set, writer);
  if (recovery) Write(*recovery, writer);
  for (const Address& address : addresses) Write(address, writer);
  if (writer.overflowed())
    return Fail(ErrorCode::kInternal, "an enrollment above its size");
  payload.Shrink(writer.size());
  return payload;
}

Result<Enrollment> DecodeEnrollment(Bytes payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  const std::size_t count = reader.U8();
  if (reader.failed()) return FailFormat();
  if (format != kFormat)
    return Fail(ErrorCode::kCorrupt, "an enrollment of another release");
  Enrollment enrollment;
  for (std::size_t i = 0; i < count; ++i) {
    const EntryKind kind{reader.U8()};
    ByteReader entry(reader.Take(reader.U16()));
    if (reader.failed() || !ReadEntry(kind, entry, enrollment))
      return FailFormat();
  }
  if (!reader.Finished() || !WithinCapacity(enrollment) ||
      !AllValid(enrollment))
    return FailFormat();
  return enrollment;
}

}  // namespace twofactor
