// SPDX-License-Identifier: Apache-2.0
//
// source.cc - from PAM_RHOST to a Source.

#include "core/base/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace twofactor {
namespace {

// RFC 4291 §2.5.5.2
constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0,    0,
                                            0, 0, 0, 0, 0xFF, 0xFF};

Source Ipv4(const std::uint8_t* address) {
  Source source{Source::Kind::kIpv4, {}};
  std::copy_n(address, 4, source.address.begin());
  return source;
}

}  // namespace

Source SourceFromRemoteHost(std::string_view rhost) {
  rhost = rhost.substr(0, rhost.find('%'));
  char text[INET6_ADDRSTRLEN + 1] = {};
  if (rhost.empty() || rhost.size() >= sizeof(text) ||
      rhost.find('\0') != std::string_view::npos)
    return {};
  std::memcpy(text, rhost.data(), rhost.size());

  std::uint8_t address[16];
  if (inet_pton(AF_INET, text, address) == 1) return Ipv4(address);
  if (inet_pton(AF_INET6, text, address) != 1) return {};
  if (std::memcmp(address, kMappedPrefix, sizeof(kMappedPrefix)) == 0)
    return Ipv4(address + sizeof(kMappedPrefix));
  Source source{Source::Kind::kIpv6Prefix, {}};
  std::copy_n(address, 8, source.address.begin());
  return source;
}

std::string ToText(const Source& source) {
  char text[INET6_ADDRSTRLEN] = {};
  switch (source.kind) {
    case Source::Kind::kLocal:
      return "local";
    case Source::Kind::kIpv4:
      inet_ntop(AF_INET, source.address.data(), text, sizeof(text));
      return text;
    case Source::Kind::kIpv6Prefix: {
      std::uint8_t address[16] = {};
      std::copy_n(source.address.begin(), 8, address);
      inet_ntop(AF_INET6, address, text, sizeof(text));
      return std::string(text) + "/64";
    }
  }
  return "local";
}

}  // namespace twofactor
