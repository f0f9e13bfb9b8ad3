// SPDX-License-Identifier: Apache-2.0
//
// delivery_config_fuzz.cc - twofactor-delivery.conf.

#include "delivery_helper/delivery_config.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  const auto config = delivery::ParseDeliveryConfig(AsText(input), "fuzz.conf");
  if (config) {
    FUZZ_EXPECT(config->smtp_port >= 1 && config->smtp_port <= 65535);
    FUZZ_EXPECT(config->sendmail_program.starts_with('/'));
    return;
  }
  FUZZ_EXPECT(config.error().context.starts_with("fuzz.conf:"));
  FUZZ_EXPECT(IsPrintableUtf8(config.error().context));
}

}  // namespace twofactor
