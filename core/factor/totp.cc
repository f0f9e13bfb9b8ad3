// SPDX-License-Identifier: Apache-2.0
//
// totp.cc - the window, the replay floor and the learned drift.

#include "core/factor/totp.h"

#include <algorithm>
#include <cstdlib>

#include "core/factor/code.h"
#include "core/factor/hotp.h"

namespace twofactor {
namespace {

constexpr std::chrono::seconds kMinPeriod{15};
constexpr std::chrono::seconds kMaxPeriod{300};
constexpr int kStreakThatMovesDrift = 3;

// RFC 6238 §6: a device whose codes keep coming from the same side of the
// window has a clock that is off; the window follows it.
void LearnDrift(TotpProgress& progress, int offset,
                const TotpTolerance& tolerance) {
  if (offset == 0) {
    progress.offset = progress.streak = 0;
    return;
  }
  progress.streak = offset == progress.offset ? progress.streak + 1 : 1;
  progress.offset = offset;
  if (progress.streak < kStreakThatMovesDrift) return;
  progress.drift = std::clamp(progress.drift + (offset > 0 ? 1 : -1),
                              -tolerance.max_drift, tolerance.max_drift);
  progress.offset = progress.streak = 0;
}

// The step `offset` away from `center`; steps before the epoch do not exist.
std::optional<Counter> Shift(Counter center, std::int64_t offset) {
  const std::uint64_t shifted =
      Number(center) + static_cast<std::uint64_t>(offset);
  if (offset < 0 && shifted > Number(center)) return std::nullopt;
  return Counter{shifted};
}

}  // namespace

Result<void> ValidateTotp(const TotpParameters& parameters, Bytes key,
                          std::size_t min_key_size) {
  if (parameters.period < kMinPeriod || parameters.period > kMaxPeriod)
    return Fail(ErrorCode::kInvalid, "a time step lasts 15 to 300 seconds");
  return ValidateHotp({parameters.algorithm, parameters.digits}, key,
                      min_key_size);
}

Counter TotpStep(const TotpParameters& parameters, UnixTime time) {
  return Counter{
      static_cast<std::uint64_t>(time.time_since_epoch() / parameters.period)};
}

Result<TotpVerification> VerifyTotp(const TotpParameters& parameters, Bytes key,
                                    std::string_view response,
                                    const TotpProgress& progress,
                                    const TotpTolerance& tolerance,
                                    UnixTime now) {
  RETURN_IF_ERROR(ValidateTotp(parameters, key, kShortestKeySize));
  if (tolerance.window < 0 || tolerance.window > kMaxWindow)
    return Fail(ErrorCode::kInvalid, "the window is out of range");

  const std::uint32_t typed = CodeValue(response, parameters.digits);
  const auto center = Shift(TotpStep(parameters, now), progress.drift);
  if (!center) return Fail(ErrorCode::kInvalid, "the clock stands at zero");

  // Masks instead of branches: which code matched must not show in the time.
  std::uint64_t matched = 0;  // Any step, used or not.
  std::uint64_t fresh = 0;    // A step that may still be accepted.
  std::uint64_t step = 0;     // The highest such step ...
  std::uint64_t place = 0;    // ... and its offset + kMaxWindow.
  for (int offset = -tolerance.window; offset <= tolerance.window; ++offset) {
    const Counter candidate = Shift(*center, offset).value_or(Counter{});
    ASSIGN_OR_RETURN(
        const std::uint32_t code,
        HotpValue(parameters.algorithm, key, candidate, parameters.digits));
    const std::uint64_t equal = EqualMask(code, typed);
    const std::uint64_t unused =
        std::uint64_t{0} -
        static_cast<std::uint64_t>(Number(candidate) >= Number(progress.next));
    const std::uint64_t take = equal & unused;
    matched |= equal;
    fresh |= take;
    step = Select(take, Number(candidate), step);
    place =
        Select(take, static_cast<std::uint64_t>(offset + kMaxWindow), place);
  }

  TotpVerification verification{Verdict::kRejected, progress};
  if (fresh) {
    verification.verdict = Verdict::kAccepted;
    verification.progress.next = Counter{step + 1};
    LearnDrift(verification.progress, static_cast<int>(place) - kMaxWindow,
               tolerance);
  } else if (matched) {
    verification.verdict = Verdict::kReplayed;
  }
  return verification;
}

Result<std::optional<std::int64_t>> FindTotpOffset(
    const TotpParameters& parameters, Bytes key, std::string_view response,
    int reach, UnixTime now) {
  RETURN_IF_ERROR(ValidateTotp(parameters, key, kShortestKeySize));
  const std::uint32_t typed = CodeValue(response, parameters.digits);
  const Counter center = TotpStep(parameters, now);
  for (std::int64_t distance = 0; distance <= reach; ++distance) {
    for (std::int64_t offset : {-distance, distance}) {
      const auto candidate = Shift(center, offset);
      if (!candidate) continue;
      ASSIGN_OR_RETURN(
          const std::uint32_t code,
          HotpValue(parameters.algorithm, key, *candidate, parameters.digits));
      if (code == typed) return std::optional(offset);
    }
  }
  return std::optional<std::int64_t>();
}

}  // namespace twofactor
