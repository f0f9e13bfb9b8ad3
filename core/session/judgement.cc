// SPDX-License-Identifier: Apache-2.0
//
// judgement.cc - throttle first, then compare, then what to remember.

#include "core/session/judgement.h"

#include <algorithm>

#include "core/factor/backup_code.h"
#include "core/session/device_codes.h"
#include "core/session/notices.h"
#include "core/session/throttle.h"

namespace twofactor {
namespace {

// The budgets that an answer is charged to.
struct Charge {
  bool guesses = false;  // Of codes of devices.
  bool codes = false;    // Of codes that were handed out beforehand.
};

// Scratch codes are short: they are tried while both budgets are open.
Charge ChargeOf(const Attempt& attempt, const Config& config,
                const Enrollment& enrollment, const LoginState& state,
                UnixTime now) {
  if (attempt.kind == Answer::Kind::kBackupCode) return {.codes = true};
  const bool has_scratch_codes =
      attempt.kind == Answer::Kind::kCode &&
      attempt.code.size() == kScratchCodeSize &&
      enrollment.FindSet(CodeSet::Kind::kScratch) != nullptr;
  const ThrottleRuling ruling =
      MayTryCode(state, attempt.asker.source, config.backup_limit, now);
  return {.guesses = true,
          .codes = has_scratch_codes &&
                   ruling.kind == ThrottleRuling::Kind::kAllowed};
}

Judgement::Kind KindOf(Comparison::Kind kind) {
  switch (kind) {
    case Comparison::Kind::kRejected:
      return Judgement::Kind::kRejected;
    case Comparison::Kind::kReplayed:
      return Judgement::Kind::kReplayed;
    case Comparison::Kind::kExpired:
      return Judgement::Kind::kExpired;
    case Comparison::Kind::kClockBehind:
      return Judgement::Kind::kClockBehind;
    case Comparison::Kind::kAccepted:
      return Judgement::Kind::kAccepted;
  }
  return Judgement::Kind::kRejected;
}

void TakeOver(Comparison comparison, StateChange& change,
              Judgement& judgement) {
  change.durability = std::min(change.durability, comparison.durability);
  if (KindOf(comparison.kind) <= judgement.kind) return;
  judgement.kind = KindOf(comparison.kind);
  judgement.method = comparison.method;
  judgement.name = std::move(comparison.name);
  judgement.codes_left = comparison.codes_left;
}

ThrottleRuling RulingFor(const Charge& charge, const Attempt& attempt,
                         const Config& config, const LoginState& state,
                         UnixTime now) {
  if (charge.guesses)
    return MayAttempt(state, attempt.asker.source, config.verify_limits, now);
  return MayTryCode(state, attempt.asker.source, config.backup_limit, now);
}

Result<void> Compare(const Config& config, const Attempt& attempt,
                     const Charge& charge, const Enrollment& enrollment,
                     const Moment& moment, StateChange& change,
                     Judgement& judgement) {
  if (charge.guesses) {
    ASSIGN_OR_RETURN(
        Comparison devices,
        CompareWithDevices(config, attempt, enrollment, moment, change.state));
    TakeOver(std::move(devices), change, judgement);
    ASSIGN_OR_RETURN(Comparison addresses,
                     CompareWithAddresses(config, attempt, enrollment, moment,
                                          change.state));
    TakeOver(std::move(addresses), change, judgement);
  }
  if (charge.codes) {
    ASSIGN_OR_RETURN(
        Comparison codes,
        CompareWithCodeSets(config, attempt, enrollment, moment, change.state));
    TakeOver(std::move(codes), change, judgement);
  }
  return {};
}

// Codes that were handed out beforehand are told of when they are used.
void NotifyOfUse(const Config& config, const Judgement& judgement,
                 const Attempt& attempt, UnixTime now, LoginState& state) {
  if (judgement.method == Method::kBackupCode)
    Notify(config, NoticeKind::kBackupCodeUsed, now, attempt.asker, "", state);
  if (judgement.method == Method::kBypass)
    Notify(config, NoticeKind::kBypassUsed, now, attempt.asker, judgement.name,
           state);
}

}  // namespace

Result<Judgement> Judge(const Config& config, const Attempt& attempt,
                        const Enrollment& enrollment, const Moment& moment,
                        StateChange& change) {
  Judgement judgement;
  // Without a boot id nothing tells later that this commit was lost.
  change.durability =
      BootIsKnown(moment) ? Durability::kCrash : Durability::kPowerCut;
  ForgiveTheFuture(change.state, moment.now);

  const Charge charge =
      ChargeOf(attempt, config, enrollment, change.state, moment.now);
  const ThrottleRuling ruling =
      RulingFor(charge, attempt, config, change.state, moment.now);
  if (ruling.kind == ThrottleRuling::Kind::kRefused) {
    judgement.kind = Judgement::Kind::kThrottled;
    judgement.retry_after = ruling.retry_after;
  } else if (!AnythingUsable(config, enrollment, change.state, moment.now)) {
    judgement.kind = Judgement::Kind::kNothingUsable;
  } else {
    RETURN_IF_ERROR(Compare(config, attempt, charge, enrollment, moment, change,
                            judgement));
  }

  if (judgement.kind == Judgement::Kind::kAccepted) {
    RecordSuccess(change.state, attempt.asker.source, moment.now);
    NotifyOfUse(config, judgement, attempt, moment.now, change.state);
  }
  if (judgement.kind == Judgement::Kind::kRejected) {
    if (charge.guesses)
      RecordFailure(change.state, attempt.asker.source, moment.now);
    if (FitsAddresses(attempt))
      CountWrongAnswer(change.state, attempt.asker, moment.now);
    if (charge.codes)
      RecordCodeFailure(change.state, attempt.asker.source, moment.now);
    if (RulingFor(charge, attempt, config, change.state, moment.now).kind ==
        ThrottleRuling::Kind::kRefused)
      NotifyLockout(config, moment.now, attempt.asker, change.state);
  }
  judgement.strangers_exhausted =
      StrangersExhausted(change.state, config.verify_limits, moment.now);
  return judgement;
}

}  // namespace twofactor
