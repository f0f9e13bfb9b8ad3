// SPDX-License-Identifier: Apache-2.0
//
// hotp.h - the one-time password value of RFC 4226.

#ifndef TWOFACTOR_CORE_FACTOR_HOTP_H_
#define TWOFACTOR_CORE_FACTOR_HOTP_H_

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/counter.h"
#include "core/base/crypto.h"
#include "core/base/result.h"

namespace twofactor {

constexpr int kMinDigits = 6;  // RFC 4226 §5.3
constexpr int kMaxDigits = 8;
constexpr std::size_t kMinKeySize = 16;  // RFC 4226 §4 R6: 128 bits
constexpr std::size_t kMaxKeySize = 128;

// HOTP(K, C) of RFC 4226 §5.3 for any hash of RFC 6238 §1.2: a number below
// 10^digits, whose leading zeros are part of the code.
//
//   digits  kMinDigits..kMaxDigits, or kInvalid
//   kCrypto when the library could not compute the HMAC
Result<std::uint32_t> HotpValue(HashAlgorithm algorithm, Bytes key,
                                Counter counter, int digits);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_FACTOR_HOTP_H_
