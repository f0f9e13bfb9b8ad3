// SPDX-License-Identifier: Apache-2.0
//
// proof.h - what the authenticate phase leaves in the PAM handle for the
// account and session phases.
//
// sshd skips the authenticate phase for keys and still runs the others; only a
// proof in the same handle shows that a second factor was asked for.  It holds
// no secret.

#ifndef TWOFACTOR_PAM_MODULE_PROOF_H_
#define TWOFACTOR_PAM_MODULE_PROOF_H_

#include <security/pam_modules.h>

#include <chrono>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/session/login_session.h"

namespace twofactor {

struct Proof {
  enum class Kind : std::uint8_t {
    kNone = 0,  // The authenticate phase ran and proved nothing.
    kDeferred,  // The account phase left it to the session phase.
    kExempt,    // Policy asked for no second factor.
    kProven,    // A second factor was accepted.
  };
  Kind kind = Kind::kNone;
  std::string user;
  std::string service;
  std::chrono::milliseconds made_at{};  // Clock::Monotonic()
};

// Forgets what an earlier authenticate has proven, even without memory.
// From here on the phase counts as having run.
void ClearProof(pam_handle_t* handle);

// PAM_SUCCESS, or the code of a handle that could not take it.
int KeepProof(pam_handle_t* handle, const Proof& proof);

// The kind of the handle's proof if it is about this request and at most 120 s
// old.  Empty when neither phase of ours has run in this handle.
std::optional<Proof::Kind> FindProof(pam_handle_t* handle,
                                     const LoginRequest& request,
                                     const Clock& clock);

}  // namespace twofactor

#endif  // TWOFACTOR_PAM_MODULE_PROOF_H_
