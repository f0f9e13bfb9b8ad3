// SPDX-License-Identifier: Apache-2.0
//
// code_set_diagnosis.h - what a login would make of a backup code, a scratch
// code or a bypass.  Looks only: nothing is spent and nothing is counted.
//
// Trust: the code may be any bytes.

#ifndef TWOFACTOR_SETUP_TOOL_CODE_SET_DIAGNOSIS_H_
#define TWOFACTOR_SETUP_TOOL_CODE_SET_DIAGNOSIS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/session/answer.h"
#include "core/store/store.h"

namespace twofactor::tool {

struct CodeSetDiagnosis {
  enum class Kind : std::uint8_t {
    kWrong = 0,
    kUsed,
    kExpired,   // A bypass after its time or its last use.
    kLost,      // Of a set without state: all of it counts as used.
    kNoDevice,  // Right, but no device of the user's counts.
    kValid,
  };
  Kind kind = Kind::kWrong;
  CodeSet::Kind set = CodeSet::Kind::kBackup;
  std::string reason;  // Of a bypass.
};

// One for each set whose codes have the form of the answer.  kCrypto.
Result<std::vector<CodeSetDiagnosis>> DiagnoseCodeSets(const Answer& answer,
                                                       const Record& record,
                                                       UnixTime now);

// "backup_codes", "scratch_codes", "bypass".
const char* SetName(CodeSet::Kind set);
// "wrong", "used", "expired", "lost", "no_device", "valid".
const char* KindName(CodeSetDiagnosis::Kind kind);

// "backup codes: used".
std::string DiagnosisText(const CodeSetDiagnosis& diagnosis);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_CODE_SET_DIAGNOSIS_H_
