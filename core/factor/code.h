// SPDX-License-Identifier: Apache-2.0
//
// code.h - reading a typed code, and comparing it without branches.
//
// Trust: `response` may be any bytes.

#ifndef TWOFACTOR_CORE_FACTOR_CODE_H_
#define TWOFACTOR_CORE_FACTOR_CODE_H_

#include <cstdint>
#include <string_view>

namespace twofactor {

// A number that no code equals.
constexpr std::uint32_t kNoCode = 0xFFFFFFFF;

// The number that `response` spells with exactly `digits` digits, or kNoCode.
constexpr std::uint32_t CodeValue(std::string_view response, int digits) {
  if (response.size() != static_cast<std::size_t>(digits)) return kNoCode;
  std::uint32_t value = 0;
  for (char c : response) {
    if (c < '0' || c > '9') return kNoCode;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

// All ones when a == b, else zero.
constexpr std::uint64_t EqualMask(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t difference = a ^ b;
  return ((difference - 1) >> 63) * ~std::uint64_t{0};
}

// `chosen` where the mask is ones, else `other`.
constexpr std::uint64_t Select(std::uint64_t mask, std::uint64_t chosen,
                               std::uint64_t other) {
  return (chosen & mask) | (other & ~mask);
}

// Drops a blank or a dash from the front, of any script; false if there is
// none.
bool SkipSeparator(std::string_view& text);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_FACTOR_CODE_H_
