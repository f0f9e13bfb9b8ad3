// SPDX-License-Identifier: Apache-2.0
//
// key_file.h - a key that exists already, from a file or a prompt, never from
// the command line that every process can see.
//
// Trust: the file is the administrator's; its content may be any bytes.

#ifndef TWOFACTOR_SETUP_TOOL_KEY_FILE_H_
#define TWOFACTOR_SETUP_TOOL_KEY_FILE_H_

#include <cstdint>
#include <string>

#include "core/base/secret.h"
#include "setup_tool/failure.h"
#include "setup_tool/interrupts.h"

namespace twofactor::tool {

enum class KeyText : std::uint8_t { kBase32 = 0, kHex };

// The key on the first and only line of `path`; of "-": the next line of stdin,
// asked for without echo if that is a terminal.
Try<Secret> ReadKey(const std::string& path, KeyText text,
                    Interrupts& interrupts);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_KEY_FILE_H_
