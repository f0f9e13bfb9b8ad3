// SPDX-License-Identifier: Apache-2.0
//
// google_authenticator_record.cc - what a ~/.google_authenticator means here.

#include <algorithm>
#include <string>
#include <utility>

#include "core/factor/hotp.h"
#include "core/session/device_codes.h"
#include "core/session/enroll_session.h"
#include "setup_tool/foreign_key.h"
#include "setup_tool/foreign_record.h"

namespace twofactor::tool {
namespace {

using File = GoogleAuthenticatorFile;
using Kind = Finding::Kind;

constexpr int kDefaultWindow = 3;
constexpr int kDefaultStep = 30;

std::string Plural(int count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

class Converter {
 public:
  Converter(File file, const Config& config, UnixTime now)
      : file_(std::move(file)), config_(config), now_(now) {}

  std::expected<ForeignRecord, LineError> Convert() {
    device_.kind = file_.kind;
    device_.key = std::move(file_.key);
    RETURN_IF_ERROR(CheckForeignKey(device_.key, 1, record_.findings));
    switch (file_.kind) {
      case DeviceKind::kTotp:
        RETURN_IF_ERROR(TakeTimes());
        break;
      case DeviceKind::kHotp:
        TakeCounter();
        break;
    }
    TakeRateLimit();
    record_.scratch_codes = std::move(file_.scratch_codes);
    record_.scratch_line = file_.scratch_line;
    record_.devices.push_back(std::move(device_));
    for (Finding& finding : file_.findings) Add(std::move(finding));
    return std::move(record_);
  }

 private:
  std::expected<void, LineError> TakeTimes() {
    const int step = file_.step_size ? file_.step_size->value : kDefaultStep;
    device_.period = std::chrono::seconds(step);
    const TotpParameters parameters{.period = device_.period};
    if (auto valid =
            ValidateTotp(parameters, device_.key.Expose(), kShortestKeySize);
        !valid)
      return std::unexpected(LineError{
          file_.step_size ? file_.step_size->line : 1, valid.error().context});
    if (file_.step_size)
      Note(file_.step_size->line, Kind::kTaken,
           "codes change each " + std::to_string(step) + " s");
    TakeWindow();
    TakeSkew();
    TakeUsedSteps();
    return {};
  }

  // Of an even size, the code more ahead is left out.
  void TakeWindow() {
    const int codes =
        file_.window_size ? file_.window_size->value : kDefaultWindow;
    device_.window = (codes - 1) / 2;
    if (!file_.window_size) return;
    const int allowed = config_.totp_tolerance.window;
    const std::string said = "WINDOW_SIZE " + std::to_string(codes);
    if (*device_.window <= allowed)
      Note(file_.window_size->line, Kind::kTaken,
           said + ": " + Plural(*device_.window, "code") + " to either side");
    else
      Note(file_.window_size->line, Kind::kNotTaken,
           said + ": totp_window = " + std::to_string(allowed) + " holds");
  }

  void TakeSkew() {
    const auto skew = Skew();
    if (skew == 0) return;
    const int allowed = config_.totp_tolerance.max_drift;
    const std::size_t line = file_.time_skew->line;
    const std::string said = "TIME_SKEW " + std::to_string(skew);
    device_.drift =
        static_cast<int>(std::clamp<std::int64_t>(skew, -kMaxDrift, kMaxDrift));
    if (std::abs(skew) <= allowed)
      Note(line, Kind::kTaken, said);
    else
      Note(line, Kind::kNotTaken,
           said + " steps: at most " + std::to_string(allowed) +
               " are allowed; codes are refused until the device's clock is "
               "right");
  }

  void TakeUsedSteps() {
    // The code that sets TIME_SKEW is not marked as used.
    const bool known = file_.disallow_reuse && Skew() == 0;
    Counter next{};
    if (file_.disallow_reuse && file_.disallow_reuse->value > 0)
      next = Counter{file_.disallow_reuse->value + 1};
    if (!known) next = std::max(next, AfterAllThatMayBeUsed());
    device_.next_if_new = next;
    device_.next_if_here = next;
    if (file_.disallow_reuse)
      Note(file_.disallow_reuse->line, Kind::kTaken,
           file_.disallow_reuse->value > 0 ? "used codes stay used"
                                           : "no code was used lately");
    if (!known)
      Note(0, Kind::kWarning,
           "which codes were used is not known: those of the last attempt's "
           "time, or of now, are spent");
  }

  // RATE_LIMIT knows when the last attempt was.
  Counter AfterAllThatMayBeUsed() const {
    UnixTime last = now_;
    if (file_.rate_limit && file_.rate_limit->value.last_attempt)
      last = std::min(last, *file_.rate_limit->value.last_attempt);
    Device device;
    device.period = device_.period;
    const int codes =
        file_.window_size ? file_.window_size->value : kDefaultWindow;
    const auto ahead = codes / 2 + std::max<std::int64_t>(Skew(), 0) + 1;
    const Counter step = TotpStep(TotpParametersOf(device), last);
    return std::max(FirstUnusedStep(device, last),
                    Counter{Number(step) + static_cast<std::uint64_t>(ahead)});
  }

  void TakeCounter() {
    device_.period = std::chrono::seconds(0);
    device_.next_if_new = Counter{file_.counter->value};
    device_.next_if_here = device_.next_if_new;
    Note(file_.counter->line, Kind::kTaken,
         "HOTP_COUNTER " + std::to_string(file_.counter->value));
    if (file_.window_size)
      Note(file_.window_size->line, Kind::kNotTaken,
           "WINDOW_SIZE: hotp_look_ahead holds");
  }

  void TakeRateLimit() {
    if (!file_.rate_limit) return;
    const auto& [attempts, seconds, last] = file_.rate_limit->value;
    const RateLimit& holds = config_.verify_limits.source;
    Note(file_.rate_limit->line, Kind::kNotTaken,
         "RATE_LIMIT " + std::to_string(attempts) + " in " +
             std::to_string(seconds) + " s: the host's limit holds, " +
             Plural(holds.failures, "failure") + " in " +
             std::to_string(holds.window.count()) + " s");
  }

  std::int64_t Skew() const {
    return file_.time_skew ? file_.time_skew->value : 0;
  }
  void Note(std::size_t line, Kind kind, std::string text) {
    Add({line, kind, std::move(text)});
  }
  // In the order of the file.
  void Add(Finding finding) {
    auto& findings = record_.findings;
    findings.insert(
        std::ranges::upper_bound(findings, finding.line, {}, &Finding::line),
        std::move(finding));
  }

  File file_;
  const Config& config_;
  UnixTime now_;
  ForeignDevice device_;
  ForeignRecord record_;
};

}  // namespace

std::expected<ForeignRecord, LineError> RecordOf(GoogleAuthenticatorFile file,
                                                 const Config& config,
                                                 UnixTime now) {
  return Converter(std::move(file), config, now).Convert();
}

}  // namespace twofactor::tool
