// SPDX-License-Identifier: Apache-2.0
//
// provisioning.h - handing out keys without somebody who confirms them.

#ifndef TWOFACTOR_SETUP_TOOL_PROVISIONING_H_
#define TWOFACTOR_SETUP_TOOL_PROVISIONING_H_

#include <string_view>

#include "core/session/enroll_session.h"
#include "setup_tool/failure.h"
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"

namespace twofactor::tool {

// The members that say all there is to say of a new device, its key included.
void WriteProvisioning(JsonWriter& json, const UserName& user,
                       const EnrollSession& session, std::string_view issuer);

// Removes a device again whose key could not be handed out: nobody could ever
// use it.
Try<void> TakeBack(Store& store, const UserName& user, DeviceId device);

// The same of a set of codes.
Try<void> TakeBack(Store& store, const UserName& user, CodeSetId set);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_PROVISIONING_H_
