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

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/counter.h"
#include "core/base/crypto.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor {

// Random and never used again; state in the lockout file names them.
enum class DeviceId : std::uint64_t {};
enum class CodeSetId : std::uint64_t {};

constexpr std::size_t kMaxDevices = 16;    // Addresses among them.
constexpr std::size_t kMaxLabelSize = 64;  // Bytes of UTF-8.
constexpr std::size_t kMaxCodeSets = 8;
constexpr std::size_t kMaxCodesInSet = 32;
constexpr std::size_t kMaxReasonSize = 128;   // Bytes of UTF-8.
constexpr std::size_t kMaxAddressSize = 254;  // RFC 5321 §4.5.3.1, erratum 1690

// Who vouches that the user holds the device.
enum class Confirmation : std::uint8_t {
  kByCode = 1,           // A code of the device was checked when it enrolled.
  kByAdministrator = 2,  // Provisioned or imported without one.
};

enum class DeviceStatus : std::uint8_t {
  kDisabled = 0,  // Kept, but its codes are refused.
  kEnabled = 1,
};

enum class DeviceKind : std::uint8_t {
  kTotp = 1,  // Codes change with the time (RFC 6238).
  kHotp = 2,  // Codes change with each press of the button (RFC 4226).
};

struct Device {
  DeviceId id{};
  std::string label;  // Printable UTF-8, unique for the user, never empty.
  DeviceStatus status = DeviceStatus::kEnabled;
  Confirmation confirmation = Confirmation::kByCode;
  UnixTime created{};
  DeviceKind kind = DeviceKind::kTotp;
  HashAlgorithm algorithm = HashAlgorithm::kSha1;
  int digits = 6;
  std::chrono::seconds period{30};  // kTotp, else zero.
  Counter first{};                  // kHotp: the counter it was enrolled at.
  // Narrower than the administrator's totp_window, as another module had it.
  std::optional<int> window;
  Secret key;

  Device Copy() const;
};

// Codes that were handed out beforehand, kept as HMACs under the set's key.
// Which of them are spent stands in the lockout file.
struct CodeSet {
  enum class Kind : std::uint8_t {
    kBackup = 1,   // The user's; each works once.
    kScratch = 2,  // The same with eight digits, taken over from elsewhere.
    kBypass = 3,   // One code of an administrator's, for `uses` logins.
  };
  using Hash = std::array<std::uint8_t, 32>;

  CodeSetId id{};
  Kind kind = Kind::kBackup;
  UnixTime created{};
  UnixTime expires{};  // kBypass, else zero.
  int uses = 1;        // kBypass: 1..kMaxBypassUses.
  std::string reason;  // kBypass: printable UTF-8, for the log.
  Secret key;          // 32 bytes.
  std::vector<Hash> hashes;

  CodeSet Copy() const;
};
constexpr int kMaxBypassUses = 100;

// Where codes are sent, one each time that it is asked for: a factor like a
// device.
struct Address {
  enum class Kind : std::uint8_t { kEmail = 5, kSms = 6 };

  DeviceId id{};
  std::string label;  // What asks for a code; unlike those of devices, too.
  DeviceStatus status = DeviceStatus::kEnabled;
  Confirmation confirmation = Confirmation::kByCode;
  UnixTime created{};
  Kind kind = Kind::kEmail;
  std::string address;  // Printable ASCII: an email address, or a number.
  Secret key;           // 32 bytes, under which codes that were sent are kept.

  Address Copy() const;
};

// Where a code goes when all devices are lost; proven by a code sent there.
struct RecoveryAddress {
  std::string address;  // Printable ASCII: an email address.
  UnixTime confirmed{};
  Secret key;  // 32 bytes, under which codes that were sent are kept.
};

struct Enrollment {
  std::vector<Device> devices;
  std::vector<CodeSet> code_sets;
  std::optional<RecoveryAddress> recovery;
  std::vector<Address> addresses;

  // At least one device or address could let the user in.  Codes alone do not.
  bool usable() const;
  // Devices and addresses.
  std::size_t factors() const { return devices.size() + addresses.size(); }
  bool HasLabel(std::string_view label) const;
  bool Lists(DeviceId id) const;
  bool Lists(CodeSetId id) const;
  // Where its owner can be written to: email addresses that are enabled, and
  // the recovery address.
  std::vector<std::string> EmailAddresses() const;
  // Null when there is none.
  const Address* Find(DeviceId id) const;
  const CodeSet* FindSet(CodeSet::Kind kind) const;
};

// The payload that is then sealed.  kCapacity beyond kMaxDevices or
// kMaxCodeSets, kInvalid for a field outside its domain.
Result<Secret> EncodeEnrollment(const Enrollment& enrollment);

// kCorrupt for all that is not exactly the format.
Result<Enrollment> DecodeEnrollment(Bytes payload);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_ENROLLMENT_H_
