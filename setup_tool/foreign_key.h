// SPDX-License-Identifier: Apache-2.0
//
// foreign_key.h - whether a key of another module is long enough.

#ifndef TWOFACTOR_SETUP_TOOL_FOREIGN_KEY_H_
#define TWOFACTOR_SETUP_TOOL_FOREIGN_KEY_H_

#include <expected>
#include <vector>

#include "core/base/secret.h"
#include "setup_tool/foreign_file.h"

namespace twofactor::tool {

// Adds what is to be said of the key.
std::expected<void, LineError> CheckForeignKey(const Secret& key,
                                               std::size_t line,
                                               std::vector<Finding>& findings);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_FOREIGN_KEY_H_
