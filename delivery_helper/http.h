// SPDX-License-Identifier: Apache-2.0
//
// http.h - hands a text message to a provider's gateway.

#ifndef TWOFACTOR_DELIVERY_HELPER_HTTP_H_
#define TWOFACTOR_DELIVERY_HELPER_HTTP_H_

#include <chrono>
#include <string>

#include "core/base/secret.h"
#include "core/delivery/request.h"
#include "delivery_helper/delivery_config.h"
#include "delivery_helper/gateway.h"
#include "delivery_helper/transcript.h"

namespace twofactor::delivery {

struct TextMessage {
  const DeliveryConfig& config;
  const Gateway& gateway;
  const Secret& secret;  // Of the credential; may be empty.
  const std::string& number;
  const Secret& text;
  std::chrono::milliseconds time;
};

DeliveryReport SendByHttp(const TextMessage& message, Transcript transcript);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_HTTP_H_
