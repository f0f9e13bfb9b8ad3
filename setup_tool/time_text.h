// SPDX-License-Identifier: Apache-2.0
//
// time_text.h - moments and durations in words.

#ifndef TWOFACTOR_SETUP_TOOL_TIME_TEXT_H_
#define TWOFACTOR_SETUP_TOOL_TIME_TEXT_H_

#include <chrono>
#include <string>

#include "core/base/clock.h"

namespace twofactor::tool {

// "2026-03-01 17:05:09 UTC"
std::string TimeText(UnixTime time);

// "2026-03-01T17:05:09Z" (RFC 3339), for --json.
std::string TimeStamp(UnixTime time);

// "92 s", "15 min", "3 h 20 min", "30 days": seconds below two minutes, and
// two units at most.
std::string DurationText(std::chrono::seconds duration);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_TIME_TEXT_H_
