// SPDX-License-Identifier: Apache-2.0
//
// batch_line_fuzz.cc - any line is one user, nothing, or refused without a word
// of it repeated.

#include "core/factor/hotp.h"
#include "core/store/enrollment.h"
#include "core/store/user_name.h"
#include "setup_tool/batch_line.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  const auto line = tool::ParseBatchLine(AsText(input));
  if (!line) {
    FUZZ_EXPECT(line.error().code == ErrorCode::kInvalid);
    FUZZ_EXPECT(IsPrintableUtf8(line.error().context));
    FUZZ_EXPECT(line.error().context.size() < 200);
    return;
  }
  switch (line->kind) {
    case tool::BatchLine::Kind::kNothing:
      FUZZ_EXPECT(line->user.empty() && line->label.empty() &&
                  line->key.empty());
      break;
    case tool::BatchLine::Kind::kUser:
      FUZZ_EXPECT(input.size() <= tool::kMaxBatchLineSize);
      FUZZ_EXPECT(UserName::Create(line->user).has_value());
      FUZZ_EXPECT(line->label.size() <= kMaxLabelSize);
      FUZZ_EXPECT(IsPrintableUtf8(line->label));
      FUZZ_EXPECT(line->key.empty() || (line->key.size() >= kMinKeySize &&
                                        line->key.size() <= kMaxKeySize));
      break;
  }
}

}  // namespace twofactor
