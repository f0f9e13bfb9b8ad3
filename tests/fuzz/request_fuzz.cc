// SPDX-License-Identifier: Apache-2.0
//
// request_fuzz.cc - what the delivery helper reads.

#include "core/delivery/request.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  const auto request = DecodeRequest(input);
  if (!request) {
    FUZZ_EXPECT(request.error().code == ErrorCode::kCorrupt);
    return;
  }
  // There is one spelling of every request.
  const auto again =
      EncodeRequest(request->message, request->detail, request->time);
  FUZZ_EXPECT(again && AsText(again->Expose()) == AsText(input));
}

}  // namespace twofactor
