// SPDX-License-Identifier: Apache-2.0
//
// phases.h - what the module does in each phase of PAM.
//
// Each returns a PAM code; the entry points in module.cc guard them.

#ifndef TWOFACTOR_PAM_MODULE_PHASES_H_
#define TWOFACTOR_PAM_MODULE_PHASES_H_

#include <security/pam_modules.h>

#include "core/session/login_session.h"
#include "pam_module/arguments.h"

namespace twofactor {

// Asks for a code, and leaves a proof.
int Authenticate(pam_handle_t* handle, const LoginRequest& request,
                 const Arguments& arguments);

// Demands the proof, so that a login that never ran Authenticate, by key alone,
// is denied.
int CheckAccount(pam_handle_t* handle, const LoginRequest& request,
                 const Arguments& arguments);

// Demands that the login went through Authenticate, where the account line
// left that to here (keys=session).
int OpenSession(pam_handle_t* handle, const LoginRequest& request,
                const Arguments& arguments);

}  // namespace twofactor

#endif  // TWOFACTOR_PAM_MODULE_PHASES_H_
