// SPDX-License-Identifier: Apache-2.0
//
// delivered_code.cc - six digits.

#include "core/factor/delivered_code.h"

namespace twofactor {

Secret DeliveredCodeFrom(Bytes entropy) {
  std::uint64_t number = ByteReader(entropy).U64();
  Secret code(kDeliveredCodeSize);
  for (std::uint8_t& digit : code.ExposeMutable()) {
    digit = static_cast<std::uint8_t>('0' + number % 10);
    number /= 10;
  }
  return code;
}

}  // namespace twofactor
