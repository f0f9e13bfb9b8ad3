// SPDX-License-Identifier: Apache-2.0
//
// login_state_fuzz.cc - what decodes is exactly what would be encoded, and no
// state that decodes makes the throttle fail.

#include <algorithm>

#include "core/session/throttle.h"
#include "core/store/login_state.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  LoginState state;
  const auto decoded = DecodeLoginState(input, state);
  if (!decoded) {
    FUZZ_EXPECT(decoded.error().code == ErrorCode::kCorrupt);
    return;
  }
  std::array<std::uint8_t, kMaxLoginStateSize> buffer;
  const auto size = EncodeLoginState(state, buffer);
  FUZZ_EXPECT(size.has_value());
  FUZZ_EXPECT(std::ranges::equal(Bytes(buffer).first(*size), input));

  const UnixTime now(std::chrono::seconds(1'800'000'000));
  ForgiveTheFuture(state, now);
  for (const Source& source :
       {Source{}, state.sources.empty() ? Source{} : state.sources[0].source}) {
    const ThrottleRuling ruling = MayAttempt(state, source, {}, now);
    FUZZ_EXPECT(ruling.retry_after <= std::chrono::days(1));
    const RateLimit limit{10, std::chrono::hours(1)};
    FUZZ_EXPECT(MayTryCode(state, source, limit, now).retry_after <=
                limit.window);
    FUZZ_EXPECT(WaitFor(state.recovery_requests, limit, now) <= limit.window);
    RecordFailure(state, source, now);
    RecordCodeFailure(state, source, now);
    RecordSuccess(state, source, now);
    FUZZ_EXPECT(EncodeLoginState(state, buffer).has_value());
  }
  CodeSet bypass;
  bypass.kind = CodeSet::Kind::kBypass;
  bypass.uses = 100;
  for (const CodeSetState& set : state.code_sets) {
    const int left = CodesLeft(bypass, &set);
    FUZZ_EXPECT(left >= 0 && left <= bypass.uses);
  }
}

}  // namespace twofactor
