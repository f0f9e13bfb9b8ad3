// SPDX-License-Identifier: Apache-2.0
//
// foreign_record.h - from the words of another module's file to devices, with
// a finding for each thing that was taken or could not be.

#ifndef TWOFACTOR_SETUP_TOOL_FOREIGN_RECORD_H_
#define TWOFACTOR_SETUP_TOOL_FOREIGN_RECORD_H_

#include <cstdint>
#include <expected>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/session/config.h"
#include "setup_tool/foreign_file.h"
#include "setup_tool/google_authenticator_file.h"
#include "setup_tool/oath_line.h"

namespace twofactor::tool {

// `now` decides which codes may have been used where the file does not say.  An
// error is about a key or parameter that this module cannot have.
std::expected<ForeignRecord, LineError> RecordOf(GoogleAuthenticatorFile file,
                                                 const Config& config,
                                                 UnixTime now);

// What to do with a PIN, which this module has no place for.
enum class PinChoice : std::uint8_t { kRefuse = 0, kDrop = 1 };

// Adds the device of a kToken line to `record`.
std::expected<void, LineError> AddOathDevice(OathLine line, std::size_t number,
                                             PinChoice pins, UnixTime now,
                                             ForeignRecord& record);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_FOREIGN_RECORD_H_
