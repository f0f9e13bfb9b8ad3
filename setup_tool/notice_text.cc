// SPDX-License-Identifier: Apache-2.0
//
// notice_text.cc - a sentence for each kind of event.
//
// Trust: subjects and services come from the command line and from hosts.

#include "setup_tool/notice_text.h"

#include <algorithm>

#include "core/base/encoding.h"
#include "core/session/notices.h"
#include "setup_tool/time_text.h"

namespace twofactor::tool {
namespace {

std::string_view Sentence(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::kEnrolled:
      return "A device or address was enrolled";
    case NoticeKind::kRemoved:
      return "A device or address was removed";
    case NoticeKind::kEnabled:
      return "Devices were enabled";
    case NoticeKind::kDisabled:
      return "Devices were disabled";
    case NoticeKind::kReset:
      return "All devices and codes were removed";
    case NoticeKind::kBackupCodesMade:
      return "New backup codes were made";
    case NoticeKind::kBackupCodeUsed:
      return "A backup code was used to log in";
    case NoticeKind::kBypassMade:
      return "A bypass was made, which logs in without a device";
    case NoticeKind::kBypassUsed:
      return "A bypass was used to log in";
    case NoticeKind::kLockedOut:
      return "Too many wrong codes were typed";
    case NoticeKind::kRecovered:
      return "All devices and codes were replaced by recovery";
    case NoticeKind::kRecoveryAddress:
      return "The recovery address was changed or removed";
  }
  return "Something was changed";
}

// What of a text may stand in a mail.
std::string Shown(std::string_view text) {
  return IsPrintableUtf8(text) ? std::string(text) : PercentEncode(text);
}

std::string LineOf(const Notice& notice) {
  std::string line = TimeText(notice.when) + "  ";
  line.append(Sentence(notice.kind));
  if (!notice.subject.empty())
    line.append(" (").append(Shown(notice.subject.text())).append(")");
  if (notice.service.empty()) return line.append(", by an administrator.\n");
  line.append(", from ").append(ToText(notice.source));
  return line.append(", at ").append(Shown(notice.service.text())) + ".\n";
}

}  // namespace

std::string NoticeText(const NoticeRing& ring, std::uint32_t untold) {
  const std::size_t count = std::min<std::size_t>(untold, ring.latest.size());
  std::string text;
  if (untold > count)
    text = std::to_string(untold - count) +
           " more events found no room here; the system log has them.\n";
  for (std::size_t i = ring.latest.size() - count; i < ring.latest.size(); ++i)
    text += LineOf(ring.latest[i]);
  return text;
}

}  // namespace twofactor::tool
