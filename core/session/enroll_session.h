// SPDX-License-Identifier: Apache-2.0
//
// enroll_session.h - a new device, from its key to its record.
//
//   auto session = EnrollSession::Begin(config, store, clock, user, request);
//   ... show session->device() as URI, QR code or key ...
//   session->Confirm(typed) until it is kAccepted
//   session->Save()
//
// Nothing is stored before Save, and nothing of what was there before is
// harmed if it fails.

#ifndef TWOFACTOR_CORE_SESSION_ENROLL_SESSION_H_
#define TWOFACTOR_CORE_SESSION_ENROLL_SESSION_H_

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/factor/totp.h"
#include "core/factor/verdict.h"
#include "core/session/config.h"
#include "core/session/pending_code.h"
#include "core/session/recovery_ground.h"
#include "core/store/store.h"

namespace twofactor {

struct DeviceRequest {
  std::string label = {};  // Empty: "phone" or "token", "phone-2", ...
  // As a rule, config.totp_parameters; the period is TOTP's.
  TotpParameters parameters;
  Secret key = {};  // Empty: a fresh one of config.totp_key_bytes.
  DeviceKind kind = DeviceKind::kTotp;
  Counter first{};   // Of a HOTP token: the counter of its next code.
  Asker asker = {};  // Of a login; its service has to outlive the session.
  // Of a recovery: the device takes the place of all that is enrolled, if that
  // is still what the recovery stands on when it is stored.
  std::optional<RecoveryGround> replaces = {};
};

class EnrollSession {
 public:
  // Checks all that can be checked before the user is bothered.
  //
  //   kInvalid   a field outside its domain; the context says which
  //   kExists    the user has a device of that label, or with that key
  //   kCapacity  one more device than the format holds, or than would leave
  //              an answer at most kMaxCandidates right codes
  static Result<EnrollSession> Begin(const Config& config, RecordStore& store,
                                     const Clock& clock, const UserName& user,
                                     DeviceRequest request);

  const Device& device() const { return device_; }

  // KeyUri of the device as it is shown.
  Secret Uri(std::string_view issuer) const;

  // Whether `typed` is a code of the device now, of a HOTP token also two
  // codes in a row.  It is then used.
  Result<Verdict> Confirm(Bytes typed);

  // Instead of a code: root vouches for the device.
  void ConfirmAsAdministrator();

  // Stores the device; kInvalid if it was not confirmed, kNotFound if it may
  // not replace what is there by now, else as Begin.  Codes of now are not
  // accepted any more of a TOTP key that was given.
  Result<void> Save();

 private:
  EnrollSession(const Config& config, RecordStore& store, const Clock& clock,
                const UserName& user)
      : config_(&config), store_(&store), clock_(&clock), user_(user) {}

  const Config* config_;
  RecordStore* store_;
  const Clock* clock_;
  UserName user_;
  Device device_;
  Asker asker_;
  std::optional<RecoveryGround> replaces_;
  // A key that was given may have made codes before: those of now are spent.
  enum class KeyOrigin : std::uint8_t { kGiven = 0, kFresh };
  KeyOrigin origin_ = KeyOrigin::kGiven;
  Counter next_{};
  std::optional<Confirmation> confirmation_;
};

// Whether the device can join those that are there: kExists, kCapacity as
// EnrollSession::Begin has it.
Result<void> CheckFits(const Device& device, const Enrollment& enrollment,
                       const Config& config);

// The first step of a TOTP key that came from elsewhere of which no code can
// have been accepted by now, whatever the configuration was.
Counter FirstUnusedStep(const Device& device, UnixTime now);

// Whether there is room for one more factor whose codes have so many digits,
// `codes` of which are right at a time: kCapacity as above.
Result<void> CheckCapacity(std::size_t digits, int codes,
                           const Enrollment& enrollment, const Config& config);

// "phone", "phone-2", ... or the same with "token".
std::string FreeLabel(const Enrollment& enrollment, DeviceKind kind);
// `plain` or `plain`-2, ...
std::string FreeLabel(const Enrollment& enrollment, std::string_view plain);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_ENROLL_SESSION_H_
