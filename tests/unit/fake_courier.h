// SPDX-License-Identifier: Apache-2.0
//
// fake_courier.h - a mailbox that a test can look into.

#ifndef TWOFACTOR_TESTS_UNIT_FAKE_COURIER_H_
#define TWOFACTOR_TESTS_UNIT_FAKE_COURIER_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/delivery/courier.h"

namespace twofactor {

class FakeCourier final : public Courier {
 public:
  struct Sent {
    MessageKind kind;
    std::string address;
    std::string user;
    std::string code;
  };

  bool IsConfigured() const override { return configured; }

  Result<void> Send(const Message& message) override {
    if (const auto meanwhile = std::exchange(on_send, nullptr)) meanwhile();
    if (broken) return Fail(ErrorCode::kDelivery, "the courier is ill");
    sent.push_back({message.kind, message.address, message.user,
                    std::string(AsText(message.code.Expose()))});
    return {};
  }

  bool configured = true;
  bool broken = false;
  std::function<void()> on_send;  // What happens during the next Send, once.
  std::vector<Sent> sent;
};

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_FAKE_COURIER_H_
