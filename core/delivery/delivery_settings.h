// SPDX-License-Identifier: Apache-2.0
//
// delivery_settings.h - what twofactor.conf says of delivery: which helper,
// with which configuration, for how long.

#ifndef TWOFACTOR_CORE_DELIVERY_DELIVERY_SETTINGS_H_
#define TWOFACTOR_CORE_DELIVERY_DELIVERY_SETTINGS_H_

#include <chrono>
#include <string>

namespace twofactor {

inline constexpr char kDeliveryConfigPath[] =
    "/etc/security/twofactor-delivery.conf";

struct DeliverySettings {
  std::string helper = TWOFACTOR_DELIVERY_HELPER;
  std::string config = kDeliveryConfigPath;
  std::chrono::seconds time{20};  // At most kMaxDeliveryTime.
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_DELIVERY_DELIVERY_SETTINGS_H_
