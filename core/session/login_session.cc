// SPDX-License-Identifier: Apache-2.0
//
// login_session.cc - the story of a login.
//
// MUSTs (docs/SECURITY.md):
//   1. The outcome starts as denied.  kAccepted is made in OutcomeOf, from a
//      judgement that Store::Update handed out after its commit; kSkipped
//      behind MaySkip and for services that policy leaves alone.
//   2. No lock is held while the user is asked.
//   3. Users without a record see the same prompt and cost the same work.

#include "core/session/login_session.h"

#include "core/base/audit_log.h"
#include "core/session/account.h"
#include "core/session/answer.h"
#include "core/session/challenge.h"
#include "core/session/judgement.h"
#include "core/session/policy.h"
#include "core/session/recovery_session.h"
#include "core/store/file_login_store.h"
#include "core/store/file_record_store.h"

namespace twofactor {
namespace {

// With so few backup codes left it is time for new ones.
constexpr int kFewCodes = 3;

LogLine StartLine(const LoginRequest& request) {
  LogLine line("login");
  line.Add("user", request.user).Add("service", request.service);
  line.Add("rhost", request.remote_host).Add("tty", request.terminal);
  return line;
}

Outcome Deny(const LoginRequest& request, std::string_view reason) {
  StartLine(request)
      .Add("result", "denied")
      .Add("reason", reason)
      .Send(Severity::kNotice);
  return Outcome::kDenied;
}

[[gnu::cold]] Outcome DenyForError(const LoginRequest& request,
                                   const Error& error) {
  LogLine line = StartLine(request);
  line.Add("result", "denied").Add("reason", ErrorName(error.code));
  line.Add("detail", error.context);
  if (error.code == ErrorCode::kNeedsRepair)
    line.Add("hint",
             "restore the secret file if it is gone, else twofactor "
             "repair " +
                 request.user);
  if (error.code == ErrorCode::kStoreMissing)
    line.Add("hint", "is the state folder mounted, is the keys folder there");
  // What has to be spent on the disk is refused while the disk takes nothing.
  line.Send(error.code == ErrorCode::kReadOnly ? Severity::kAlert
                                               : Severity::kError);
  return error.code == ErrorCode::kConversation ? Outcome::kConversationFailed
                                                : Outcome::kUnavailable;
}

Outcome SkipFor(const LoginRequest& request, const Ruling& ruling) {
  StartLine(request)
      .Add("result", "skipped")
      .Add("rule", ruling.rule)
      .Add("reason", "not_enrolled")
      .Send(Severity::kInfo);
  return Outcome::kSkipped;
}

std::string_view ReasonOf(Judgement::Kind kind) {
  switch (kind) {
    case Judgement::Kind::kRejected:
      return "wrong_code";
    case Judgement::Kind::kReplayed:
      return "used_code";
    case Judgement::Kind::kExpired:
      return "expired_code";
    case Judgement::Kind::kClockBehind:
      return "clock_behind_last_use";
    case Judgement::Kind::kThrottled:
      return "throttled";
    case Judgement::Kind::kNothingUsable:
      return "nothing_usable";
    case Judgement::Kind::kLapsed:
      return "recovery_lapsed";
    case Judgement::Kind::kAccepted:
      return "code";
  }
  return "wrong_code";
}

// The one place that says kAccepted.
Outcome OutcomeOf(Judgement::Kind kind) {
  switch (kind) {
    case Judgement::Kind::kAccepted:
      return Outcome::kAccepted;
    case Judgement::Kind::kThrottled:
      return Outcome::kThrottled;
    case Judgement::Kind::kRejected:
    case Judgement::Kind::kReplayed:
    case Judgement::Kind::kExpired:
    case Judgement::Kind::kClockBehind:
    case Judgement::Kind::kNothingUsable:
    case Judgement::Kind::kLapsed:
      return Outcome::kDenied;
  }
  return Outcome::kDenied;
}

void LogJudgement(const LoginRequest& request, const Source& source,
                  const Judgement& judgement) {
  const bool accepted = judgement.kind == Judgement::Kind::kAccepted;
  LogLine line = StartLine(request);
  line.Add("source", ToText(source));
  line.Add("method", MethodName(judgement.method));
  line.Add("result", accepted ? "accepted" : "denied");
  line.Add("reason", ReasonOf(judgement.kind));
  if (!judgement.name.empty())
    line.Add(judgement.method == Method::kBypass ? "bypass_for" : "device",
             judgement.name);
  if (judgement.codes_left) line.Add("codes_left", *judgement.codes_left);
  if (source.kind == Source::Kind::kLocal && !request.remote_host.empty())
    line.Add("hint", "rhost is no address: set UseDNS no");
  if (judgement.kind == Judgement::Kind::kThrottled)
    line.Add("retry_after_s", judgement.retry_after.count());
  line.Send(accepted ? Severity::kInfo : Severity::kNotice);
  if (!judgement.strangers_exhausted || accepted) return;
  LogLine("guessing").Add("user", request.user).Send(Severity::kAlert);
}

std::string_view WhyNoRecovery(const Config& config) {
  if (config.recovery == Recovery::kOff) return "recovery_is_off";
  return "recovery_not_here";
}

// Why an answer that is no code is not compared with anything.
std::string_view ReasonOf(const Config& config, Answer::Kind kind) {
  switch (kind) {
    case Answer::Kind::kNothing:
      return "no_answer";
    case Answer::Kind::kHostDummy:
      return "host_admits_no_such_user";
    case Answer::Kind::kUserName:
      return "typed_user_name";
    case Answer::Kind::kUnknownFormat:
      return "not_a_code";
    case Answer::Kind::kRecover:
      return WhyNoRecovery(config);
    case Answer::Kind::kCode:
    case Answer::Kind::kCodePair:
    case Answer::Kind::kBackupCode:
      return "code";
  }
  return "no_answer";
}

bool IsCode(Answer::Kind kind) {
  switch (kind) {
    case Answer::Kind::kCode:
    case Answer::Kind::kCodePair:
    case Answer::Kind::kBackupCode:
      return true;
    case Answer::Kind::kNothing:
    case Answer::Kind::kHostDummy:
    case Answer::Kind::kUserName:
    case Answer::Kind::kUnknownFormat:
    case Answer::Kind::kRecover:
      return false;
  }
  return false;
}

// What somebody should know who is let in by a code that is gone now.
void TellWhatIsLeft(const Judgement& judgement, Conversation& conversation) {
  if (judgement.kind != Judgement::Kind::kAccepted || !judgement.codes_left)
    return;
  const int left = *judgement.codes_left;
  if (judgement.method == Method::kBypass)
    return conversation.Tell(
        "An administrator's bypass let you in; it is good for " +
        std::to_string(left) + " more.");
  std::string text = "That backup code is used up; " + std::to_string(left) +
                     (left == 1 ? " is left." : " are left.");
  if (left <= kFewCodes)
    text += " Ask for new ones: twofactor backup-codes --regenerate";
  conversation.Tell(text);
}

// Absence is proven where it lets somebody skip, and costs nothing elsewhere.
Result<Presence> PresenceOf(const Account& account, const Ruling& ruling,
                            const FileLoginStore& store) {
  if (MaySkip(ruling, account, Presence::kAbsent) == Skip::kAllowed)
    return store.Find(account.name);
  return store.Look(account.name);
}

bool MayRecover(const Config& config, const LoginRequest& request) {
  return config.recovery == Recovery::kOn &&
         request.first == FirstFactor::kProven;
}

Result<Judgement> JudgeSubject(const Config& config, LoginStore& store,
                               const Subject& subject, const Attempt& attempt) {
  return store.Update<Judgement>(
      subject.user,
      [&](const Enrollment& enrollment, const Moment& moment,
          StateChange& change) -> Result<Judgement> {
        if (subject.presence == Presence::kRecord)
          return Judge(config, attempt, enrollment, moment, change);
        const auto before = std::make_unique<LoginState>(change.state);
        RETURN_IF_ERROR(Judge(config, attempt, enrollment, moment, change));
        change.state = *before;  // Nobody remembers nothing.
        return Judgement{};
      });
}

// Nobody's record is the host's own: unless it is not there, what is wrong with
// it is wrong with the store.
[[gnu::cold]] Outcome DenyForNobody(const LoginRequest& request,
                                    const LoginStore& store,
                                    const Error& error) {
  const auto nobody = store.Find(UserName::Nobody());
  LogLine line("nobody");
  line.Add("reason", ErrorName(error.code)).Add("detail", error.context);
  if (nobody == Presence::kAbsent) line.Add("hint", "twofactor init");
  line.Send(Severity::kError);
  if (!nobody) return DenyForError(request, nobody.error());
  if (error.code == ErrorCode::kNotFound ||
      error.code == ErrorCode::kNeedsRepair)
    return Deny(request, "not_enrolled");
  return DenyForError(request, error);
}

// Removed since presence was read, or a secret file of a removed record.
bool NoRecord(const Result<Judgement>& judgement) {
  return !judgement && judgement.error().code == ErrorCode::kNotFound;
}

}  // namespace

Outcome LoginSession::Run(const LoginRequest& request) {
  if (!config_) return DenyForError(request, config_.error());
  const Config& config = *config_;
  const Ruling ruling = RuleForService(config, request.service);
  if (ruling.requirement == Requirement::kOff) return Outcome::kSkipped;
  if (request.caller != 0) return Deny(request, "caller_is_not_root");

  const auto account = FindAccount(request.user, config);
  if (!account) return DenyForError(request, account.error());
  const auto store = FileLoginStore::Open(config.paths, clock_);
  if (!store) return DenyForError(request, store.error());
  const auto presence = PresenceOf(*account, ruling, **store);
  if (MaySkip(ruling, *account, presence) == Skip::kAllowed)
    return SkipFor(request, ruling);

  const bool absent = !presence || *presence != Presence::kRecord;
  const Subject subject{absent ? UserName::Nobody() : account->name,
                        absent ? Presence::kAbsent : Presence::kRecord};
  const Asker asker{SourceFromRemoteHost(request.remote_host), request.service};
  const auto answer =
      Challenge(config, clock_, conversation_, **store, CourierFor(request))
          .Ask(subject, asker, request.user);
  if (!answer) return DenyForError(request, answer.error());
  if (!presence) return DenyForError(request, presence.error());
  const bool recovers =
      answer->kind == Answer::Kind::kRecover && MayRecover(config, request);
  if (!IsCode(answer->kind) && !recovers)
    return Deny(request, ReasonOf(config, answer->kind));

  const Attempt attempt{AsText(answer->code.Expose()), asker, answer->kind};
  const auto judgement = recovers
                             ? Recover(config, subject, asker)
                             : JudgeSubject(config, **store, subject, attempt);
  if (absent && !judgement)
    return DenyForNobody(request, **store, judgement.error());
  if (absent || NoRecord(judgement)) return Deny(request, "not_enrolled");
  if (!judgement) return DenyForError(request, judgement.error());
  LogJudgement(request, asker.source, *judgement);
  TellWhatIsLeft(*judgement, conversation_);
  return OutcomeOf(judgement->kind);
}

// Nothing is sent to anybody who has not proven the first factor.
Courier* LoginSession::CourierFor(const LoginRequest& request) const {
  return request.first == FirstFactor::kProven ? courier_ : nullptr;
}

Result<Judgement> LoginSession::Recover(const Config& config,
                                        const Subject& subject,
                                        const Asker& asker) {
  ASSIGN_OR_RETURN(const auto store,
                   FileRecordStore::Open(config.paths, clock_));
  return RecoverySession(config, clock_, conversation_, courier_, *store, asker)
      .Run(subject);
}

Outcome LoginSession::CheckExemption(const LoginRequest& request) {
  if (!config_) return DenyForError(request, config_.error());
  const Ruling ruling = RuleForService(*config_, request.service);
  if (ruling.requirement == Requirement::kOff) return Outcome::kSkipped;
  if (ruling.requirement == Requirement::kRequired)
    return Deny(request, "no_second_factor");
  if (request.caller != 0) return Deny(request, "caller_is_not_root");

  const auto account = FindAccount(request.user, *config_);
  if (!account) return DenyForError(request, account.error());
  const auto store = FileLoginStore::Open(config_->paths, clock_);
  if (!store) return DenyForError(request, store.error());
  const auto presence = (*store)->Find(account->name);
  if (MaySkip(ruling, *account, presence) == Skip::kAllowed)
    return SkipFor(request, ruling);
  return Deny(request, "no_second_factor");
}

}  // namespace twofactor
