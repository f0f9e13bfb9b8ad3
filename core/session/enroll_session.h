// SPDX-License-Identifier: Apache-2.0
//
// enroll_session.h - a new TOTP device, from its key to its record.
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
#include "core/store/store.h"

namespace twofactor {

struct TotpRequest {
  std::string label;          // Empty: "phone", "phone-2", ...
  TotpParameters parameters;  // As a rule, config.totp_parameters.
  Secret key;                 // Empty: a fresh one of config.totp_key_bytes.
};

class EnrollSession {
 public:
  // Checks all that can be checked before the user is bothered.
  //
  //   kInvalid   a field outside its domain; the context says which
  //   kExists    the user has a device of that label, or with that key
  //   kCapacity  one more device than the format holds, or than would leave
  //              an answer at most kMaxCandidates right codes
  static Result<EnrollSession> Begin(const Config& config, Store& store,
                                     const Clock& clock, const UserName& user,
                                     TotpRequest request);

  const TotpDevice& device() const { return device_; }

  // otpauth://totp/ISSUER:USER?..., for a QR code.  A secret.
  Secret Uri(std::string_view issuer) const;

  // Whether `typed` is a code of the device now.  The step is then used.
  Result<Verdict> Confirm(Bytes typed);

  // Instead of a code: root vouches for the device.
  void ConfirmAsAdministrator();

  // Stores the device; kInvalid if it was not confirmed, else as Begin.  Codes
  // of now are not accepted any more of a key that was given.
  Result<void> Save();

 private:
  EnrollSession(const Config& config, Store& store, const Clock& clock,
                const UserName& user)
      : config_(&config), store_(&store), clock_(&clock), user_(user) {}

  const Config* config_;
  Store* store_;
  const Clock* clock_;
  UserName user_;
  TotpDevice device_;
  // A key that was given may have made codes before: those of now are spent.
  enum class KeyOrigin : std::uint8_t { kGiven = 0, kFresh };
  KeyOrigin origin_ = KeyOrigin::kGiven;
  Counter next_{};
  std::optional<Confirmation> confirmation_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_ENROLL_SESSION_H_
