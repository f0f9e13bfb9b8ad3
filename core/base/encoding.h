// SPDX-License-Identifier: Apache-2.0
//
// encoding.h - the text forms of bytes: base32, hex and percent.
//
// Trust: what is decoded may be any bytes; a decoder accepts exactly the
// strings of its grammar and refuses everything else.

#ifndef TWOFACTOR_CORE_BASE_ENCODING_H_
#define TWOFACTOR_CORE_BASE_ENCODING_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/secret.h"

namespace twofactor {

// Base32 (RFC 4648 §6) in capitals, without padding, as authenticator apps
// take keys.
Secret Base32Encode(Bytes bytes);

// The reverse.  Either case; spaces, dashes and trailing '=' are skipped, as
// people type keys in groups.  Refuses other characters, lengths that no byte
// string encodes to, and bits set beyond the last byte.
std::optional<Secret> Base32Decode(std::string_view text);

std::string HexEncode(Bytes bytes);

// Exactly 2 * output.size() hex digits of either case.
bool HexDecode(std::string_view text, MutableBytes output);

// Percent-encodes every byte but the unreserved ones of RFC 3986 §2.3
// (letters, digits, '-', '.', '_', '~').
std::string PercentEncode(std::string_view text);

// Well-formed UTF-8 (RFC 3629) without control characters.
bool IsPrintableUtf8(std::string_view text);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_ENCODING_H_
