// SPDX-License-Identifier: Apache-2.0
//
// time_text.cc - UTC always: a server's time zone helps nobody to compare.

#include "setup_tool/time_text.h"

#include <ctime>

namespace twofactor::tool {
namespace {

std::string Format(UnixTime time, const char* format) {
  std::time_t seconds =
      static_cast<std::time_t>(time.time_since_epoch().count());
  std::tm parts{};
  char text[64];
  if (gmtime_r(&seconds, &parts) == nullptr) return "beyond the calendar";
  std::size_t size = std::strftime(text, sizeof(text), format, &parts);
  return std::string(text, size);
}

std::string TwoUnits(std::int64_t major, const char* major_name,
                     std::int64_t minor, const char* minor_name) {
  std::string text = std::to_string(major) + " " + major_name;
  if (minor > 0) text += " " + std::to_string(minor) + " " + minor_name;
  return text;
}

}  // namespace

std::string TimeText(UnixTime time) {
  return Format(time, "%Y-%m-%d %H:%M:%S UTC");
}

std::string TimeStamp(UnixTime time) {
  return Format(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string DurationText(std::chrono::seconds duration) {
  std::int64_t seconds = duration.count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  std::int64_t minutes = seconds / 60;
  if (minutes < 120) return TwoUnits(minutes, "min", seconds % 60, "s");
  std::int64_t hours = minutes / 60;
  if (hours < 48) return TwoUnits(hours, "h", minutes % 60, "min");
  return TwoUnits(hours / 24, "days", hours % 24, "h");
}

}  // namespace twofactor::tool
