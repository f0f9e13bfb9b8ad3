// SPDX-License-Identifier: Apache-2.0
//
// code_diagnosis.cc - where a code stands in time.

#include "setup_tool/code_diagnosis.h"

#include <algorithm>
#include <cstdlib>

#include "core/session/judgement.h"
#include "setup_tool/time_text.h"

namespace twofactor::tool {
namespace {

using Kind = CodeDiagnosis::Kind;

// How long ago the code of step now + `steps` ceased to be shown.
std::chrono::seconds SinceShown(const TotpDevice& device, std::int64_t steps,
                                UnixTime now) {
  std::chrono::seconds into_step = now.time_since_epoch() % device.period;
  return into_step - (steps + 1) * device.period;
}

std::chrono::seconds UntilShown(const TotpDevice& device, std::int64_t steps,
                                UnixTime now) {
  return steps * device.period - now.time_since_epoch() % device.period;
}

}  // namespace

Result<CodeDiagnosis> DiagnoseCode(const TotpDevice& device,
                                   const DeviceState& state,
                                   const TotpTolerance& tolerance,
                                   std::string_view digits,
                                   const Moment& moment) {
  const TotpParameters parameters{device.algorithm, device.digits,
                                  device.period};
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
    case Kind::kValid:
      return "valid";
  }
  return "wrong";
}

std::string DiagnosisText(const CodeDiagnosis& diagnosis) {
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
    case Kind::kValid:
      return "valid";
  }
  return "wrong";
}

}  // namespace twofactor::tool
