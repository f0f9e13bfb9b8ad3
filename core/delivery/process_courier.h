// SPDX-License-Identifier: Apache-2.0
//
// process_courier.h - the Courier that executes twofactor-deliver.
//
// Until something is to be sent, nothing is looked up, opened or started.
//
// Trust: the helper has talked to the network; of what it says only a report in
// the strict format counts, and only `done` means that a message was sent.

#ifndef TWOFACTOR_CORE_DELIVERY_PROCESS_COURIER_H_
#define TWOFACTOR_CORE_DELIVERY_PROCESS_COURIER_H_

#include "core/base/clock.h"
#include "core/delivery/courier.h"
#include "core/delivery/delivery_settings.h"
#include "core/delivery/request.h"

namespace twofactor {

// The system user that the helper runs as.
inline constexpr char kDeliveryUser[] = "_twofactor";

class ProcessCourier final : public Courier {
 public:
  // Both must outlive this.
  ProcessCourier(const DeliverySettings& settings, const Clock& clock)
      : settings_(settings), clock_(clock) {}

  bool IsConfigured() const override;
  Result<void> Send(const Message& message) override;

  // The same, and all that the helper reported.  kDelivery when the helper
  // could not be run or kept to no format; a report of a failure is a value.
  Result<DeliveryReport> Deliver(const Message& message, Detail detail);

 private:
  const DeliverySettings& settings_;
  const Clock& clock_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_DELIVERY_PROCESS_COURIER_H_
