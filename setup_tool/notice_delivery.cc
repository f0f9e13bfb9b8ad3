// SPDX-License-Identifier: Apache-2.0
//
// notice_delivery.cc - read, mail, tick off.
//
// No lock is held while a mail is on its way, so events may come meanwhile:
// what is ticked off is what was read.

#include "setup_tool/notice_delivery.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/base/audit_log.h"
#include "core/session/notices.h"
#include "setup_tool/notice_text.h"
#include "setup_tool/subject.h"

namespace twofactor::tool {
namespace {

LogLine Line(const UserName& user, std::string_view result) {
  return LogLine("notices").Add("user", user.text()).Add("result", result);
}

Result<void> Mail(Courier& courier, const UserName& user,
                  const std::string& address, const std::string& text) {
  auto sent = courier.Send({.kind = MessageKind::kNotice,
                            .address = address,
                            .user = user.text(),
                            .text = text});
  if (!sent)
    Line(user, "not_sent")
        .Add("detail", sent.error().context)
        .Send(Severity::kError);
  return sent;
}

// How many of them took it.
std::size_t MailToAll(Courier& courier, const UserName& user,
                      const std::vector<std::string>& addresses,
                      const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(addresses, [&](const std::string& address) {
        return Mail(courier, user, address, text).has_value();
      }));
}

// A removed user's state changes as a record does, anybody else's as a login
// changes it.
Try<void> ChangeRing(Store& store, const UserName& user,
                     const std::function<void(NoticeRing&)>& change) {
  const auto updated =
      store.Update<bool>(user,
                         [&](const Enrollment&, const Moment&,
                             StateChange& state) -> Result<bool> {
                           state.durability = Durability::kPowerCutIfAble;
                           change(state.state.notices);
                           return true;
                         });
  if (updated) return {};
  if (updated.error().code != ErrorCode::kNotFound)
    return About(user, Result<void>(std::unexpected(updated.error())));
  return About(
      user,
      store.Change(user, [&](Record record, const Moment&) -> Result<Record> {
        change(record.state.notices);
        return record;
      }));
}

// What came of one side's mail: the user's, or the administrators'.
struct Side {
  std::uint32_t untold = 0;
  std::uint32_t told = 0;     // Of these, now taken ...
  std::uint32_t dropped = 0;  // ... and given up.

  bool waits() const { return told + dropped < untold; }
};

// After so many failures one address that takes the mail is enough.
constexpr int kTriesForAll = 3;

Side TellUser(Courier& courier, const UserName& user, const Record& record,
              UnixTime now) {
  const NoticeRing& ring = record.state.notices;
  Side side{.untold = Untold(ring)};
  if (side.untold == 0) return side;
  const auto addresses = NoticeAddresses(record);
  const std::size_t took =
      MailToAll(courier, user, addresses, NoticeText(ring, side.untold));
  const std::size_t enough =
      ring.failures < kTriesForAll ? addresses.size() : std::size_t{1};
  if (addresses.empty())
    side.dropped = side.untold;
  else if (took >= enough)
    side.told = side.untold;
  else
    side.dropped = CountStale(ring, side.untold, now);
  return side;
}

Side TellAdministrators(Courier& courier, const UserName& user,
                        const std::string& address, const NoticeRing& ring,
                        UnixTime now) {
  Side side{.untold = UntoldToAdministrators(ring)};
  if (side.untold == 0) return side;
  if (address.empty())
    side.dropped = side.untold;
  else if (Mail(courier, user, address, NoticeText(ring, side.untold)))
    side.told = side.untold;
  else
    side.dropped = CountStale(ring, side.untold, now);
  return side;
}

// `noted` may have been set back meanwhile, by a repair.
void Advance(const Side& side, std::uint32_t noted, std::uint32_t& told) {
  told = std::min(told + side.told + side.dropped, noted);
}

void LogSides(const UserName& user, const Record& record, const Side& own,
              const Side& administrators) {
  const NoticeRing& ring = record.state.notices;
  if (own.told + administrators.told > 0)
    Line(user, "sent")
        .Add("count", std::max(own.told, administrators.told))
        .Send(Severity::kInfo);
  const bool nobody = NoticeAddresses(record).empty();
  if (own.dropped > 0 && administrators.told == 0)
    Line(user, "dropped")
        .Add("count", own.dropped)
        .Add("reason", nobody ? "no_address" : "nobody_took_them")
        .Send(nobody ? Severity::kInfo : Severity::kWarning);
  const std::uint32_t untold = std::max(own.untold, administrators.untold);
  if (untold > ring.latest.size() && !own.waits())
    Line(user, "overflow")
        .Add("lost", untold - ring.latest.size())
        .Send(Severity::kWarning);
}

}  // namespace

Try<NoticeOutcome> DeliverNotices(Host& host, Courier& courier,
                                  const UserName& user) {
  ASSIGN_OR_RETURN(const Record record, About(user, host.store->Read(user)));
  ASSIGN_OR_RETURN(const Moment moment, host.clock.Now());
  const NoticeRing& ring = record.state.notices;
  if (!IsDue(ring, moment.now)) return NoticeOutcome::kNothing;

  const Side own = TellUser(courier, user, record, moment.now);
  const Side administrators = TellAdministrators(
      courier, user, host.config.notices_to, ring, moment.now);
  const bool waits = own.waits() || administrators.waits();
  RETURN_IF_ERROR(ChangeRing(*host.store, user, [&](NoticeRing& now) {
    Advance(own, now.noted, now.told);
    Advance(administrators, now.noted, now.told_administrators);
    now.failures = waits ? std::min(now.failures + 1, 255) : 0;
    if (waits) now.tried = moment.now;
    if (Untold(now) == 0) now.former_addresses.Clear();
  }));
  LogSides(user, record, own, administrators);
  if (waits) return NoticeOutcome::kLater;
  return own.told + administrators.told > 0 ? NoticeOutcome::kSent
                                            : NoticeOutcome::kDropped;
}

Try<bool> HasNotices(Host& host, const UserName& user) {
  ASSIGN_OR_RETURN(const Record record, About(user, host.store->Read(user)));
  const NoticeRing& ring = record.state.notices;
  return Untold(ring) + UntoldToAdministrators(ring) > 0;
}

}  // namespace twofactor::tool
