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

// Whether one of them took it.
bool MailToAny(Courier& courier, const UserName& user,
               const std::vector<std::string>& addresses,
               const std::string& text) {
  return std::ranges::count_if(addresses, [&](const std::string& address) {
           return Mail(courier, user, address, text).has_value();
         }) > 0;
}

// A removed user's state changes as a record does, anybody else's as a login
// changes it.
Try<void> ChangeRing(Store& store, const UserName& user,
                     const std::function<void(NoticeRing&)>& change) {
  const auto updated =
      store.Update<bool>(user,
                         [&](const Enrollment&, const Moment&,
                             StateChange& state) -> Result<bool> {
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

void LogLost(const UserName& user, const NoticeRing& ring) {
  const std::uint32_t untold = Untold(ring);
  if (untold <= ring.latest.size()) return;
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

  const std::string& administrators = host.config.notices_to;
  std::vector<std::string> addresses = NoticeAddresses(record);
  const bool has_own = !addresses.empty();
  if (!has_own && !administrators.empty()) addresses.push_back(administrators);
  const std::string text = NoticeText(ring);
  const bool sent = MailToAny(courier, user, addresses, text);
  const bool given_up =
      !sent && (addresses.empty() || IsStale(ring, moment.now));
  if (has_own && (sent || given_up) && !administrators.empty())
    (void)Mail(courier, user, administrators, text);

  RETURN_IF_ERROR(ChangeRing(*host.store, user, [&](NoticeRing& now) {
    if (!sent && !given_up) {
      now.failures = std::min(now.failures + 1, 255);
      now.tried = moment.now;
      return;
    }
    now.told = std::max(now.told, ring.noted);
    now.failures = 0;
    if (now.told == now.noted) now.former_address = {};
  }));
  if (sent || given_up) LogLost(user, ring);
  if (given_up)
    Line(user, "dropped")
        .Add("count", Untold(ring))
        .Add("reason", addresses.empty() ? "no_address" : "nobody_took_them")
        .Send(addresses.empty() ? Severity::kInfo : Severity::kWarning);
  if (sent) Line(user, "sent").Add("count", Untold(ring)).Send(Severity::kInfo);
  return sent       ? NoticeOutcome::kSent
         : given_up ? NoticeOutcome::kDropped
                    : NoticeOutcome::kLater;
}

Try<bool> HasNotices(Host& host, const UserName& user) {
  ASSIGN_OR_RETURN(const Record record, About(user, host.store->Read(user)));
  return Untold(record.state.notices) > 0;
}

}  // namespace twofactor::tool
