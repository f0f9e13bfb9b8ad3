// SPDX-License-Identifier: Apache-2.0
//
// challenge.cc - prompt, word, code, prompt.

#include "core/session/challenge.h"

#include <algorithm>

#include "core/base/audit_log.h"
#include "core/base/random.h"
#include "core/delivery/address.h"
#include "core/factor/code.h"
#include "core/factor/delivered_code.h"
#include "core/session/send_budget.h"
#include "core/session/throttle.h"

namespace twofactor {
namespace {

using std::chrono::seconds;

constexpr std::string_view kNotSent =
    "The code could not be sent; try another way.";
constexpr std::string_view kTooManySent =
    "No more codes are sent for now; try another way, or later.";
constexpr std::string_view kNoTime =
    "There is no time left to send a code; log in again.";

Result<Secret> NewCode() {
  SecretArray<kDeliveredCodeEntropy> entropy;
  RETURN_IF_ERROR(FillRandom(entropy.ExposeMutable()));
  return DeliveredCodeFrom(entropy.Expose());
}

// The word that was typed, whatever stands around it.
std::string_view WordIn(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool IsSameWord(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Strangers leave the last code of a window to sources that are known, and do
// not replace theirs.
seconds WaitToSend(const LoginState& state, const ChannelState& channel,
                   const Asker& asker, RateLimit limit, UnixTime now) {
  RateLimit of_day = kSendsOfDay;
  if (!IsKnownSource(state, asker.source, now)) {
    limit.failures = std::max(limit.failures - 1, 1);
    of_day.failures = kStrangersShareOfDay;
    const bool replaces = channel.source != asker.source &&
                          IsKnownSource(state, channel.source, now);
    if (replaces && now < channel.code.sent + kPendingCodeLife)
      return kPendingCodeLife;
  }
  seconds wait = std::max(WaitFor(channel.sends, limit, now),
                          WaitFor(channel.sends, of_day, now));
  if (!channel.sends.empty())
    wait = std::max(
        wait, channel.sends[channel.sends.size() - 1] + kSendSpacing - now);
  return wait;
}

LogLine StartLine(const UserName& user, const Asker& asker,
                  std::string_view address) {
  LogLine line("code");
  line.Add("user", user.text()).Add("service", asker.service);
  line.Add("source", ToText(asker.source)).Add("address", address);
  return line;
}

}  // namespace

Result<Answer> Challenge::Ask(const Subject& subject, const Asker& asker,
                              std::string_view name) {
  started_ = clock_.Monotonic();
  FindOffers(subject);
  std::string text;
  std::string_view note;
  if (only_way_ && offers_.size() == 1)
    note = Send(subject, asker, offers_.front(), Urge::kAtOnce, text);
  for (int sends = 0;; ++sends) {
    ASSIGN_OR_RETURN(const Secret typed,
                     conversation_.Ask(Prompt(note), config_.echo));
    const Offer* offer =
        sends < kMaxSendsOfLogin ? OfferOf(typed.Expose()) : nullptr;
    if (!offer) return ClassifyAnswer(typed.Expose(), name);
    note = Send(subject, asker, *offer, Urge::kAskedFor, text);
  }
}

void Challenge::FindOffers(const Subject& subject) {
  if (!courier_ || subject.presence != Presence::kRecord ||
      config_.delivered_codes == DeliveredCodes{false, false} ||
      !courier_->IsConfigured())
    return;
  const auto enrollment = store_.ReadEnrollment(subject.user);
  if (!enrollment) return;  // The decision finds it, too, and says why.
  for (const Address& address : enrollment->addresses)
    if (MayReceive(config_, address))
      offers_.push_back({address.id, address.kind, address.label,
                         MaskedAddress(address.address)});
  only_way_ =
      std::ranges::none_of(enrollment->devices, [](const Device& device) {
        return device.status == DeviceStatus::kEnabled;
      });
}

const Challenge::Offer* Challenge::OfferOf(Bytes typed) const {
  const std::string_view word = WordIn(AsText(typed));
  const auto offer = std::ranges::find_if(
      offers_, [&](const Offer& each) { return IsSameWord(each.word, word); });
  return offer == offers_.end() ? nullptr : &*offer;
}

// "Verification code (or: email, sms): "
std::string Challenge::Prompt(std::string_view note) const {
  std::string prompt;
  if (!note.empty()) prompt.append("\n").append(note).append("\n");
  if (offers_.empty()) return prompt + config_.prompt;
  std::string words;
  for (const Offer& offer : offers_)
    words.append(words.empty() ? "(or: " : ", ").append(offer.word);
  words += ")";
  const auto end = config_.prompt.find_last_not_of(": ");
  const auto cut = end == std::string::npos ? 0 : end + 1;
  prompt.append(config_.prompt, 0, cut).append(cut == 0 ? "" : " ");
  return prompt.append(words).append(config_.prompt, cut);
}

std::string_view Challenge::Send(const Subject& subject, const Asker& asker,
                                 const Offer& offer, Urge urge,
                                 std::string& text) {
  const auto left = kLoginBudget - (clock_.Monotonic() - started_);
  if (left < config_.delivery.time) return kNoTime;
  const auto sending = Deliver(subject.user, asker, offer, urge);
  LogLine line = StartLine(subject.user, asker, offer.word);
  if (!sending) {
    line.Add("result", "not_sent")
        .Add("reason", ErrorName(sending.error().code));
    line.Add("detail", sending.error().context).Send(Severity::kError);
    return kNotSent;
  }
  switch (sending->kind) {
    case Sending::Kind::kGone:
      return kNotSent;
    case Sending::Kind::kTooMany:
      line.Add("result", "not_sent").Add("reason", "throttled");
      line.Send(Severity::kNotice);
      return kTooManySent;
    case Sending::Kind::kPending:
      return text =
                 "The code that was sent to " + offer.shown + " is still good.";
    case Sending::Kind::kSend:
      line.Add("result", "sent").Send(Severity::kInfo);
      return text = "A code was sent to " + offer.shown + ".";
  }
  return kNotSent;
}

Result<Challenge::Sending> Challenge::NoteSending(const UserName& user,
                                                  const Asker& asker,
                                                  const Offer& offer, Urge urge,
                                                  const Secret& code) {
  return store_.Update<Sending>(
      user,
      [&](const Enrollment& enrollment, const Moment& moment,
          StateChange& change) -> Result<Sending> {
        LoginState& state = change.state;
        ForgiveTheFuture(state, moment.now);
        const Address* address = enrollment.Find(offer.id);
        if (!address || !MayReceive(config_, *address)) return Sending{};
        ChannelState& channel = state.ChannelOf(address->kind);
        const bool pending = IsPending(channel, *address, asker, moment.now);
        const ThrottleRuling ruling =
            MayAttempt(state, asker.source, config_.verify_limits, moment.now);
        if (ruling.kind == ThrottleRuling::Kind::kRefused)
          return Sending{Sending::Kind::kTooMany};
        if (pending && urge == Urge::kAtOnce)
          return Sending{Sending::Kind::kPending};
        if (WaitToSend(state, channel, asker, config_.send_limit, moment.now) >
            seconds(0))
          return Sending{pending ? Sending::Kind::kPending
                                 : Sending::Kind::kTooMany};
        Note(channel.sends, moment.now);
        RETURN_IF_ERROR(SetPending(*address, asker, code, moment.now, channel));
        return Sending{Sending::Kind::kSend, address->address,
                       channel.code.hash};
      });
}

Result<Challenge::Sending> Challenge::Deliver(const UserName& user,
                                              const Asker& asker,
                                              const Offer& offer, Urge urge) {
  ASSIGN_OR_RETURN(Secret code, NewCode());
  ASSIGN_OR_RETURN(Sending sending,
                   NoteSending(user, asker, offer, urge, code));
  if (sending.kind != Sending::Kind::kSend) return sending;
  // Whoever hangs up while it is sent leaves this line.
  StartLine(user, asker, offer.word)
      .Add("result", "requested")
      .Send(Severity::kInfo);
  auto sent = CountSendOfHost(store_, config_);
  if (sent)
    sent = courier_->Send({.kind = MessageKind::kLoginCode,
                           .address = sending.address,
                           .user = user.text(),
                           .code = std::move(code),
                           .good_for = kPendingCodeLife});
  if (sent) return sending;
  RETURN_IF_ERROR(Forget(user, offer, sending.hash));
  return std::unexpected(sent.error());
}

// Nobody has it.  One that came after it is another login's, and good.
Result<void> Challenge::Forget(const UserName& user, const Offer& offer,
                               const CodeHash& hash) {
  RETURN_IF_ERROR(store_.Update<Verdict>(
      user,
      [&](const Enrollment&, const Moment&,
          StateChange& change) -> Result<Verdict> {
        ChannelState& channel = change.state.ChannelOf(offer.kind);
        if (channel.code.hash == hash) channel.Forget();
        return Verdict::kRejected;
      }));
  return {};
}

}  // namespace twofactor
