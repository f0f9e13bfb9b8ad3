// SPDX-License-Identifier: Apache-2.0
//
// comparison.cc - every device, every set; whatever matches is spent.

#include "core/session/comparison.h"

#include <algorithm>

#include "core/factor/backup_code.h"
#include "core/factor/delivered_code.h"
#include "core/session/code_set.h"
#include "core/session/device_codes.h"

namespace twofactor {
namespace {

using Kind = Comparison::Kind;

// Repair, and a key that was given, spend so many steps ahead of the clock;
// only beyond that is it the clock that is behind.
constexpr std::uint64_t kStepsSpentAhead = kMaxWindow + kMaxDrift + 1;

constexpr std::uint32_t Bit(std::size_t index) {
  return std::uint32_t{1} << index;
}

// Devices --------------------------------------------------------------------

bool IsComparable(const Device& device, const DeviceState* state) {
  // A device without state is one whose used codes are not known.
  return device.status == DeviceStatus::kEnabled && state &&
         (device.kind != DeviceKind::kHotp || state->next != kCounterLost);
}

void Accept(const Device& device, const Moment& moment, Method method,
            DeviceState& state, Comparison& comparison) {
  state.boot = BootIsKnown(moment) ? moment.boot->id : BootId{};
  state.last_used = moment.now;
  comparison.kind = Kind::kAccepted;
  comparison.method = method;
  comparison.name = device.label;
}

// Factors that the answer is compared with and that have codes of its length.
struct Peers {
  int totp = 0;
  int hotp = 0;
  int addresses = 0;
  int count() const { return totp + hotp + addresses; }
};

Peers CountPeers(const Enrollment& enrollment, const LoginState& state,
                 std::size_t digits) {
  Peers peers;
  for (const Device& device : enrollment.devices)
    if (IsComparable(device, state.Find(device.id)) &&
        static_cast<std::size_t>(device.digits) == digits)
      ++(device.kind == DeviceKind::kTotp ? peers.totp : peers.hotp);
  if (digits == kDeliveredCodeSize)
    peers.addresses = static_cast<int>(enrollment.addresses.size());
  return peers;
}

// The look-ahead of each token, shortened where it was lengthened since the
// devices were enrolled and too many codes would be right at a time.
int LookAheadWithinCandidates(const Config& config, const Peers& peers) {
  const int look_ahead = LookAheadOf(config, peers.count());
  if (peers.hotp == 0) return look_ahead;
  // One code a TOTP device, and one an address.
  const int left = kMaxCandidates - peers.totp - peers.addresses;
  return std::clamp(left / peers.hotp, 1, look_ahead);
}

// The tolerance, narrowed in the same way.
TotpTolerance WithinCandidates(const Device& device, const Config& config,
                               const Peers& peers) {
  TotpTolerance tolerance = ToleranceOf(device, config.totp_tolerance);
  const int others =
      peers.addresses + peers.hotp * LookAheadWithinCandidates(config, peers);
  while (tolerance.window > 0 &&
         others + peers.totp * (2 * tolerance.window + 1) > kMaxCandidates)
    --tolerance.window;
  return tolerance;
}

Result<void> CompareWithTotp(const TotpTolerance& tolerance,
                             std::string_view code, const Device& device,
                             const Moment& moment, DeviceState& state,
                             Comparison& comparison) {
  const TotpProgress progress{ReplayFloor(device, state, tolerance, moment),
                              DriftOf(state, tolerance), state.offset,
                              state.streak};
  ASSIGN_OR_RETURN(const TotpVerification verification,
                   VerifyTotp(TotpParametersOf(device), device.key.Expose(),
                              code, progress, tolerance, moment.now));
  switch (verification.verdict) {
    case Verdict::kRejected:
      return {};
    case Verdict::kReplayed: {
      if (comparison.kind == Kind::kAccepted) return {};
      const Counter end = StepAfterWindow(device, state, tolerance, moment.now);
      comparison.kind = Number(state.next) > Number(end) + kStepsSpentAhead
                            ? Kind::kClockBehind
                            : Kind::kReplayed;
      comparison.method = Method::kTotp;
      comparison.name = device.label;
      return {};
    }
    case Verdict::kAccepted:
      if (verification.progress.drift != state.drift)
        comparison.durability =
            std::min(comparison.durability, Durability::kPowerCutIfAble);
      state.next = verification.progress.next;
      state.drift = verification.progress.drift;
      state.offset = verification.progress.offset;
      state.streak = verification.progress.streak;
      Accept(device, moment, Method::kTotp, state, comparison);
      return {};
  }
  return {};
}

// A counter that a power cut sets back would let its codes in again.
Result<void> CompareWithHotp(const Config& config, const Attempt& attempt,
                             const Device& device, const Peers& peers,
                             const Moment& moment, DeviceState& state,
                             Comparison& comparison) {
  ASSIGN_OR_RETURN(
      const HotpVerification verification,
      VerifyToken(config, attempt.kind, attempt.code, device, state.next,
                  LookAheadWithinCandidates(config, peers)));
  if (verification.verdict != Verdict::kAccepted) return {};
  state.next = verification.next;
  comparison.durability = Durability::kPowerCut;
  Accept(device, moment, Method::kHotp, state, comparison);
  return {};
}

// Addresses ------------------------------------------------------------------

Method MethodOf(Address::Kind kind) {
  switch (kind) {
    case Address::Kind::kEmail:
      return Method::kEmail;
    case Address::Kind::kSms:
      return Method::kSms;
  }
  return Method::kNone;
}

// Sets of codes --------------------------------------------------------------

bool IsLive(const CodeSet& set, const CodeSetState* state, UnixTime now) {
  if (set.kind == CodeSet::Kind::kBypass) return IsLiveBypass(set, state, now);
  return state != nullptr;  // Without it nobody knows what is spent.
}

void SpendBypass(const CodeSet& set, const Moment& moment, CodeSetState& state,
                 Comparison& comparison) {
  const bool live = IsLive(set, &state, moment.now);
  if (!live && comparison.kind == Kind::kAccepted) return;
  comparison.method = Method::kBypass;
  comparison.name = set.reason;
  comparison.kind = Kind::kExpired;
  if (!live) return;
  ++state.spent;
  state.last_used = moment.now;
  comparison.kind = Kind::kAccepted;
  comparison.codes_left = set.uses - static_cast<int>(state.spent);
  comparison.durability = Durability::kPowerCut;
}

void SpendCode(const CodeSet& set, std::size_t index, const Moment& moment,
               CodeSetState& state, Comparison& comparison) {
  const bool spent = state.spent & Bit(index);
  if (spent && comparison.kind == Kind::kAccepted) return;
  comparison.method = Method::kBackupCode;
  comparison.name.clear();
  comparison.kind = Kind::kReplayed;
  if (spent) return;
  state.spent |= Bit(index);
  state.last_used = moment.now;
  comparison.kind = Kind::kAccepted;
  comparison.codes_left = CodesLeft(set, &state);
  comparison.durability = Durability::kPowerCut;
}

Result<void> CompareWithCodeSet(std::string_view code, const CodeSet& set,
                                const Moment& moment, CodeSetState& state,
                                Comparison& comparison) {
  ASSIGN_OR_RETURN(const auto index,
                   FindCode(set.key.Expose(), set.hashes, AsBytes(code)));
  if (!index) return {};
  if (set.kind == CodeSet::Kind::kBypass)
    SpendBypass(set, moment, state, comparison);
  else
    SpendCode(set, *index, moment, state, comparison);
  return {};
}

}  // namespace

bool FitsForm(CodeSet::Kind set, Answer::Kind answer) {
  switch (set) {
    case CodeSet::Kind::kBackup:
    case CodeSet::Kind::kBypass:
      return answer == Answer::Kind::kBackupCode;
    case CodeSet::Kind::kScratch:
      return answer == Answer::Kind::kCode;
  }
  return false;
}

std::string_view MethodName(Method method) {
  switch (method) {
    case Method::kNone:
      return "none";
    case Method::kTotp:
      return "totp";
    case Method::kHotp:
      return "hotp";
    case Method::kBackupCode:
      return "backup_code";
    case Method::kBypass:
      return "bypass";
    case Method::kRecovery:
      return "recovery";
    case Method::kEmail:
      return "email";
    case Method::kSms:
      return "sms";
  }
  return "none";
}

Result<Comparison> CompareWithDevices(const Config& config,
                                      const Attempt& attempt,
                                      const Enrollment& enrollment,
                                      const Moment& moment, LoginState& state) {
  const bool is_pair = attempt.kind == Answer::Kind::kCodePair;
  const std::size_t digits = attempt.code.size() / (is_pair ? 2 : 1);
  const Peers peers = CountPeers(enrollment, state, digits);
  Comparison comparison;
  for (const Device& device : enrollment.devices) {
    DeviceState* device_state = state.Find(device.id);
    if (!IsComparable(device, device_state)) continue;
    switch (device.kind) {
      case DeviceKind::kTotp:
        if (is_pair) break;
        RETURN_IF_ERROR(CompareWithTotp(WithinCandidates(device, config, peers),
                                        attempt.code, device, moment,
                                        *device_state, comparison));
        break;
      case DeviceKind::kHotp:
        RETURN_IF_ERROR(CompareWithHotp(config, attempt, device, peers, moment,
                                        *device_state, comparison));
        break;
    }
  }
  return comparison;
}

Result<Comparison> CompareWithAddresses(const Config& config,
                                        const Attempt& attempt,
                                        const Enrollment& enrollment,
                                        const Moment& moment,
                                        LoginState& state) {
  Comparison comparison;
  if (!FitsAddresses(attempt)) return comparison;
  for (const Address& address : enrollment.addresses) {
    if (!MayReceive(config, address)) continue;
    ASSIGN_OR_RETURN(const Verdict verdict,
                     SpendPending(address, attempt.asker, attempt.code,
                                  moment.now, state.ChannelOf(address.kind)));
    if (verdict != Verdict::kAccepted) continue;
    if (DeviceState* used = state.Find(address.id))
      used->last_used = moment.now;
    comparison.kind = Kind::kAccepted;
    comparison.method = MethodOf(address.kind);
    comparison.name = address.label;
    comparison.durability = Durability::kPowerCut;
  }
  return comparison;
}

Result<Comparison> CompareWithCodeSets(const Config& config,
                                       const Attempt& attempt,
                                       const Enrollment& enrollment,
                                       const Moment& moment,
                                       LoginState& state) {
  Comparison comparison;
  for (const CodeSet& set : enrollment.code_sets) {
    // Without a device that counts, only an administrator's word does.
    if (!FitsForm(set.kind, attempt.kind) ||
        (!HasFactor(config, enrollment) && set.kind != CodeSet::Kind::kBypass))
      continue;
    CodeSetState* set_state = state.Find(set.id);
    if (!set_state) continue;
    RETURN_IF_ERROR(
        CompareWithCodeSet(attempt.code, set, moment, *set_state, comparison));
  }
  return comparison;
}

int TokenLookAhead(const Config& config, const Enrollment& enrollment,
                   const LoginState& state, int digits) {
  return LookAheadWithinCandidates(
      config, CountPeers(enrollment, state, static_cast<std::size_t>(digits)));
}

bool FitsAddresses(const Attempt& attempt) {
  return attempt.kind == Answer::Kind::kCode &&
         attempt.code.size() == kDeliveredCodeSize;
}

bool MayReceive(const Config& config, const Address& address) {
  return address.status == DeviceStatus::kEnabled &&
         config.delivered_codes.Have(address.kind);
}

bool HasFactor(const Config& config, const Enrollment& enrollment) {
  return std::ranges::any_of(enrollment.devices,
                             [](const Device& device) {
                               return device.status == DeviceStatus::kEnabled;
                             }) ||
         std::ranges::any_of(enrollment.addresses, [&](const Address& address) {
           return MayReceive(config, address);
         });
}

bool AnythingUsable(const Config& config, const Enrollment& enrollment,
                    const LoginState& state, UnixTime now) {
  return std::ranges::any_of(enrollment.devices,
                             [&](const Device& device) {
                               return IsComparable(device,
                                                   state.Find(device.id));
                             }) ||
         std::ranges::any_of(enrollment.addresses,
                             [&](const Address& address) {
                               return MayReceive(config, address);
                             }) ||
         std::ranges::any_of(enrollment.code_sets, [&](const CodeSet& set) {
           return IsLive(set, state.Find(set.id), now) &&
                  (set.kind == CodeSet::Kind::kBypass ||
                   HasFactor(config, enrollment));
         });
}

}  // namespace twofactor
