// SPDX-License-Identifier: Apache-2.0
//
// transcript.h - what happened on the way out, without what must not be told.
//
// Trust: lines come from the network.  Wherever the code or a credential
// stands in one, in any spelling of hidden_secrets.h, "[hidden]" stands
// instead.

#ifndef TWOFACTOR_DELIVERY_HELPER_TRANSCRIPT_H_
#define TWOFACTOR_DELIVERY_HELPER_TRANSCRIPT_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/delivery/request.h"
#include "delivery_helper/hidden_secrets.h"

namespace twofactor::delivery {

class Transcript {
 public:
  explicit Transcript(Detail detail) : detail_(detail) {}

  // From now on hidden.
  void Hide(std::string_view secret) { hidden_.Add(secret); }

  // Keeps the line if steps are asked for, and there is room.
  void Step(std::string_view line);
  // The same, of what the other side said; the last one that is no goodbye is
  // remembered.
  void Heard(std::string_view line);

  const std::string& last_heard() const { return last_heard_; }
  std::string Clean(std::string_view text) const;

  DeliveryReport Finish(Stage stage, std::string_view text) &&;

 private:
  Detail detail_;
  HiddenSecrets hidden_;
  std::string last_heard_;
  std::vector<std::string> steps_;
};

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_TRANSCRIPT_H_
