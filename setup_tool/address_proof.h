// SPDX-License-Identifier: Apache-2.0
//
// address_proof.h - a code to an address, and what comes back.

#ifndef TWOFACTOR_SETUP_TOOL_ADDRESS_PROOF_H_
#define TWOFACTOR_SETUP_TOOL_ADDRESS_PROOF_H_

#include "core/session/address_session.h"
#include "setup_tool/failure.h"
#include "setup_tool/interrupts.h"

namespace twofactor::tool {

// Sends a code, and asks for it three times.  kFailed when it could not be
// sent, kWrongCode.
Try<void> ProveAddress(AddressSession& session, Interrupts& interrupts);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_ADDRESS_PROOF_H_
