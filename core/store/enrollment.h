// SPDX-License-Identifier: Apache-2.0
//
// enrollment.h - the secret file's content: what a user has enrolled.
//
// Written only when somebody enrolls or an administrator acts; a login reads
// it.  docs/file-formats.md is the grammar.
//
// Trust: DecodeEnrollment is given bytes whose seal was good, and still
// refuses everything that EncodeEnrollment would not have written.

#ifndef TWOFACTOR_CORE_STORE_ENROLLMENT_H_
#define TWOFACTOR_CORE_STORE_ENROLLMENT_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor {

// Random and never used again; state in the lockout file names it.
enum class DeviceId : std::uint64_t {};

constexpr std::size_t kMaxDevices = 16;
constexpr std::size_t kMaxLabelSize = 64;  // Bytes of UTF-8.

// Who vouches that the user holds the device.
enum class Confirmation : std::uint8_t {
  kByCode = 1,           // A code of the device was checked when it enrolled.
  kByAdministrator = 2,  // Provisioned without one.
};

enum class DeviceStatus : std::uint8_t {
  kDisabled = 0,  // Kept, but its codes are refused.
  kEnabled = 1,
};

struct TotpDevice {
  DeviceId id{};
  std::string label;  // Printable UTF-8, unique for the user, never empty.
  DeviceStatus status = DeviceStatus::kEnabled;
  Confirmation confirmation = Confirmation::kByCode;
  UnixTime created{};
  HashAlgorithm algorithm = HashAlgorithm::kSha1;
  int digits = 6;
  std::chrono::seconds period{30};
  Secret key;
};

struct Enrollment {
  std::vector<TotpDevice> totp_devices;

  // At least one device could let the user in.
  bool usable() const;
  // Null when there is none.
  const TotpDevice* FindByLabel(std::string_view label) const;
};

// The payload that is then sealed.  kCapacity beyond kMaxDevices, kInvalid for
// a field outside its domain.
Result<Secret> EncodeEnrollment(const Enrollment& enrollment);

// kCorrupt for all that is not exactly the format.
Result<Enrollment> DecodeEnrollment(Bytes payload);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_ENROLLMENT_H_
