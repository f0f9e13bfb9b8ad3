// SPDX-License-Identifier: Apache-2.0
//
// device_choice.cc - finding one by its label.

#include "setup_tool/device_choice.h"

#include "setup_tool/command_text.h"

namespace twofactor::tool {
namespace {

std::string HintWithLabels(const auto&... factors) {
  std::string hint;
  const auto add = [&](const auto& list) {
    for (const auto& each : list)
      hint +=
          (hint.empty() ? "--name " : " or --name ") + CommandWord(each.label);
  };
  (add(factors), ...);
  return hint;
}

}  // namespace

Try<std::size_t> ChooseDevice(const Enrollment& enrollment,
                              const std::optional<std::string>& label) {
  const auto& devices = enrollment.devices;
  if (!label && devices.size() == 1) return 0;
  if (!label)
    return Refuse(ExitCode::kUsage, "there are several devices",
                  HintWithLabels(devices));
  for (std::size_t i = 0; i < devices.size(); ++i)
    if (devices[i].label == *label) return i;
  return Refuse(ExitCode::kNotFound, "there is no device " + *label,
                HintWithLabels(devices));
}

Try<std::string> ChooseFactor(const Enrollment& enrollment,
                              const std::optional<std::string>& label) {
  const auto& [devices, sets, recovery, addresses] = enrollment;
  if (label && enrollment.HasLabel(*label)) return *label;
  const std::string hint = HintWithLabels(devices, addresses);
  if (label)
    return Refuse(ExitCode::kNotFound, "there is no device " + *label, hint);
  if (enrollment.factors() != 1)
    return Refuse(ExitCode::kUsage, "there are several devices", hint);
  return devices.empty() ? addresses.front().label : devices.front().label;
}

}  // namespace twofactor::tool
