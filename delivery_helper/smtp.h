// SPDX-License-Identifier: Apache-2.0
//
// smtp.h - hands a mail to a server, over TLS or not at all.

#ifndef TWOFACTOR_DELIVERY_HELPER_SMTP_H_
#define TWOFACTOR_DELIVERY_HELPER_SMTP_H_

#include <chrono>
#include <string>

#include "core/base/secret.h"
#include "core/delivery/request.h"
#include "delivery_helper/delivery_config.h"
#include "delivery_helper/transcript.h"

namespace twofactor::delivery {

struct Submission {
  const DeliveryConfig& config;
  const Secret& password;  // Empty: no login.
  const std::string& host;
  const std::string& recipient;
  const Secret& mail;
  std::chrono::milliseconds time;
};

DeliveryReport SendBySmtp(const Submission& submission, Transcript transcript);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_SMTP_H_
