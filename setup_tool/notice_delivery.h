// SPDX-License-Identifier: Apache-2.0
//
// notice_delivery.h - one user's notices, from the ring to the mail.

#ifndef TWOFACTOR_SETUP_TOOL_NOTICE_DELIVERY_H_
#define TWOFACTOR_SETUP_TOOL_NOTICE_DELIVERY_H_

#include "core/delivery/courier.h"
#include "core/store/user_name.h"
#include "setup_tool/failure.h"
#include "setup_tool/host.h"

namespace twofactor::tool {

enum class NoticeOutcome : std::uint8_t {
  kNothing = 0,  // There were none, or it is too early to try again.
  kLater,        // Nobody took the mail: it is tried again.
  kSent,
  kDropped,  // Nobody to send it to, or nobody took it for a week.
};

// Mails what is not told yet, a message to each address of the user's and one
// to notices_to, each side for itself.  The user is told when all addresses
// took it, after three failures when one did.
Try<NoticeOutcome> DeliverNotices(Host& host, Courier& courier,
                                  const UserName& user);

// Whether the user has notices that are not told.
Try<bool> HasNotices(Host& host, const UserName& user);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_NOTICE_DELIVERY_H_
