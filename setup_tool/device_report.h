// SPDX-License-Identifier: Apache-2.0
//
// device_report.h - what may be shown of a device: everything but its key.

#ifndef TWOFACTOR_SETUP_TOOL_DEVICE_REPORT_H_
#define TWOFACTOR_SETUP_TOOL_DEVICE_REPORT_H_

#include <string>

#include "core/store/enrollment.h"
#include "core/store/login_state.h"
#include "setup_tool/json_writer.h"

namespace twofactor::tool {

// RFC 4226 §4 R6 recommends 160 bits; devices below are flagged.
constexpr std::size_t kRecommendedKeySize = 20;

// "sha1", "sha256", "sha512", as on the command line.
const char* AlgorithmName(HashAlgorithm algorithm);

// "totp", "hotp", "email", "sms".
const char* TypeName(DeviceKind kind);
const char* TypeName(Address::Kind kind);

// Lines for a terminal.
// `state` is null when there is none, which is damage.
std::string DeviceText(const Device& device, const DeviceState* state);

void WriteDevice(JsonWriter& json, const Device& device,
                 const DeviceState* state);

std::string AddressText(const Address& address, const DeviceState* state);

void WriteAddress(JsonWriter& json, const Address& address,
                  const DeviceState* state);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_DEVICE_REPORT_H_
