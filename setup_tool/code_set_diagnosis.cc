// SPDX-License-Identifier: Apache-2.0
//
// code_set_diagnosis.cc - finding a code in the sets of its form.

#include "setup_tool/code_set_diagnosis.h"

#include "core/factor/backup_code.h"
#include "core/session/code_set.h"
#include "core/session/comparison.h"
#include "setup_tool/terminal_text.h"

namespace twofactor::tool {
namespace {

using Kind = CodeSetDiagnosis::Kind;

Kind Examine(const CodeSet& set, std::size_t index, const Record& record,
             UnixTime now) {
  const CodeSetState* state = record.state.Find(set.id);
  if (!state) return Kind::kLost;
  if (set.kind == CodeSet::Kind::kBypass)
    return IsLiveBypass(set, state, now) ? Kind::kValid : Kind::kExpired;
  if (state->spent >> index & 1) return Kind::kUsed;
  return record.enrollment->usable() ? Kind::kValid : Kind::kNoDevice;
}

std::string Words(Kind kind) {
  switch (kind) {
    case Kind::kWrong:
      break;
    case Kind::kUsed:
      return "used";
    case Kind::kExpired:
      return "expired, or used as often as it may be";
    case Kind::kLost:
      return "refused: what was used of it is not known";
    case Kind::kNoDevice:
      return "refused: no device of the user is enabled";
    case Kind::kValid:
      return "valid";
  }
  return "wrong";
}

}  // namespace

Result<std::vector<CodeSetDiagnosis>> DiagnoseCodeSets(const Answer& answer,
                                                       const Record& record,
                                                       UnixTime now) {
  std::vector<CodeSetDiagnosis> diagnoses;
  for (const CodeSet& set : record.enrollment->code_sets) {
    if (!FitsForm(set.kind, answer.kind)) continue;
    ASSIGN_OR_RETURN(const auto index, FindCode(set.key.Expose(), set.hashes,
                                                answer.code.Expose()));
    diagnoses.push_back(
        {index ? Examine(set, *index, record, now) : Kind::kWrong, set.kind,
         set.reason});
  }
  return diagnoses;
}

const char* SetName(CodeSet::Kind set) {
  switch (set) {
    case CodeSet::Kind::kBackup:
      return "backup_codes";
    case CodeSet::Kind::kScratch:
      return "scratch_codes";
    case CodeSet::Kind::kBypass:
      return "bypass";
  }
  return "unknown";
}

const char* KindName(Kind kind) {
  switch (kind) {
    case Kind::kWrong:
      return "wrong";
    case Kind::kUsed:
      return "used";
    case Kind::kExpired:
      return "expired";
    case Kind::kLost:
      return "lost";
    case Kind::kNoDevice:
      return "no_device";
    case Kind::kValid:
      return "valid";
  }
  return "wrong";
}

std::string DiagnosisText(const CodeSetDiagnosis& diagnosis) {
  std::string name = "unknown";
  switch (diagnosis.set) {
    case CodeSet::Kind::kBackup:
      name = "backup codes";
      break;
    case CodeSet::Kind::kScratch:
      name = "scratch codes";
      break;
    case CodeSet::Kind::kBypass:
      name = "bypass (" + EscapeForTerminal(diagnosis.reason) + ")";
      break;
  }
  return name + ": " + Words(diagnosis.kind);
}

}  // namespace twofactor::tool
