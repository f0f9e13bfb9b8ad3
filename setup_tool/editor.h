// SPDX-License-Identifier: Apache-2.0
//
// editor.h - the administrator's editor: the only program that the tool runs.
//
// Trust: SUDO_EDITOR, VISUAL and EDITOR are the environment's, as they are for
// visudo.  The caller is root already; sudo passes them on only where its
// policy says so.

#ifndef TWOFACTOR_SETUP_TOOL_EDITOR_H_
#define TWOFACTOR_SETUP_TOOL_EDITOR_H_

#include <string>

#include "setup_tool/failure.h"

namespace twofactor::tool {

// Edits the file and waits until that is done.  No shell is involved; a name
// without a slash is looked for in the system's folders.  kFailed when no
// editor can be run or it fails.
Try<void> RunEditor(const std::string& path);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_EDITOR_H_
