// SPDX-License-Identifier: Apache-2.0
//
// enrollment.cc - the payload of a secret file.
//
//   u8 format=1  u8 count  count * entry
//   entry: u8 kind=1 (TOTP)  u16 size  size bytes:
//     u64 id  u8 status  u8 confirmation  u64 created  u8 algorithm
//     u8 digits  u16 period  u8 n  label[n]  u8 n  key[n]
//
// Parsed straight into wiping memory: no piece of a key is left in the heap.

#include "core/store/enrollment.h"

#include <algorithm>

#include "core/base/encoding.h"

namespace twofactor {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kTotpKind = 1;
constexpr std::size_t kMaxStoredKeySize = 255;
constexpr std::size_t kMaxEntrySize =
    3 + 8 + 1 + 1 + 8 + 1 + 1 + 2 + 1 + kMaxLabelSize + 1 + kMaxStoredKeySize;

bool IsValid(const TotpDevice& device) {
  return device.id != DeviceId{} && !device.label.empty() &&
         device.label.size() <= kMaxLabelSize &&
         IsPrintableUtf8(device.label) &&
         (device.status == DeviceStatus::kEnabled ||
          device.status == DeviceStatus::kDisabled) &&
         (device.confirmation == Confirmation::kByCode ||
          device.confirmation == Confirmation::kByAdministrator) &&
         DigestSize(device.algorithm) != 0 && device.digits > 0 &&
         device.digits < 256 && device.period.count() > 0 &&
         device.period.count() < 65536 && !device.key.empty() &&
         device.key.size() <= kMaxStoredKeySize;
}

bool AllValid(const Enrollment& enrollment) {
  const auto& devices = enrollment.totp_devices;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    if (!IsValid(devices[i])) return false;
    for (std::size_t j = 0; j < i; ++j)
      if (devices[i].id == devices[j].id ||
          devices[i].label == devices[j].label)
        return false;
  }
  return true;
}

std::size_t EntrySize(const TotpDevice& device) {
  return kMaxEntrySize - 3 - kMaxLabelSize - kMaxStoredKeySize +
         device.label.size() + device.key.size();
}

void WriteDevice(const TotpDevice& device, ByteWriter& writer) {
  writer.U8(kTotpKind);
  writer.U16(static_cast<std::uint16_t>(EntrySize(device)));
  writer.U64(static_cast<std::uint64_t>(device.id));
  writer.U8(static_cast<std::uint8_t>(device.status));
  writer.U8(static_cast<std::uint8_t>(device.confirmation));
  writer.U64(
      static_cast<std::uint64_t>(device.created.time_since_epoch().count()));
  writer.U8(static_cast<std::uint8_t>(device.algorithm));
  writer.U8(static_cast<std::uint8_t>(device.digits));
  writer.U16(static_cast<std::uint16_t>(device.period.count()));
  writer.U8(static_cast<std::uint8_t>(device.label.size()));
  writer.Put(AsBytes(device.label));
  writer.U8(static_cast<std::uint8_t>(device.key.size()));
  writer.Put(device.key.Expose());
}

// The entry's fields; whether they make sense is for IsValid.
TotpDevice ReadDevice(ByteReader& entry) {
  TotpDevice device;
  device.id = DeviceId{entry.U64()};
  device.status = DeviceStatus{entry.U8()};
  device.confirmation = Confirmation{entry.U8()};
  device.created =
      UnixTime(std::chrono::seconds(static_cast<std::int64_t>(entry.U64())));
  device.algorithm = HashAlgorithm{entry.U8()};
  device.digits = entry.U8();
  device.period = std::chrono::seconds(entry.U16());
  device.label = AsText(entry.Take(entry.U8()));
  device.key = Secret::CopyOf(entry.Take(entry.U8()));
  return device;
}

std::unexpected<Error> FailFormat() {
  return Fail(ErrorCode::kCorrupt, "the enrollment is not in the format");
}

}  // namespace

bool Enrollment::usable() const {
  return std::ranges::any_of(totp_devices, [](const TotpDevice& device) {
    return device.status == DeviceStatus::kEnabled;
  });
}

const TotpDevice* Enrollment::FindByLabel(std::string_view label) const {
  for (const TotpDevice& device : totp_devices)
    if (device.label == label) return &device;
  return nullptr;
}

Result<Secret> EncodeEnrollment(const Enrollment& enrollment) {
  const auto& devices = enrollment.totp_devices;
  if (devices.size() > kMaxDevices)
    return Fail(ErrorCode::kCapacity, "more devices than a user can have");
  if (!AllValid(enrollment))
    return Fail(ErrorCode::kInvalid, "a device outside of its domain");
  Secret payload(2 + devices.size() * kMaxEntrySize);
  ByteWriter writer(payload.ExposeMutable());
  writer.U8(kFormat);
  writer.U8(static_cast<std::uint8_t>(devices.size()));
  for (const TotpDevice& device : devices) WriteDevice(device, writer);
  if (writer.overflowed())
    return Fail(ErrorCode::kInternal, "an enrollment above its size");
  payload.Shrink(writer.size());
  return payload;
}

Result<Enrollment> DecodeEnrollment(Bytes payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  const std::size_t count = reader.U8();
  if (reader.failed() || count > kMaxDevices) return FailFormat();
  if (format != kFormat)
    return Fail(ErrorCode::kCorrupt, "an enrollment of another release");
  Enrollment enrollment;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t kind = reader.U8();
    ByteReader entry(reader.Take(reader.U16()));
    if (reader.failed() || kind != kTotpKind) return FailFormat();
    enrollment.totp_devices.push_back(ReadDevice(entry));
    if (!entry.Finished()) return FailFormat();
  }
  if (!reader.Finished() || !AllValid(enrollment)) return FailFormat();
  return enrollment;
}

}  // namespace twofactor
