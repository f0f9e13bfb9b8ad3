// SPDX-License-Identifier: Apache-2.0
//
// counter.h - the moving factor of a one-time password.

#ifndef TWOFACTOR_CORE_BASE_COUNTER_H_
#define TWOFACTOR_CORE_BASE_COUNTER_H_

#include <cstdint>

namespace twofactor {

// HOTP's counter C (RFC 4226 §5.1), TOTP's time step T (RFC 6238 §4.2).  It
// only grows.  A type of its own, so that a step is never mistaken for seconds.
enum class Counter : std::uint64_t {};

constexpr std::uint64_t Number(Counter counter) {
  return static_cast<std::uint64_t>(counter);
}

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_COUNTER_H_
