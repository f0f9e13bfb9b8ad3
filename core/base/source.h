// SPDX-License-Identifier: Apache-2.0
//
// source.h - where an attempt comes from, as far as that can be trusted.
//
// Trust: PAM_RHOST is set by the host application and may hold a name that the
// peer's DNS chose.  Only an IP literal counts; a name is never resolved.

#ifndef TWOFACTOR_CORE_BASE_SOURCE_H_
#define TWOFACTOR_CORE_BASE_SOURCE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace twofactor {

// One IPv4 address, one IPv6 /64, or `local`: everything else in one bucket.
// The numbers stand in the lockout file.
struct Source {
  enum class Kind : std::uint8_t { kLocal = 0, kIpv4 = 1, kIpv6Prefix = 2 };

  Kind kind = Kind::kLocal;
  std::array<std::uint8_t, 8> address{};  // 4 or 8 bytes in network order.

  friend bool operator==(const Source&, const Source&) = default;
};

// IPv4-mapped IPv6 addresses are IPv4; a scope ("%eth0") is dropped.
Source SourceFromRemoteHost(std::string_view rhost);

// "local", "192.0.2.7" or "2001:db8:0:1::/64".
std::string ToText(const Source& source);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_SOURCE_H_
