// SPDX-License-Identifier: Apache-2.0
//
// report_fuzz.cc - what the delivery helper answers.

#include "core/delivery/request.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  const std::string text = ReportText(AsText(input));
  FUZZ_EXPECT(text.size() <= kMaxReportText && IsPrintableUtf8(text));
  FUZZ_EXPECT(DecodeReport(EncodeReport({Stage::kRefused, text, {text}})));
  const auto report = DecodeReport(AsText(input));
  if (report) FUZZ_EXPECT(EncodeReport(*report) == AsText(input));
}

}  // namespace twofactor
