// SPDX-License-Identifier: Apache-2.0
//
// notices.cc - a ring of the latest events.

#include "core/session/notices.h"

#include <algorithm>

namespace twofactor {
namespace {

using std::chrono::seconds;

constexpr seconds kFirstDelay{60};
constexpr seconds kLongestDelay = std::chrono::hours(6);

// False when the event is counted alone.  What was told goes first, then
// lockouts, which anybody with a password can make: they displace nothing else.
bool MakeRoom(NoticeKind kind, NoticeRing& ring) {
  if (!ring.latest.full()) return true;
  const std::uint32_t untold =
      std::max(Untold(ring), UntoldToAdministrators(ring));
  const auto lockout =
      std::ranges::find(ring.latest, NoticeKind::kLockedOut, &Notice::kind);
  const bool oldest_is_told = untold <= ring.latest.size();
  if (oldest_is_told) {
    ring.latest.RemoveAt(0);
  } else if (lockout != ring.latest.end()) {
    ring.latest.RemoveAt(
        static_cast<std::size_t>(lockout - ring.latest.begin()));
  } else if (kind == NoticeKind::kLockedOut) {
    return false;
  } else {
    ring.latest.RemoveAt(0);
  }
  return true;
}

}  // namespace

void Notify(const Config& config, NoticeKind kind, UnixTime now,
            const Asker& asker, std::string_view subject, LoginState& state) {
  if (config.notices == Notices::kOff) return;
  NoticeRing& ring = state.notices;
  // What comes now need not wait for what came before, and what nobody was told
  // of for so long is nobody's now.
  if (Untold(ring) == 0) ring.failures = 0;
  if (!ring.latest.empty() &&
      CountStale(ring, Untold(ring), now) == Untold(ring)) {
    ring.told = ring.noted;
    ring.former_addresses.Clear();
  }
  ++ring.noted;
  if (MakeRoom(kind, ring))
    (void)ring.latest.Add({kind, now, asker.source, ServiceName(asker.service),
                           NoticeSubject(subject)});
}

void NotifyLockout(const Config& config, UnixTime now, const Asker& asker,
                   LoginState& state) {
  for (const Notice& notice : state.notices.latest)
    if (notice.kind == NoticeKind::kLockedOut && notice.when <= now &&
        now < notice.when + kLockoutQuiet)
      return;
  Notify(config, NoticeKind::kLockedOut, now, asker, "", state);
}

bool IsDue(const NoticeRing& ring, UnixTime now) {
  if (Untold(ring) + UntoldToAdministrators(ring) == 0) return false;
  if (ring.failures == 0 || now < ring.tried) return true;
  const int doublings = std::min(ring.failures - 1, 16);
  return now >=
         ring.tried + std::min(kFirstDelay * (1 << doublings), kLongestDelay);
}

std::uint32_t CountStale(const NoticeRing& ring, std::uint32_t untold,
                         UnixTime now) {
  const std::size_t there = std::min<std::size_t>(untold, ring.latest.size());
  const auto first = ring.latest.end() - there;
  const auto fresh = std::find_if(
      first, ring.latest.end(),
      [&](const Notice& notice) { return now < notice.when + kNoticeLife; });
  if (fresh == first && there > 0) return 0;
  return untold - static_cast<std::uint32_t>(ring.latest.end() - fresh);
}

std::vector<std::string> NoticeAddresses(const Record& record) {
  std::vector<std::string> addresses;
  if (record.enrollment) addresses = record.enrollment->EmailAddresses();
  for (const NoticeAddress& former : record.state.notices.former_addresses)
    if (std::ranges::find(addresses, former.text()) == addresses.end())
      addresses.emplace_back(former.text());
  return addresses;
}

}  // namespace twofactor
