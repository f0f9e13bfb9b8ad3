// SPDX-License-Identifier: Apache-2.0
//
// crypto.h - the cryptographic primitives that the rest is built on.
//
// Two implementations, chosen by -DTWOFACTOR_CRYPTO: crypto_static.cc links
// libcrypto's low-level functions into the module, crypto_evp.cc calls the
// shared libcrypto through EVP.  docs/SECURITY.md says what each costs.

#ifndef TWOFACTOR_CORE_BASE_CRYPTO_H_
#define TWOFACTOR_CORE_BASE_CRYPTO_H_

#include <array>
#include <cstdint>
#include <span>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor {

// The numbers stand in the secret file.
enum class HashAlgorithm : std::uint8_t { kSha1 = 1, kSha256 = 2, kSha512 = 3 };

constexpr std::size_t kMaxDigestSize = 64;

// Bytes of output: 20, 32 or 64.
constexpr std::size_t DigestSize(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return 20;
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha512:
      return 64;
  }
  return 0;
}

using Sha256Digest = std::array<std::uint8_t, 32>;

// SHA-256 (FIPS 180-4) of the parts in a row.  Not for secrets.
Result<Sha256Digest> Sha256(std::span<const Bytes> parts);
inline Result<Sha256Digest> Sha256(Bytes message) {
  return Sha256(std::span(&message, 1));
}

// HMAC (RFC 2104, FIPS 198-1).  `mac` has DigestSize(algorithm) bytes.
Result<void> Hmac(HashAlgorithm algorithm, Bytes key, Bytes message,
                  MutableBytes mac);

// HKDF with SHA-256 (RFC 5869), one block of output.
using Key256 = SecretArray<32>;
Result<void> HkdfSha256(Bytes key, Bytes salt, Bytes info, Key256& output);

// AES-256-GCM (NIST SP 800-38D) with nonces of 96 and tags of 128 bits.
constexpr std::size_t kGcmNonceSize = 12;
constexpr std::size_t kGcmTagSize = 16;

struct GcmInput {
  Bytes nonce;            // kGcmNonceSize bytes, never used twice with one key.
  Bytes associated_data;  // Authenticated, not encrypted.
};

// Writes text.size() bytes of ciphertext and then the tag.
Result<void> GcmSeal(const Key256& key, const GcmInput& input, Bytes text,
                     MutableBytes sealed);

// The reverse.  kCorrupt when the tag is wrong; `text` is then wiped.
Result<void> GcmOpen(const Key256& key, const GcmInput& input, Bytes sealed,
                     MutableBytes text);

// Time depends on the sizes alone.
bool ConstantTimeEqual(Bytes a, Bytes b);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_CRYPTO_H_
