// SPDX-License-Identifier: Apache-2.0
//
// flush_notices.cc - twofactor flush-notices: mails what users are to be told.

#include <cstdint>
#include <string>
#include <vector>

#include "core/delivery/process_courier.h"
#include "core/store/notice_marks.h"
#include "setup_tool/host.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/notice_delivery.h"
#include "setup_tool/output.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

constexpr int kMaxRounds = 3;  // Of mail to one user in one run.

struct Tally {
  int sent = 0;
  int later = 0;
  int dropped = 0;
  int failed = 0;

  void Count(NoticeOutcome outcome) {
    switch (outcome) {
      case NoticeOutcome::kNothing:
        return;
      case NoticeOutcome::kLater:
        ++later;
        return;
      case NoticeOutcome::kSent:
        ++sent;
        return;
      case NoticeOutcome::kDropped:
        ++dropped;
        return;
    }
  }
};

class FlushNotices final : public Verb {
 public:
  void Describe(OptionList& options) override {
    options.Flag("--all", all_, "look at every user, marked or not");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(auto locked, NoticeMarks::Lock(host.config.paths));
    if (!locked) {
      PrintNote("another flush is running");
      return ExitCode::kDone;
    }
    const NoticeMarks& marks = *locked;
    ProcessCourier courier(host.config.delivery, host.clock);
    Interrupts interrupts;
    Tally tally;
    if (courier.IsConfigured())
      RETURN_IF_ERROR(Flush(host, courier, marks, interrupts, tally));
    if (invocation.format == Format::kJson)
      RETURN_IF_ERROR(PrintAsJson(tally));
    else
      PrintInWords(tally);
    return tally.failed + tally.later > 0 ? ExitCode::kPartly : ExitCode::kDone;
  }

 private:
  Try<void> Flush(Host& host, Courier& courier, const NoticeMarks& marks,
                  Interrupts& interrupts, Tally& tally) const {
    ASSIGN_OR_RETURN(const bool scanned, marks.Scanned());
    if (all_ || !scanned) RETURN_IF_ERROR(MarkEverybody(host, marks));
    ASSIGN_OR_RETURN(const auto users, marks.Users());
    for (const UserName& user : users) {
      RETURN_IF_ERROR(interrupts.Check());
      const auto outcome = FlushUser(host, courier, marks, user);
      if (outcome) tally.Count(*outcome);
      if (outcome) continue;
      ++tally.failed;
      PrintWarning(outcome.error().message);
    }
    return {};
  }

  // Those whose marks went with the last boot.
  static Try<void> MarkEverybody(Host& host, const NoticeMarks& marks) {
    ASSIGN_OR_RETURN(const auto users, host.store->UsersWithState());
    for (const UserName& user : users) {
      const auto pending = HasNotices(host, user);
      if (!pending || !*pending) continue;  // Damage is for other verbs.
      RETURN_IF_ERROR(marks.Add(user));
    }
    RETURN_IF_ERROR(marks.SetScanned());
    return {};
  }

  static Try<NoticeOutcome> FlushUser(Host& host, Courier& courier,
                                      const NoticeMarks& marks,
                                      const UserName& user) {
    NoticeOutcome outcome = NoticeOutcome::kNothing;
    // Events that came while mail was on its way are told in this run, too.
    for (int rounds = 0; rounds < kMaxRounds; ++rounds) {
      ASSIGN_OR_RETURN(const NoticeOutcome now,
                       DeliverNotices(host, courier, user));
      if (now == NoticeOutcome::kNothing) break;
      outcome = now;
      if (now == NoticeOutcome::kLater) return outcome;
    }
    ASSIGN_OR_RETURN(const bool waiting, HasNotices(host, user));
    if (waiting) return outcome;
    // An event between these two makes the mark again, or is seen here.
    RETURN_IF_ERROR(marks.Remove(user));
    ASSIGN_OR_RETURN(const bool pending, HasNotices(host, user));
    if (pending) RETURN_IF_ERROR(marks.Add(user));
    return outcome;
  }

  static void PrintInWords(const Tally& tally) {
    Print("users whose notices were sent: " + std::to_string(tally.sent) +
          ", are tried again: " + std::to_string(tally.later) +
          ", were dropped: " + std::to_string(tally.dropped) + "\n");
  }

  static Try<void> PrintAsJson(const Tally& tally) {
    JsonWriter json;
    json.BeginObject()
        .Member("sent", tally.sent)
        .Member("later", tally.later)
        .Member("dropped", tally.dropped)
        .Member("failed", tally.failed)
        .EndObject();
    return PrintSecret(json.Finish());
  }

  bool all_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeFlushNotices() {
  return std::make_unique<FlushNotices>();
}

}  // namespace twofactor::tool
