// SPDX-License-Identifier: Apache-2.0
//
// enrollment_fuzz.cc - what decodes is exactly what would be encoded.

#include <algorithm>

#include "core/store/enrollment.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  const auto decoded = DecodeEnrollment(input);
  if (!decoded) {
    FUZZ_EXPECT(decoded.error().code == ErrorCode::kCorrupt);
    return;
  }
  const auto encoded = EncodeEnrollment(*decoded);
  FUZZ_EXPECT(encoded.has_value());
  FUZZ_EXPECT(std::ranges::equal(encoded->Expose(), input));
}

}  // namespace twofactor
