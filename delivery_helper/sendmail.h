// SPDX-License-Identifier: Apache-2.0
//
// sendmail.h - hands a mail to the host's own sendmail program.
//
// Trust: the program is named by the administrator; it gets an empty
// environment, and what it says is shown to nobody but the log.

#ifndef TWOFACTOR_DELIVERY_HELPER_SENDMAIL_H_
#define TWOFACTOR_DELIVERY_HELPER_SENDMAIL_H_

#include <chrono>
#include <string>

#include "core/base/secret.h"
#include "core/delivery/request.h"
#include "delivery_helper/transcript.h"

namespace twofactor::delivery {

struct LocalMail {
  const std::string& program;
  const std::string& sender;  // Who is told when it cannot be delivered.
  const Secret& content;      // Headers and body.
  std::chrono::milliseconds time;
};

// Sent, when `program -i -t -fSENDER` has read the mail and ended with status 0
// before `time` is over.
DeliveryReport SendBySendmail(const LocalMail& mail, Transcript transcript);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_SENDMAIL_H_
