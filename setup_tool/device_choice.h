// SPDX-License-Identifier: Apache-2.0
//
// device_choice.h - the device or address of a user that a verb acts on.

#ifndef TWOFACTOR_SETUP_TOOL_DEVICE_CHOICE_H_
#define TWOFACTOR_SETUP_TOOL_DEVICE_CHOICE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "core/store/enrollment.h"
#include "setup_tool/failure.h"

namespace twofactor::tool {

// The place of the device of that label.  Without one: of the only device.
// kNotFound, kUsage; the labels there are stand in the hint.
Try<std::size_t> ChooseDevice(const Enrollment& enrollment,
                              const std::optional<std::string>& label);

// The same among devices and addresses; the label of the one.
Try<std::string> ChooseFactor(const Enrollment& enrollment,
                              const std::optional<std::string>& label);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_DEVICE_CHOICE_H_
