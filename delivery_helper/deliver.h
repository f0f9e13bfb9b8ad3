// SPDX-License-Identifier: Apache-2.0
//
// deliver.h - one request, from the configuration to the report.

#ifndef TWOFACTOR_DELIVERY_HELPER_DELIVER_H_
#define TWOFACTOR_DELIVERY_HELPER_DELIVER_H_

#include <string>

#include "core/delivery/request.h"

namespace twofactor::delivery {

// Reads what it needs, gives up what it does not, sends.
DeliveryReport Deliver(const DeliveryRequest& request,
                       const std::string& config_path);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_DELIVER_H_
