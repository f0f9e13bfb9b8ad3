// SPDX-License-Identifier: Apache-2.0
//
// judged.h - a judgement of a state that stays as it is.

#ifndef TWOFACTOR_TESTS_UNIT_JUDGED_H_
#define TWOFACTOR_TESTS_UNIT_JUDGED_H_

#include "core/session/judgement.h"
#include "tests/unit/expect.h"

namespace twofactor {

struct Judged {
  Judgement judgement;
  StateChange change;
};

inline Judged JudgeFrom(const Config& config, const Attempt& attempt,
                        const Enrollment& enrollment, const LoginState& state,
                        const Moment& moment) {
  Judged judged{{}, {state, Durability::kPowerCut}};
  judged.judgement =
      ExpectOk(Judge(config, attempt, enrollment, moment, judged.change));
  return judged;
}

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_JUDGED_H_
