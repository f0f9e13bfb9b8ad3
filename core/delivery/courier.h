// SPDX-License-Identifier: Apache-2.0
//
// courier.h - how a code leaves the host.
//
// Who sends is not known here; that nothing is sent too often, or before the
// first factor was proven, is settled by whoever calls.

#ifndef TWOFACTOR_CORE_DELIVERY_COURIER_H_
#define TWOFACTOR_CORE_DELIVERY_COURIER_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor {

enum class MessageKind : std::uint8_t {
  kRecoveryCode = 1,  // Lets its reader enroll a new device.
  kAddressCheck = 2,  // Proves that its reader has the address.
  kLoginCode = 3,     // Lets its reader in, who has proven a password.
  kNotice = 4,        // Tells of events; by mail alone.
};

struct Message {
  MessageKind kind = MessageKind::kAddressCheck;
  std::string address;
  std::string user;
  Secret code = {};  // As it is to be typed; of a notice none.
  std::chrono::minutes good_for{};
  std::string text = {};  // Of a notice: lines of UTF-8.
};

class Courier {
 public:
  virtual ~Courier() = default;

  // False on a host that sends nothing at all.
  virtual bool IsConfigured() const = 0;

  // Hands the message to somebody who will try to deliver it.  kDelivery, with
  // what went wrong, when nobody took it.
  virtual Result<void> Send(const Message& message) = 0;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_DELIVERY_COURIER_H_
