// SPDX-License-Identifier: Apache-2.0
//
// new_device.h - what the command line says of a device to be enrolled.

#ifndef TWOFACTOR_SETUP_TOOL_NEW_DEVICE_H_
#define TWOFACTOR_SETUP_TOOL_NEW_DEVICE_H_

#include <optional>
#include <string>

#include "core/factor/totp.h"
#include "core/session/config.h"
#include "core/store/enrollment.h"
#include "setup_tool/failure.h"
#include "setup_tool/option_list.h"

namespace twofactor::tool {

class NewDevice {
 public:
  explicit NewDevice(DeviceKind kind) : kind_(kind) {}
  void Describe(OptionList& options);

  DeviceKind kind() const { return kind_; }

  // Empty: the first free one.
  std::string label() const { return label_.value_or(""); }
  // kUsage for an unknown algorithm.  What is not said is as configured.
  Try<TotpParameters> Parameters(const Config& config) const;
  // The counter of a token's next code.  kUsage below zero.
  Try<Counter> First() const;
  // As ChooseIssuer.
  Try<std::string> Issuer(const Config& config) const;

 private:
  DeviceKind kind_;
  std::optional<std::string> label_;
  std::optional<std::string> issuer_;
  std::optional<std::string> algorithm_;
  std::optional<int> digits_;
  std::optional<int> period_;
  std::optional<int> counter_;
};

// What was given, else the configured issuer, else this host's name.  kUsage
// for what apps would not take.
Try<std::string> ChooseIssuer(const std::optional<std::string>& given,
                              const Config& config);

// Many authenticator apps take the key and quietly make other codes.
bool IsUnusual(const TotpParameters& parameters);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_NEW_DEVICE_H_
