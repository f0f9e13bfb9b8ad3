// SPDX-License-Identifier: Apache-2.0
//
// device_choice.cc - finding a device by its label.

#include "setup_tool/device_choice.h"

#include "setup_tool/command_text.h"

namespace twofactor::tool {
namespace {

std::string HintWithLabels(const Enrollment& enrollment) {
  std::string hint;
  for (const Device& device : enrollment.devices)
    hint +=
        (hint.empty() ? "--name " : " or --name ") + CommandWord(device.label);
  return hint;
}

}  // namespace

Try<std::size_t> ChooseDevice(const Enrollment& enrollment,
                              const std::optional<std::string>& label) {
  const auto& devices = enrollment.devices;
  if (!label && devices.size() == 1) return 0;
  if (!label)
    return Refuse(ExitCode::kUsage, "there are several devices",
                  HintWithLabels(enrollment));
  for (std::size_t i = 0; i < devices.size(); ++i)
    if (devices[i].label == *label) return i;
  return Refuse(ExitCode::kNotFound, "there is no device " + *label,
                HintWithLabels(enrollment));
}

}  // namespace twofactor::tool
