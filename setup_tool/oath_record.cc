// SPDX-License-Identifier: Apache-2.0
//
// oath_record.cc - what a line of pam_oath's users file means here.
//
// pam_oath refuses time-based codes at or before the last one that it accepted,
// and keeps that one's digits: looked for around now, they say its step.

#include <algorithm>
#include <string>
#include <utility>

#include "core/factor/code.h"
#include "core/factor/hotp.h"
#include "core/session/device_codes.h"
#include "core/session/enroll_session.h"
#include "setup_tool/foreign_key.h"
#include "setup_tool/foreign_record.h"

namespace twofactor::tool {
namespace {

using Kind = Finding::Kind;

// Farther than the windows that pam_oath is configured with in practice.
constexpr std::uint64_t kReach = 100;

Device DeviceOf(const ForeignDevice& foreign) {
  Device device;
  device.kind = foreign.kind;
  device.digits = foreign.digits;
  device.period = foreign.period;
  return device;
}

// The step after the latest one near now that makes `code`; zero for none.
Result<Counter> StepAfter(const ForeignDevice& foreign, Bytes code,
                          UnixTime now) {
  const std::uint32_t used = CodeValue(AsText(code), foreign.digits);
  const TotpParameters parameters = TotpParametersOf(DeviceOf(foreign));
  const std::uint64_t middle = Number(TotpStep(parameters, now));
  for (std::uint64_t step = middle + kReach;
       step > 0 && step + kReach >= middle; --step) {
    ASSIGN_OR_RETURN(const std::uint32_t value,
                     HotpValue(parameters.algorithm, foreign.key.Expose(),
                               Counter{step}, foreign.digits));
    if (value == used) return Counter{step + 1};
  }
  return Counter{};
}

std::expected<void, LineError> TakeUsedStep(const OathLine& line,
                                            std::size_t number, UnixTime now,
                                            ForeignDevice& device,
                                            ForeignRecord& record) {
  if (line.last_code.empty()) {
    // Provisioning may have written the line anew.
    device.next_if_new = FirstUnusedStep(DeviceOf(device), now);
    record.findings.push_back({number, Kind::kWarning,
                               "which codes were used is not known: those of "
                               "now are spent"});
    return {};
  }
  auto next = StepAfter(device, line.last_code.Expose(), now);
  if (!next) return std::unexpected(LineError{number, next.error().context});
  device.next_if_new = *next;
  device.next_if_here = *next;
  record.findings.push_back({number, Kind::kTaken, "used codes stay used"});
  return {};
}

// The factor is the last code's own counter, if there is a last code.
void TakeCounter(const OathLine& line, std::size_t number,
                 ForeignDevice& device, ForeignRecord& record) {
  const std::uint64_t next = line.factor + (line.last_code.empty() ? 0 : 1);
  device.next_if_new = Counter{next};
  device.next_if_here = device.next_if_new;
  record.findings.push_back(
      {number, Kind::kTaken, "the counter, next is " + std::to_string(next)});
}

std::expected<void, LineError> CheckPin(OathLine::Pin pin, PinChoice choice,
                                        std::size_t number,
                                        ForeignRecord& record) {
  std::string what;
  switch (pin) {
    case OathLine::Pin::kNone:
      return {};
    case OathLine::Pin::kElsewhere:
      what = "a PIN that another program checks";
      break;
    case OathLine::Pin::kText:
      what = "a PIN";
      break;
  }
  if (choice == PinChoice::kRefuse)
    return std::unexpected(
        LineError{number, what + " goes with the code, and there is no place "
                                 "for it; --drop-pins takes the line without"});
  record.findings.push_back(
      {number, Kind::kWarning,
       what + " was dropped: the code alone is enough now, which is weaker"});
  return {};
}

}  // namespace

std::expected<void, LineError> AddOathDevice(OathLine line, std::size_t number,
                                             PinChoice pins, UnixTime now,
                                             ForeignRecord& record) {
  ForeignRecord added;
  ForeignDevice device;
  device.kind = line.device_kind;
  device.digits = line.digits;
  device.period = line.period;
  device.key = std::move(line.key);
  RETURN_IF_ERROR(CheckForeignKey(device.key, number, added.findings));
  RETURN_IF_ERROR(CheckPin(line.pin, pins, number, added));
  switch (device.kind) {
    case DeviceKind::kTotp:
      RETURN_IF_ERROR(TakeUsedStep(line, number, now, device, added));
      break;
    case DeviceKind::kHotp:
      TakeCounter(line, number, device, added);
      break;
  }
  record.devices.push_back(std::move(device));
  record.findings.insert(record.findings.end(), added.findings.begin(),
                         added.findings.end());
  return {};
}

}  // namespace twofactor::tool
