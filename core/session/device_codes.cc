// SPDX-License-Identifier: Apache-2.0
//
// device_codes.cc - windows, floors and look-aheads.

#include "core/session/device_codes.h"

#include <algorithm>

namespace twofactor {
namespace {

// A token among others gets fewer, so that all fit into kMaxCandidates.
constexpr int kLookAheadAmongOthers = 4;

}  // namespace

TotpParameters TotpParametersOf(const Device& device) {
  return {device.algorithm, device.digits, device.period};
}

HotpParameters HotpParametersOf(const Device& device) {
  return {device.algorithm, device.digits};
}

TotpTolerance ToleranceOf(const Device& device, const TotpTolerance& allowed) {
  TotpTolerance tolerance = allowed;
  if (device.window)
    tolerance.window = std::min(tolerance.window, *device.window);
  return tolerance;
}

int LookAheadOf(const Config& config, int peers) {
  if (peers <= 1) return config.hotp_look_ahead;
  return std::min(config.hotp_look_ahead, kLookAheadAmongOthers);
}

int CandidatesOf(const Device& device, const Config& config, int peers) {
  switch (device.kind) {
    case DeviceKind::kTotp:
      return 2 * ToleranceOf(device, config.totp_tolerance).window + 1;
    case DeviceKind::kHotp:
      return LookAheadOf(config, peers);
  }
  return kMaxCandidates;
}

bool BootIsKnown(const Moment& moment) {
  return moment.boot && moment.boot->id != BootId{};
}

int DriftOf(const DeviceState& state, const TotpTolerance& tolerance) {
  return std::clamp(state.drift, -tolerance.max_drift, tolerance.max_drift);
}

Counter StepAfterWindow(const Device& device, const DeviceState& state,
                        const TotpTolerance& tolerance, UnixTime time) {
  const std::int64_t ahead = tolerance.window + DriftOf(state, tolerance) + 1;
  return Counter{Number(TotpStep(TotpParametersOf(device), time)) +
                 static_cast<std::uint64_t>(std::max<std::int64_t>(ahead, 0))};
}

Counter ReplayFloor(const Device& device, const DeviceState& state,
                    const TotpTolerance& tolerance, const Moment& moment) {
  if (BootIsKnown(moment) && moment.boot->id == state.boot) return state.next;
  // Where no boot is ever known, every commit is synced.
  if (!moment.boot && state.boot == BootId{}) return state.next;
  const UnixTime lost_until = moment.boot ? moment.boot->started : moment.now;
  const Counter floor = StepAfterWindow(device, state, tolerance, lost_until);
  return Counter{std::max(Number(state.next), Number(floor))};
}

Result<HotpVerification> VerifyToken(const Config& config, Answer::Kind kind,
                                     std::string_view code,
                                     const Device& device, Counter next,
                                     int look_ahead) {
  const HotpParameters parameters = HotpParametersOf(device);
  if (kind == Answer::Kind::kCode)
    return VerifyHotp(parameters, device.key.Expose(), code, next, look_ahead);
  if (kind != Answer::Kind::kCodePair)
    return HotpVerification{Verdict::kRejected, next};
  const auto half = code.size() / 2;
  return ResyncHotp(parameters, device.key.Expose(), code.substr(0, half),
                    code.substr(half), next, config.hotp_resync_reach);
}

}  // namespace twofactor
