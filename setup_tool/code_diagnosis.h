// SPDX-License-Identifier: Apache-2.0
//
// code_diagnosis.h - why a code is good or bad, for an administrator.  Looks
// only: nothing is spent and nothing is counted.
//
// Trust: the code may be any bytes.

#ifndef TWOFACTOR_SETUP_TOOL_CODE_DIAGNOSIS_H_
#define TWOFACTOR_SETUP_TOOL_CODE_DIAGNOSIS_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/session/config.h"
#include "core/store/enrollment.h"
#include "core/store/login_state.h"

namespace twofactor::tool {

struct CodeDiagnosis {
  enum class Kind : std::uint8_t {
    kWrong = 0,
    kPast,         // Was accepted until `distance` ago.
    kAhead,        // Will be accepted in `distance`.
    kUsed,         // In the window, but it or a later one has been used.
    kCounterLost,  // A token of which no code can be told from a used one.
    kValid,
  };
  Kind kind = Kind::kWrong;
  std::int64_t steps = 0;  // From now, or from the next counter.
  std::chrono::seconds distance{};
  DeviceKind device = DeviceKind::kTotp;
};

// Compares with the codes of kDiagnosisReach steps before and after now; of a
// token, of which a login takes those of `look_ahead` counters, with those
// within its resync reach.
constexpr int kDiagnosisReach = 20;

Result<CodeDiagnosis> DiagnoseCode(const Device& device,
                                   const DeviceState& state,
                                   const Config& config,
                                   std::string_view digits,
                                   const Moment& moment, int look_ahead);

// The same of two codes in a row of a token, `digits` being both; kUsed when
// the first one was.
Result<CodeDiagnosis> DiagnoseCodePair(const Device& token,
                                       const DeviceState& state,
                                       const Config& config,
                                       std::string_view digits);

// A word for --json: "wrong", "past", "ahead", "used", "counter_lost",
// "valid".
const char* KindName(CodeDiagnosis::Kind kind);

// "valid 92 s ago: a clock is off".
std::string DiagnosisText(const CodeDiagnosis& diagnosis);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_CODE_DIAGNOSIS_H_
