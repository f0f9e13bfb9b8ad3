// SPDX-License-Identifier: Apache-2.0
//
// config_text.h - the configuration as a file of defaults, and as it is in
// effect.

#ifndef TWOFACTOR_SETUP_TOOL_CONFIG_TEXT_H_
#define TWOFACTOR_SETUP_TOOL_CONFIG_TEXT_H_

#include <string>

#include "core/session/config.h"
#include "setup_tool/json_writer.h"

namespace twofactor::tool {

// A twofactor.conf with every key commented out at its default.
std::string DefaultConfigText();

// One member a key, named as in the file; durations in seconds, a limit as an
// object.
void WriteConfig(JsonWriter& json, const Config& config);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_CONFIG_TEXT_H_
