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

}  // namespace

void Notify(const Config& config, NoticeKind kind, UnixTime now,
            const Asker& asker, std::string_view subject, LoginState& state) {
  if (config.notices == Notices::kOff) return;
  NoticeRing& ring = state.notices;
  // What comes now need not wait for what came before.
  if (Untold(ring) == 0) ring.failures = 0;
  if (ring.latest.full()) ring.latest.RemoveAt(0);
  (void)ring.latest.Add({kind, now, asker.source, ServiceName(asker.service),
                         NoticeSubject(subject)});
  ++ring.noted;
}

void NotifyLockout(const Config& config, UnixTime now, const Asker& asker,
                   LoginState& state) {
  for (const Notice& notice : state.notices.latest)
    if (notice.kind == NoticeKind::kLockedOut &&
        now < notice.when + kLockoutQuiet)
      return;
  Notify(config, NoticeKind::kLockedOut, now, asker, "", state);
}

void KeepFormerAddress(const Config& config, Record& record) {
  if (config.notices == Notices::kOff) return;
  const auto addresses = NoticeAddresses(record);
  NoticeRing& ring = record.state.notices;
  if (!addresses.empty() && ring.former_address.empty())
    ring.former_address = NoticeAddress(addresses.front());
}

std::uint32_t Untold(const NoticeRing& ring) { return ring.noted - ring.told; }

bool IsDue(const NoticeRing& ring, UnixTime now) {
  if (Untold(ring) == 0) return false;
  if (ring.failures == 0 || now < ring.tried) return true;
  const int doublings = std::min(ring.failures - 1, 16);
  return now >=
         ring.tried + std::min(kFirstDelay * (1 << doublings), kLongestDelay);
}

bool IsStale(const NoticeRing& ring, UnixTime now) {
  return std::ranges::all_of(ring.latest, [&](const Notice& notice) {
    return now >= notice.when + kNoticeLife;
  });
}

std::vector<std::string> NoticeAddresses(const Record& record) {
  std::vector<std::string> addresses;
  const auto add = [&](std::string_view address) {
    if (!address.empty() &&
        std::ranges::find(addresses, address) == addresses.end())
      addresses.emplace_back(address);
  };
  if (record.enrollment) {
    for (const Address& address : record.enrollment->addresses)
      if (address.kind == Address::Kind::kEmail &&
          address.status == DeviceStatus::kEnabled)
        add(address.address);
    if (record.enrollment->recovery) add(record.enrollment->recovery->address);
  }
  add(record.state.notices.former_address.text());
  return addresses;
}

}  // namespace twofactor
