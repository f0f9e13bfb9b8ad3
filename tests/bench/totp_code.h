// SPDX-License-Identifier: Apache-2.0
//
// totp_code.h - the six digits that a phone would show, for the bench drivers.
//
// SHA-1 (FIPS 180-4 §6.1), HMAC (RFC 2104), HOTP (RFC 4226 §5.3) and TOTP
// (RFC 6238 §4) on their own: a driver that linked libcrypto would already
// hold what the modules under measurement have to load.

#ifndef TWOFACTOR_TESTS_BENCH_TOTP_CODE_H_
#define TWOFACTOR_TESTS_BENCH_TOTP_CODE_H_

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

namespace bench {

inline std::array<unsigned char, 20> Sha1(std::string data) {
  std::uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                        0xc3d2e1f0};
  const std::uint64_t bits = data.size() * 8;
  data.push_back('\x80');
  while (data.size() % 64 != 56) data.push_back('\0');
  for (int shift = 56; shift >= 0; shift -= 8)
    data.push_back(static_cast<char>(bits >> shift));

  for (std::size_t block = 0; block < data.size(); block += 64) {
    std::uint32_t w[80];
    for (std::size_t t = 0; t < 16; ++t) {
      w[t] = 0;
      for (std::size_t i = 0; i < 4; ++i)
        w[t] = w[t] << 8 | static_cast<unsigned char>(data[block + 4 * t + i]);
    }
    for (std::size_t t = 16; t < 80; ++t)
      w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    std::uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (std::size_t t = 0; t < 80; ++t) {
      std::uint32_t f, k;
      if (t < 20) {
        f = (b & c) | (~b & d), k = 0x5a827999;
      } else if (t < 40) {
        f = b ^ c ^ d, k = 0x6ed9eba1;
      } else if (t < 60) {
        f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
      } else {
        f = b ^ c ^ d, k = 0xca62c1d6;
      }
      const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[t];
      e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }

  std::array<unsigned char, 20> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<unsigned char>(h[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

// `key` has at most 64 bytes.
inline std::array<unsigned char, 20> HmacSha1(const std::string& key,
                                              const std::string& message) {
  std::string inner(64, '\x36'), outer(64, '\x5c');
  for (std::size_t i = 0; i < key.size() && i < 64; ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  const auto digest = Sha1(inner + message);
  return Sha1(outer + std::string(digest.begin(), digest.end()));
}

// RFC 4648 §6 without padding; other characters end the key.
inline std::string Base32Decode(std::string_view text) {
  std::string bytes;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    std::uint32_t value;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= '2' && c <= '7') {
      value = static_cast<std::uint32_t>(c - '2' + 26);
    } else {
      break;
    }
    buffer = buffer << 5 | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>(buffer >> bits));
    }
  }
  return bytes;
}

inline std::string TotpCode(const std::string& key, std::time_t now) {
  std::string message;
  const auto step = static_cast<std::uint64_t>(now) / 30;
  for (int shift = 56; shift >= 0; shift -= 8)
    message.push_back(static_cast<char>(step >> shift));
  const auto mac = HmacSha1(key, message);
  const std::size_t at = mac[19] & 0xf;
  const std::uint32_t number =
      (static_cast<std::uint32_t>(mac[at] & 0x7f) << 24 |
       static_cast<std::uint32_t>(mac[at + 1]) << 16 |
       static_cast<std::uint32_t>(mac[at + 2]) << 8 | mac[at + 3]) %
      1'000'000;
  char digits[16];
  std::snprintf(digits, sizeof(digits), "%06u", number);
  return digits;
}

}  // namespace bench

#endif  // TWOFACTOR_TESTS_BENCH_TOTP_CODE_H_
