// SPDX-License-Identifier: Apache-2.0
//
// send_budget.cc - one number and its day.

#include "core/session/send_budget.h"

#include "core/base/audit_log.h"

namespace twofactor {

Result<void> CountSendOfHost(LoginStore& store, const Config& config) {
  const auto most = static_cast<std::uint32_t>(config.codes_per_day);
  ASSIGN_OR_RETURN(
      const std::uint32_t before,
      store.Update<std::uint32_t>(
          UserName::Nobody(),
          [&](const Enrollment&, const Moment& moment,
              StateChange& change) -> Result<std::uint32_t> {
            DayCount& sent = change.state.sent_by_host;
            const auto today = static_cast<std::uint32_t>(
                moment.now.time_since_epoch() / std::chrono::days(1));
            if (sent.day != today) sent = {today, 0};
            if (sent.count < most) return sent.count++;
            return most;
          }));
  if (before < most) return {};
  LogLine("codes_per_day")
      .Add("limit", config.codes_per_day)
      .Send(Severity::kAlert);
  return Fail(ErrorCode::kDelivery,
              "codes_per_day is reached: nothing more is sent today");
}

}  // namespace twofactor
