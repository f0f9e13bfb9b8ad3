// SPDX-License-Identifier: Apache-2.0
//
// delivered_code.h - codes that are made here and sent to somebody.
//
// Short enough to be typed from a phone's screen, so whoever stores one allows
// few tries and little time (NIST SP 800-63B-4 §3.1.3.2).
//
// Trust: what is compared may be any bytes.

#ifndef TWOFACTOR_CORE_FACTOR_DELIVERED_CODE_H_
#define TWOFACTOR_CORE_FACTOR_DELIVERED_CODE_H_

#include "core/base/bytes.h"
#include "core/base/secret.h"

namespace twofactor {

constexpr std::size_t kDeliveredCodeSize = 6;  // Digits.
constexpr std::size_t kDeliveredCodeEntropy = 8;

// The code that kDeliveredCodeEntropy random bytes make.  Of 2^64 numbers each
// code has its share but for one in 10^13.
Secret DeliveredCodeFrom(Bytes entropy);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_FACTOR_DELIVERED_CODE_H_
