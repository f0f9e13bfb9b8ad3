// SPDX-License-Identifier: Apache-2.0
//
// notice_text.h - what a user is told of events, in English.

#ifndef TWOFACTOR_SETUP_TOOL_NOTICE_TEXT_H_
#define TWOFACTOR_SETUP_TOOL_NOTICE_TEXT_H_

#include <string>

#include "core/store/login_state.h"

namespace twofactor::tool {

// A line for each of the last `untold` events, oldest first:
//   2026-11-22 09:12:03 UTC  A backup code was used to log in, from 192.0.2.7,
//   at sshd.
std::string NoticeText(const NoticeRing& ring, std::uint32_t untold);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_NOTICE_TEXT_H_
