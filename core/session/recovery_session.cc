// SPDX-License-Identifier: Apache-2.0
//
// recovery_session.cc - request, code, new device.

#include "core/session/recovery_session.h"

#include <algorithm>

#include "core/base/encoding.h"
#include "core/base/random.h"
#include "core/session/answer.h"
#include "core/session/send_budget.h"
#include "core/session/throttle.h"

namespace twofactor {
namespace {

constexpr std::string_view kCodePrompt =
    "\nIf you have a recovery address and did not ask too often,\n"
    "a code was sent to it.\n"
    "Recovery code: ";
constexpr std::string_view kWrongCodePrompt =
    "\nThat is not the code.\nRecovery code: ";
constexpr std::string_view kWrongDeviceCode = "\nThat is not its code now.\n";

bool IsGood(const SentCode& challenge, UnixTime now) {
  return challenge.sent != UnixTime{} && challenge.failures < kRecoveryTries &&
         now >= challenge.sent && now < challenge.sent + kRecoveryCodeLife;
}

Secret DevicePrompt(const EnrollSession& session, std::string_view issuer) {
  const Secret key = Base32Encode(session.device().key.Expose());
  return Joined(
      {"\nAdd this key to your authenticator app; it takes the place "
       "of all that you had.\n  key  ",
       AsText(InGroups(key.Expose(), ' ').Expose()), "\n  URI  ",
       AsText(session.Uri(issuer).Expose()),
       "\nCode that the app shows now: "});
}

}  // namespace

Result<Secret> NewRecoveryCode() {
  SecretArray<kBackupCodeSize> entropy;
  while (true) {
    RETURN_IF_ERROR(FillRandom(entropy.ExposeMutable()));
    if (auto code = BackupCodeFrom(entropy.Expose())) return std::move(*code);
  }
}

void RecoverySession::Log(const UserName& user, std::string_view step,
                          Severity severity) const {
  LogLine("recovery")
      .Add("user", user.text())
      .Add("service", asker_.service)
      .Add("source", ToText(asker_.source))
      .Add("step", step)
      .Send(severity);
}

Result<Judgement> RecoverySession::Run(const Subject& subject) {
  ASSIGN_OR_RETURN(Secret code, NewRecoveryCode());
  ASSIGN_OR_RETURN(const Asked asked, NoteRequest(subject, code));
  if (asked.request == Request::kSend)
    RETURN_IF_ERROR(Send(subject.user, asked, std::move(code)));
  ASSIGN_OR_RETURN(auto ground, AskForCode(subject));
  if (ground) return EnrollDevice(subject.user, std::move(*ground));
  if (asked.request == Request::kThrottled)
    return Judgement{.kind = Judgement::Kind::kThrottled,
                     .method = Method::kRecovery,
                     .retry_after = asked.retry_after};
  return Judgement{.method = Method::kRecovery};
}

Result<RecoverySession::Asked> RecoverySession::NoteRequest(
    const Subject& subject, const Secret& code) {
  return store_.Update<Asked>(
      subject.user,
      [&](const Enrollment& enrollment, const Moment& moment,
          StateChange& change) -> Result<Asked> {
        LoginState& state = change.state;
        ForgiveTheFuture(state, moment.now);
        if (subject.presence == Presence::kAbsent || !enrollment.recovery ||
            !HasFactor(config_, enrollment))
          return Asked{};
        if (IsGood(state.recovery, moment.now))
          return Asked{.request = Request::kPending};
        const auto wait = WaitFor(state.recovery_requests,
                                  config_.recovery_limit, moment.now);
        if (wait > std::chrono::seconds(0))
          return Asked{.request = Request::kThrottled, .retry_after = wait};
        Note(state.recovery_requests, moment.now);
        ASSIGN_OR_RETURN(
            state.recovery.hash,
            HashCode(enrollment.recovery->key.Expose(), code.Expose()));
        state.recovery.sent = moment.now;
        state.recovery.failures = 0;
        return Asked{.request = Request::kSend,
                     .address = enrollment.recovery->address,
                     .hash = state.recovery.hash};
      });
}

Result<void> RecoverySession::Send(const UserName& user, const Asked& asked,
                                   Secret code) {
  // Whoever hangs up while it is sent leaves this line.
  Log(user, "requested", Severity::kNotice);
  Result<void> sent =
      courier_ ? CountSendOfHost(store_, config_)
               : Result<void>(Fail(ErrorCode::kDelivery,
                                   "nothing is sent from this host"));
  if (sent)
    sent = courier_->Send({.kind = MessageKind::kRecoveryCode,
                           .address = asked.address,
                           .user = user.text(),
                           .code = InGroups(code.Expose()),
                           .good_for = kRecoveryCodeLife});
  Log(user, sent ? "code_sent" : "not_sent",
      sent ? Severity::kNotice : Severity::kError);
  if (sent) return {};
  RETURN_IF_ERROR(ForgetCode(user, asked.hash));
  conversation_.Tell("The code could not be sent; try another way.");
  return std::unexpected(sent.error());
}

// Nobody has it: the next request sends another, within the limit.  One that
// came after it is another login's, and good.
Result<void> RecoverySession::ForgetCode(const UserName& user,
                                         const CodeHash& hash) {
  RETURN_IF_ERROR(
      store_.Update<Verdict>(user,
                             [&](const Enrollment&, const Moment&,
                                 StateChange& change) -> Result<Verdict> {
                               SentCode& challenge = change.state.recovery;
                               if (challenge.hash == hash)
                                 challenge = SentCode{};
                               return Verdict::kRejected;
                             }));
  return {};
}

Result<std::optional<RecoveryGround>> RecoverySession::AskForCode(
    const Subject& subject) {
  std::string_view prompt = kCodePrompt;
  for (int tries = 0; tries < kRecoveryTries; ++tries) {
    ASSIGN_OR_RETURN(const Secret typed,
                     conversation_.Ask(prompt, config_.echo));
    const Answer answer = ClassifyAnswer(typed.Expose(), subject.user.text());
    if (answer.kind == Answer::Kind::kNothing) return std::nullopt;
    if (answer.kind == Answer::Kind::kBackupCode) {
      ASSIGN_OR_RETURN(auto ground, CheckCode(subject, answer.code.Expose()));
      if (ground) return ground;
    }
    prompt = kWrongCodePrompt;
  }
  return std::nullopt;
}

Result<std::optional<RecoveryGround>> RecoverySession::CheckCode(
    const Subject& subject, Bytes code) {
  using Ground = std::optional<RecoveryGround>;
  ASSIGN_OR_RETURN(
      Ground ground,
      store_.Update<Ground>(
          subject.user,
          [&](const Enrollment& enrollment, const Moment& moment,
              StateChange& change) -> Result<Ground> {
            SentCode& challenge = change.state.recovery;
            if (subject.presence == Presence::kAbsent || !enrollment.recovery ||
                !IsGood(challenge, moment.now))
              return std::nullopt;
            ASSIGN_OR_RETURN(const CodeHash hash,
                             HashCode(enrollment.recovery->key.Expose(), code));
            if (!ConstantTimeEqual(hash, challenge.hash)) {
              ++challenge.failures;
              return std::nullopt;
            }
            challenge = SentCode{};
            return Ground(RecoveryGround(enrollment, moment.now));
          }));
  Log(subject.user, ground ? "code_right" : "code_wrong", Severity::kNotice);
  return ground;
}

Result<Judgement> RecoverySession::EnrollDevice(const UserName& user,
                                                RecoveryGround ground) {
  ASSIGN_OR_RETURN(EnrollSession session,
                   EnrollSession::Begin(config_, store_, clock_, user,
                                        {.parameters = config_.totp_parameters,
                                         .asker = asker_,
                                         .replaces = std::move(ground)}));
  const Secret prompt = DevicePrompt(session, config_.issuer);
  Secret repeated = Joined({kWrongDeviceCode, AsText(prompt.Expose())});
  std::string_view shown = AsText(prompt.Expose());
  for (int tries = 0; tries < kRecoveryTries; ++tries) {
    ASSIGN_OR_RETURN(const Secret typed, conversation_.Ask(shown, Echo::kOn));
    ASSIGN_OR_RETURN(const Verdict verdict, session.Confirm(typed.Expose()));
    if (verdict == Verdict::kAccepted) return SaveDevice(user, session);
    shown = AsText(repeated.Expose());
  }
  Log(user, "gave_up", Severity::kNotice);
  return Judgement{.method = Method::kRecovery};
}

Result<Judgement> RecoverySession::SaveDevice(const UserName& user,
                                              EnrollSession& session) {
  Result<void> saved = session.Save();
  if (!saved && saved.error().code != ErrorCode::kNotFound)
    return std::unexpected(std::move(saved).error());
  Log(user, saved ? "device_replaced" : "lapsed", Severity::kNotice);
  if (!saved)
    return Judgement{.kind = Judgement::Kind::kLapsed,
                     .method = Method::kRecovery};
  return Judgement{.kind = Judgement::Kind::kAccepted,
                   .method = Method::kRecovery,
                   .name = session.device().label};
}

}  // namespace twofactor
