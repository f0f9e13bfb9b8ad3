// SPDX-License-Identifier: Apache-2.0
//
// judgement.cc - throttle first, then every device, then what to remember.

#include "core/session/judgement.h"

#include <algorithm>

#include "core/factor/totp.h"
#include "core/session/throttle.h"

namespace twofactor {
namespace {

TotpParameters ParametersOf(const TotpDevice& device) {
  return {device.algorithm, device.digits, device.period};
}

// Repair, and a key that was given, spend so many steps ahead of the clock;
// only beyond that is it the clock that is behind.
constexpr std::uint64_t kStepsSpentAhead = kMaxWindow + kMaxDrift + 1;

bool BootIsKnown(const Moment& moment) {
  return moment.boot && moment.boot->id != BootId{};
}

// What was learned, within what is allowed now.
int DriftOf(const DeviceState& state, const TotpTolerance& tolerance) {
  return std::clamp(state.drift, -tolerance.max_drift, tolerance.max_drift);
}

// The lowest step after all that can be right at `time`.
Counter StepAfterWindow(const TotpDevice& device, const DeviceState& state,
                        const TotpTolerance& tolerance, UnixTime time) {
  const std::int64_t ahead = tolerance.window + DriftOf(state, tolerance) + 1;
  return Counter{Number(TotpStep(ParametersOf(device), time)) +
                 static_cast<std::uint64_t>(std::max<std::int64_t>(ahead, 0))};
}

// What the answer was compared with, so far.
struct Comparison {
  Judgement::Kind kind = Judgement::Kind::kRejected;
  std::string device;
  Durability durability = Durability::kCrash;
};

void Spend(const TotpProgress& progress, const Moment& moment,
           DeviceState& state, Comparison& comparison) {
  if (progress.drift != state.drift)
    comparison.durability = Durability::kPowerCutIfAble;
  state.next = progress.next;
  state.drift = progress.drift;
  state.offset = progress.offset;
  state.streak = progress.streak;
  state.boot = BootIsKnown(moment) ? moment.boot->id : BootId{};
  state.last_used = moment.now;
}

Result<void> CompareWithDevice(const TotpTolerance& tolerance,
                               std::string_view digits,
                               const TotpDevice& device, const Moment& moment,
                               DeviceState& state, Comparison& comparison) {
  const TotpProgress progress{ReplayFloor(device, state, tolerance, moment),
                              DriftOf(state, tolerance), state.offset,
                              state.streak};
  ASSIGN_OR_RETURN(const TotpVerification verification,
                   VerifyTotp(ParametersOf(device), device.key.Expose(), digits,
                              progress, tolerance, moment.now));
  switch (verification.verdict) {
    case Verdict::kRejected:
      return {};
    case Verdict::kReplayed: {
      if (comparison.kind == Judgement::Kind::kAccepted) return {};
      const Counter end = StepAfterWindow(device, state, tolerance, moment.now);
      comparison.kind = Number(state.next) > Number(end) + kStepsSpentAhead
                            ? Judgement::Kind::kClockBehind
                            : Judgement::Kind::kReplayed;
      comparison.device = device.label;
      return {};
    }
    case Verdict::kAccepted:
      Spend(verification.progress, moment, state, comparison);
      comparison.kind = Judgement::Kind::kAccepted;
      comparison.device = device.label;
      return {};
  }
  return {};
}

// The tolerance, narrowed where the window was widened since the devices were
// enrolled and too many codes would be right at a time.
TotpTolerance WithinCandidates(TotpTolerance tolerance,
                               const Enrollment& enrollment,
                               std::size_t digits) {
  int devices = 0;
  for (const TotpDevice& device : enrollment.totp_devices)
    if (static_cast<std::size_t>(device.digits) == digits) ++devices;
  while (tolerance.window > 0 &&
         devices * (2 * tolerance.window + 1) > kMaxCandidates)
    --tolerance.window;
  return tolerance;
}

Result<Comparison> Compare(const Config& config, std::string_view digits,
                           const Enrollment& enrollment, const Moment& moment,
                           LoginState& state) {
  const TotpTolerance tolerance =
      WithinCandidates(config.totp_tolerance, enrollment, digits.size());
  Comparison comparison;
  for (const TotpDevice& device : enrollment.totp_devices) {
    // A device without state is one whose used codes are not known.
    DeviceState* device_state = state.Find(device.id);
    if (device.status != DeviceStatus::kEnabled || !device_state) continue;
    RETURN_IF_ERROR(CompareWithDevice(tolerance, digits, device, moment,
                                      *device_state, comparison));
  }
  return comparison;
}

bool AnyComparable(const Enrollment& enrollment, const LoginState& state) {
  for (const TotpDevice& device : enrollment.totp_devices)
    if (device.status == DeviceStatus::kEnabled && state.Find(device.id))
      return true;
  return false;
}

}  // namespace

Counter ReplayFloor(const TotpDevice& device, const DeviceState& state,
                    const TotpTolerance& tolerance, const Moment& moment) {
  if (BootIsKnown(moment) && moment.boot->id == state.boot) return state.next;
  // Where no boot is ever known, every commit is synced.
  if (!moment.boot && state.boot == BootId{}) return state.next;
  const UnixTime lost_until = moment.boot ? moment.boot->started : moment.now;
  const Counter floor = StepAfterWindow(device, state, tolerance, lost_until);
  return Counter{std::max(Number(state.next), Number(floor))};
}

Result<Judgement> Judge(const Config& config, const Attempt& attempt,
                        const Enrollment& enrollment, const Moment& moment,
                        StateChange& change) {
  const VerifyLimits& limits = config.verify_limits;
  Judgement judgement;
  // Without a boot id nothing tells later that this commit was lost.
  change.durability =
      BootIsKnown(moment) ? Durability::kCrash : Durability::kPowerCut;
  ForgiveTheFuture(change.state, moment.now);

  const ThrottleRuling ruling =
      MayAttempt(change.state, attempt.source, limits, moment.now);
  if (ruling.kind == ThrottleRuling::Kind::kRefused) {
    judgement.kind = Judgement::Kind::kThrottled;
    judgement.retry_after = ruling.retry_after;
  } else if (!AnyComparable(enrollment, change.state)) {
    judgement.kind = Judgement::Kind::kNothingUsable;
  } else {
    ASSIGN_OR_RETURN(
        Comparison comparison,
        Compare(config, attempt.digits, enrollment, moment, change.state));
    judgement.kind = comparison.kind;
    judgement.device = std::move(comparison.device);
    change.durability = std::min(change.durability, comparison.durability);
  }

  if (judgement.kind == Judgement::Kind::kAccepted)
    RecordSuccess(change.state, attempt.source, moment.now);
  if (judgement.kind == Judgement::Kind::kRejected)
    RecordFailure(change.state, attempt.source, moment.now);
  judgement.strangers_exhausted =
      StrangersExhausted(change.state, limits, moment.now);
  return judgement;
}

}  // namespace twofactor
