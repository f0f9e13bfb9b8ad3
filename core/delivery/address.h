// SPDX-License-Identifier: Apache-2.0
//
// address.h - which texts are addresses that a message may go to.
//
// Trust: the text may be any bytes.

#ifndef TWOFACTOR_CORE_DELIVERY_ADDRESS_H_
#define TWOFACTOR_CORE_DELIVERY_ADDRESS_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace twofactor {

// An addr-spec of RFC 5321 §4.1.2 without quoted strings, comments or address
// literals: dot-atom@domain of letters, digits and dashes, at most 64 bytes
// before the @ and 254 in all.
bool IsEmailAddress(std::string_view text);

// An international number of ITU-T E.164 §6: "+", a country code that does not
// start with 0, 7 to 15 digits in all.
bool IsPhoneNumber(std::string_view text);

// It stands in a prompt, and PAM_MAX_MSG_SIZE bounds that.
constexpr std::size_t kMaxMaskedSize = 64;

// As much of one of these as tells its owner which it is: "a***e@example.org",
// "+49***78"; of a long domain the middle is left out.
std::string MaskedAddress(std::string_view address);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_DELIVERY_ADDRESS_H_
