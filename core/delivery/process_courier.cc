// SPDX-License-Identifier: Apache-2.0
//
// process_courier.cc - a request, a process, a report.

#include "core/delivery/process_courier.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "core/delivery/helper_process.h"

namespace twofactor {
namespace {

// The helper ends by itself before it is killed, so that it can say why.
constexpr std::chrono::seconds kGrace{2};

Result<passwd> FindDeliveryUser(std::string& buffer) {
  constexpr std::size_t kMaxBufferSize = 64 * 1024;
  buffer.resize(kMaxBufferSize);
  passwd entry{};
  passwd* found = nullptr;
  const int error =
      getpwnam_r(kDeliveryUser, &entry, buffer.data(), buffer.size(), &found);
  if (!found)
    return Fail(ErrorCode::kDelivery,
                std::string("there is no system user ") + kDeliveryUser +
                    (error == 0 ? "" : " (the name service failed)"));
  if (entry.pw_uid == 0 || entry.pw_gid == 0)
    return Fail(ErrorCode::kDelivery,
                std::string(kDeliveryUser) + " must not be root");
  return entry;
}

// Why there is no report.
std::string Explain(const HelperEnd& end, const std::string& program) {
  switch (end.reason) {
    case HelperEnd::Reason::kKilled:
      return "the helper was killed";
    case HelperEnd::Reason::kExited:
      return "the helper ended without an answer, with status " +
             std::to_string(end.code);
    case HelperEnd::Reason::kTooSlow:
      return "the helper did not answer in time";
    case HelperEnd::Reason::kTooMuch:
      return "the helper answered too much";
    case HelperEnd::Reason::kNotBecome:
      return std::string("the helper could not become ") + kDeliveryUser;
    case HelperEnd::Reason::kNotExecuted:
      return "cannot run " + program;
  }
  return "internal";
}

}  // namespace

bool ProcessCourier::IsConfigured() const {
  return access(settings_.config.c_str(), F_OK) == 0 || errno != ENOENT;
}

Result<void> ProcessCourier::Send(const Message& message) {
  ASSIGN_OR_RETURN(const DeliveryReport report,
                   Deliver(message, Detail::kOutcome));
  if (report.stage == Stage::kDone) return {};
  return Fail(ErrorCode::kDelivery,
              std::string(StageName(report.stage)) + ": " + report.text);
}

Result<DeliveryReport> ProcessCourier::Deliver(const Message& message,
                                               Detail detail) {
  if (!IsConfigured())
    return Fail(ErrorCode::kDelivery,
                "nothing is sent from this host: no " + settings_.config);
  ASSIGN_OR_RETURN(const Secret request,
                   EncodeRequest(message, detail, settings_.time));
  std::string buffer;
  ASSIGN_OR_RETURN(const passwd user, FindDeliveryUser(buffer));
  ASSIGN_OR_RETURN(const HelperEnd end,
                   RunHelper({.program = settings_.helper,
                              .argument = settings_.config,
                              .user = user.pw_uid,
                              .group = user.pw_gid,
                              .time = settings_.time + kGrace,
                              .max_output = kMaxReportSize},
                             request.Expose(), clock_));
  if (end.reason != HelperEnd::Reason::kExited || end.code != 0)
    return Fail(ErrorCode::kDelivery, Explain(end, settings_.helper));
  auto report = DecodeReport(end.output);
  if (!report)
    return Fail(ErrorCode::kDelivery,
                "the helper's answer is none: " + report.error().context);
  return report;
}

}  // namespace twofactor
