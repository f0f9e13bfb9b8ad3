// SPDX-License-Identifier: Apache-2.0
//
// code_diagnosis.cc - where a code stands in time.

#include "setup_tool/code_diagnosis.h"

#include <algorithm>
#include <cstdlib>

#include "core/session/device_codes.h"
#include "setup_tool/time_text.h"

namespace twofactor::tool {
namespace {

using Kind = CodeDiagnosis::Kind;

// How long ago the code of step now + `steps` ceased to be shown.
std::chrono::seconds SinceShown(const Device& device, std::int64_t steps,
                                UnixTime now) {
  std::chrono::seconds into_step = now.time_since_epoch() % device.period;
  return into_step - (steps + 1) * device.period;
}

std::chrono::seconds UntilShown(const Device& device, std::int64_t steps,
                                UnixTime now) {
  return steps * device.period - now.time_since_epoch() % device.period;
}

Result<CodeDiagnosis> DiagnoseTotp(const Device& device,
                                   const DeviceState& state,
                                   const Config& config,
                                   std::string_view digits,
                                   const Moment& moment) {
  const TotpParameters parameters = TotpParametersOf(device);
  const TotpTolerance tolerance = ToleranceOf(device, config.totp_tolerance);
  ASSIGN_OR_RETURN(auto steps,
                   FindTotpOffset(parameters, device.key.Expose(), digits,
                                  kDiagnosisReach, moment.now));
  if (!steps) return CodeDiagnosis{};
  if (std::abs(*steps - state.drift) > tolerance.window) {
    if (*steps < state.drift)
      return CodeDiagnosis{Kind::kPast, *steps,
                           SinceShown(device, *steps, moment.now)};
    return CodeDiagnosis{Kind::kAhead, *steps,
                         UntilShown(device, *steps, moment.now)};
  }
  const std::int64_t step =
      static_cast<std::int64_t>(Number(TotpStep(parameters, moment.now))) +
      *steps;
  const Counter floor = ReplayFloor(device, state, tolerance, moment);
  const bool used =
      step < 0 || static_cast<std::uint64_t>(step) < Number(floor);
  return CodeDiagnosis{used ? Kind::kUsed : Kind::kValid, *steps, {}};
}

// Counters before the next one are used, those after the look-ahead too far.
Result<CodeDiagnosis> DiagnoseHotp(const Device& device,
                                   const DeviceState& state,
                                   const Config& config,
                                   std::string_view digits, int look_ahead) {
  if (state.next == kCounterLost) return CodeDiagnosis{Kind::kCounterLost};
  for (std::int64_t distance = 0; distance <= config.hotp_resync_reach;
       ++distance) {
    for (std::int64_t steps : {distance, -distance}) {
      const Counter counter{Number(state.next) +
                            static_cast<std::uint64_t>(steps)};
      if (steps < 0 && counter > state.next) continue;
      ASSIGN_OR_RETURN(const HotpVerification verification,
                       VerifyHotp(HotpParametersOf(device), device.key.Expose(),
                                  digits, counter, 1));
      if (verification.verdict != Verdict::kAccepted) continue;
      if (steps < 0) return CodeDiagnosis{Kind::kUsed, steps, {}};
      if (steps < look_ahead) return CodeDiagnosis{Kind::kValid, steps, {}};
      return CodeDiagnosis{Kind::kAhead, steps, {}};
    }
  }
  return CodeDiagnosis{};
}

}  // namespace

Result<CodeDiagnosis> DiagnoseCode(const Device& device,
                                   const DeviceState& state,
                                   const Config& config,
                                   std::string_view digits,
                                   const Moment& moment, int look_ahead) {
  CodeDiagnosis diagnosis;
  switch (device.kind) {
    case DeviceKind::kTotp: {
      ASSIGN_OR_RETURN(diagnosis,
                       DiagnoseTotp(device, state, config, digits, moment));
      break;
    }
    case DeviceKind::kHotp: {
      ASSIGN_OR_RETURN(diagnosis,
                       DiagnoseHotp(device, state, config, digits, look_ahead));
      break;
    }
  }
  diagnosis.device = device.kind;
  return diagnosis;
}

Result<CodeDiagnosis> DiagnoseCodePair(const Device& token,
                                       const DeviceState& state,
                                       const Config& config,
                                       std::string_view digits) {
  CodeDiagnosis diagnosis;
  diagnosis.device = DeviceKind::kHotp;
  diagnosis.kind = Kind::kCounterLost;
  if (state.next == kCounterLost) return diagnosis;
  const auto half = digits.size() / 2;
  const auto reach = static_cast<std::uint64_t>(config.hotp_resync_reach);
  const std::uint64_t next = Number(state.next);
  // First what a login takes, then as far back.
  for (std::uint64_t from : {next, next - std::min(next, reach)}) {
    ASSIGN_OR_RETURN(const HotpVerification found,
                     ResyncHotp(HotpParametersOf(token), token.key.Expose(),
                                digits.substr(0, half), digits.substr(half),
                                Counter{from}, config.hotp_resync_reach));
    if (found.verdict != Verdict::kAccepted) continue;
    diagnosis.kind = from == next ? Kind::kValid : Kind::kUsed;
    diagnosis.steps = static_cast<std::int64_t>(Number(found.next) - 2 - next);
    return diagnosis;
  }
  diagnosis.kind = Kind::kWrong;
  return diagnosis;
}

const char* KindName(Kind kind) {
  switch (kind) {
    case Kind::kWrong:
      return "wrong";
    case Kind::kPast:
      return "past";
    case Kind::kAhead:
      return "ahead";
    case Kind::kUsed:
      return "used";
    case Kind::kCounterLost:
      return "counter_lost";
    case Kind::kValid:
      return "valid";
  }
  return "wrong";
}

namespace {

std::string HotpText(const CodeDiagnosis& diagnosis) {
  const auto steps = std::to_string(std::abs(diagnosis.steps));
  switch (diagnosis.kind) {
    case Kind::kWrong:
      return "wrong: not a code of this token, or too far ahead";
    case Kind::kPast:
    case Kind::kUsed:
      return "used: " + steps + " codes before the next one";
    case Kind::kAhead:
      return "too far ahead: " + steps +
             " codes were skipped; two codes in a row, typed as one answer, "
             "bring it in step";
    case Kind::kCounterLost:
      return "refused: the token's counter was lost; two codes in a row bring "
             "it in step: twofactor resync";
    case Kind::kValid:
      return "valid";
  }
  return "wrong";
}

}  // namespace

std::string DiagnosisText(const CodeDiagnosis& diagnosis) {
  if (diagnosis.device == DeviceKind::kHotp) return HotpText(diagnosis);
  const auto steps = std::to_string(std::abs(diagnosis.steps));
  // A learned drift can put a code of this very moment outside the window.
  const auto distance =
      DurationText(std::max(std::chrono::seconds(0), diagnosis.distance));
  switch (diagnosis.kind) {
    case Kind::kWrong:
      return "wrong: not a code of this device, or a clock is off by more "
             "than " +
             std::to_string(kDiagnosisReach) + " steps";
    case Kind::kPast:
      return "valid " + distance + " ago (" + steps +
             " steps behind): a clock is off";
    case Kind::kAhead:
      return "valid in " + distance + " (" + steps +
             " steps ahead): a clock is off";
    case Kind::kUsed:
      return "used: this code or a later one was accepted already, or may "
             "have been before the last boot";
    case Kind::kCounterLost:
    case Kind::kValid:
      return "valid";
  }
  return "wrong";
}

}  // namespace twofactor::tool
