// SPDX-License-Identifier: Apache-2.0
//
// crypto_static.cc - the primitives from libcrypto's low-level functions,
// linked statically and hidden.
//
// EVP would load libcrypto.so into every login process, read openssl.cnf, and
// fail where that file activates unusual providers.  The functions called here
// are public in <openssl/sha.h>, <openssl/aes.h> and <openssl/modes.h>.
//
// Two things of libcrypto are replaced.  Its load-time probe of the processor
// executes CPUID, which traps under a hypervisor (4 to 70 us each): glibc has
// asked before, so the services below ask glibc.  And AES_set_encrypt_key() and
// AES_encrypt() read tables at indices that depend on the key, from pages which
// every process can map: where the processor has AES instructions, those are
// used instead.

#include <cstdlib>
#include <cstring>
#include <memory>
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#define TWOFACTOR_AES_INSTRUCTIONS 1
#include <immintrin.h>
#define _Bool bool  // glibc 2.36's header is C; g++ minds less than clang++.
#include <sys/platform/x86.h>
#undef _Bool
#endif

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>
#include <openssl/crypto.h>
#include <openssl/modes.h>
#include <openssl/sha.h>

#include "core/base/crypto.h"

// The services that libcrypto's SHA, AES and GCM objects ask of the rest of
// libcrypto.  Defined here, the rest is not linked in.
extern "C" {

void OPENSSL_cleanse(void* memory, size_t size) {
  explicit_bzero(memory, size);
}

int CRYPTO_memcmp(const void* a, const void* b, size_t size) {
  return twofactor::ConstantTimeEqual(
             {static_cast<const std::uint8_t*>(a), size},
             {static_cast<const std::uint8_t*>(b), size})
             ? 0
             : 1;
}

void* CRYPTO_malloc(size_t size, const char*, int) { return malloc(size); }
void CRYPTO_clear_free(void* memory, size_t size, const char*, int) {
  if (memory) explicit_bzero(memory, size);
  free(memory);
}

#ifdef TWOFACTOR_AES_INSTRUCTIONS
// What the assembler may use, in the words of CPUID: leaf 1, ECX, for GHASH
// without tables; leaf 7, EBX, for the hashes.
unsigned int OPENSSL_ia32cap_P[4] = {
    0,
    (CPU_FEATURE_ACTIVE(PCLMULQDQ) ? 1u << 1 : 0u) |
        (CPU_FEATURE_ACTIVE(SSSE3) ? 1u << 9 : 0u),
    CPU_FEATURE_ACTIVE(SHA) ? 1u << 29 : 0u, 0};
#endif

}  // extern "C"

namespace twofactor {
namespace {

constexpr std::size_t kMaxBlockSize = 128;

// Bytes of a block, the B of RFC 2104.
constexpr std::size_t BlockSize(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kSha512 ? 128 : 64;
}

// One hash in the middle of its work.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm) : algorithm_(algorithm) {
    switch (algorithm_) {
      case HashAlgorithm::kSha1:
        SHA1_Init(&state_.sha1);
        break;
      case HashAlgorithm::kSha256:
        SHA256_Init(&state_.sha256);
        break;
      case HashAlgorithm::kSha512:
        SHA512_Init(&state_.sha512);
        break;
    }
  }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  ~Hasher() { explicit_bzero(&state_, sizeof(state_)); }

  void Add(Bytes bytes) {
    switch (algorithm_) {
      case HashAlgorithm::kSha1:
        SHA1_Update(&state_.sha1, bytes.data(), bytes.size());
        break;
      case HashAlgorithm::kSha256:
        SHA256_Update(&state_.sha256, bytes.data(), bytes.size());
        break;
      case HashAlgorithm::kSha512:
        SHA512_Update(&state_.sha512, bytes.data(), bytes.size());
        break;
    }
  }

  void Finish(std::uint8_t* digest) {
    switch (algorithm_) {
      case HashAlgorithm::kSha1:
        SHA1_Final(digest, &state_.sha1);
        break;
      case HashAlgorithm::kSha256:
        SHA256_Final(digest, &state_.sha256);
        break;
      case HashAlgorithm::kSha512:
        SHA512_Final(digest, &state_.sha512);
        break;
    }
  }

 private:
  HashAlgorithm algorithm_;
  union {
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512;
  } state_;
};

// H((key ^ pad) || message): the inner and the outer half of HMAC.
void PaddedHash(HashAlgorithm algorithm, Bytes key, std::uint8_t pad,
                Bytes message, std::uint8_t* digest) {
  SecretArray<kMaxBlockSize> block;
  MutableBytes padded = block.ExposeMutable().first(BlockSize(algorithm));
  std::memset(padded.data(), pad, padded.size());
  for (std::size_t i = 0; i < key.size(); ++i) padded[i] ^= key[i];
  Hasher hasher(algorithm);
  hasher.Add(padded);
  hasher.Add(message);
  hasher.Finish(digest);
}

// AES-256 with the round keys of one key.
struct BlockCipher {
  AES_KEY round_keys;  // Laid out as who made them likes it.
  block128_f encrypt;
};

#ifdef TWOFACTOR_AES_INSTRUCTIONS
constexpr int kAes256Rounds = 14;  // FIPS 197 §5
static_assert(sizeof(AES_KEY) >= (kAes256Rounds + 1) * sizeof(__m128i));

// Each of the four words, added to all that come before it.
[[gnu::target("aes,sse2")]] __m128i AddWordsBefore(__m128i words) {
  words = _mm_xor_si128(words, _mm_slli_si128(words, 4));
  return _mm_xor_si128(words, _mm_slli_si128(words, 8));
}

// FIPS 197 §5.2, four words at a time.
[[gnu::target("aes,sse2")]] void ExpandKeyByInstruction(Bytes key,
                                                        AES_KEY& expanded) {
  auto* round_keys = reinterpret_cast<__m128i*>(&expanded);
  const auto* halves = reinterpret_cast<const __m128i*>(key.data());
  __m128i even = _mm_loadu_si128(halves);
  __m128i odd = _mm_loadu_si128(halves + 1);
  _mm_storeu_si128(round_keys, even);
  for (int round = 1; round < kAes256Rounds; round += 2) {
    _mm_storeu_si128(round_keys + round, odd);
    const __m128i constant = _mm_set1_epi32(1 << (round / 2));
    const __m128i rotated =
        _mm_shuffle_epi32(_mm_aeskeygenassist_si128(odd, 0), 0xFF);
    even =
        _mm_xor_si128(AddWordsBefore(even), _mm_xor_si128(rotated, constant));
    _mm_storeu_si128(round_keys + round + 1, even);
    const __m128i substituted =
        _mm_shuffle_epi32(_mm_aeskeygenassist_si128(even, 0), 0xAA);
    odd = _mm_xor_si128(AddWordsBefore(odd), substituted);
  }
}

[[gnu::target("aes,sse2")]] void EncryptBlockByInstruction(
    const unsigned char* in, unsigned char* out, const void* key) {
  const auto* round_keys = static_cast<const __m128i*>(key);
  __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  block = _mm_xor_si128(block, _mm_loadu_si128(round_keys));
  for (int round = 1; round < kAes256Rounds; ++round)
    block = _mm_aesenc_si128(block, _mm_loadu_si128(round_keys + round));
  block =
      _mm_aesenclast_si128(block, _mm_loadu_si128(round_keys + kAes256Rounds));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
}
#endif

void EncryptBlockByTable(const unsigned char* in, unsigned char* out,
                         const void* key) {
  AES_encrypt(in, out, static_cast<const AES_KEY*>(key));
}

void SetKey(const Key256& key, BlockCipher& cipher) {
#ifdef TWOFACTOR_AES_INSTRUCTIONS
  if (CPU_FEATURE_ACTIVE(AES)) {
    ExpandKeyByInstruction(key.Expose(), cipher.round_keys);
    cipher.encrypt = EncryptBlockByInstruction;
    return;
  }
#endif
  AES_set_encrypt_key(key.Expose().data(), 256, &cipher.round_keys);
  cipher.encrypt = EncryptBlockByTable;
}

// AES-256-GCM for one message.
class Gcm {
 public:
  explicit Gcm(const Key256& key) {
    SetKey(key, cipher_);
    context_.reset(CRYPTO_gcm128_new(&cipher_.round_keys, cipher_.encrypt));
  }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
  ~Gcm() { explicit_bzero(&cipher_, sizeof(cipher_)); }

  Result<GCM128_CONTEXT*> Start(const GcmInput& input) {
    if (!context_) return Fail(ErrorCode::kCrypto, "GCM: out of memory");
    CRYPTO_gcm128_setiv(context_.get(), input.nonce.data(), input.nonce.size());
    if (CRYPTO_gcm128_aad(context_.get(), input.associated_data.data(),
                          input.associated_data.size()) != 0)
      return Fail(ErrorCode::kCrypto, "GCM: too much associated data");
    return context_.get();
  }

 private:
  struct Release {
    void operator()(GCM128_CONTEXT* context) const {
      CRYPTO_gcm128_release(context);  // Wipes, then frees.
    }
  };
  BlockCipher cipher_;
  std::unique_ptr<GCM128_CONTEXT, Release> context_;
};

}  // namespace

Result<Sha256Digest> Sha256(std::span<const Bytes> parts) {
  Sha256Digest digest;
  Hasher hasher(HashAlgorithm::kSha256);
  for (Bytes part : parts) hasher.Add(part);
  hasher.Finish(digest.data());
  return digest;
}

Result<void> Hmac(HashAlgorithm algorithm, Bytes key, Bytes message,
                  MutableBytes mac) {
  if (mac.size() != DigestSize(algorithm))
    return Fail(ErrorCode::kInvalid, "HMAC output has the wrong size");
  SecretArray<kMaxDigestSize> short_key;
  if (key.size() > BlockSize(algorithm)) {
    Hasher hasher(algorithm);
    hasher.Add(key);
    hasher.Finish(short_key.ExposeMutable().data());
    key = short_key.Expose().first(DigestSize(algorithm));
  }
  SecretArray<kMaxDigestSize> inner;
  PaddedHash(algorithm, key, 0x36, message, inner.ExposeMutable().data());
  PaddedHash(algorithm, key, 0x5C, inner.Expose().first(mac.size()),
             mac.data());
  return {};
}

Result<void> GcmSeal(const Key256& key, const GcmInput& input, Bytes text,
                     MutableBytes sealed) {
  if (sealed.size() != text.size() + kGcmTagSize)
    return Fail(ErrorCode::kInvalid, "GCM output has the wrong size");
  Gcm gcm(key);
  ASSIGN_OR_RETURN(GCM128_CONTEXT * context, gcm.Start(input));
  if (CRYPTO_gcm128_encrypt(context, text.data(), sealed.data(), text.size()))
    return Fail(ErrorCode::kCrypto, "GCM: message is too long");
  CRYPTO_gcm128_tag(context, sealed.data() + text.size(), kGcmTagSize);
  return {};
}

Result<void> GcmOpen(const Key256& key, const GcmInput& input, Bytes sealed,
                     MutableBytes text) {
  if (sealed.size() != text.size() + kGcmTagSize)
    return Fail(ErrorCode::kInvalid, "GCM input has the wrong size");
  Gcm gcm(key);
  ASSIGN_OR_RETURN(GCM128_CONTEXT * context, gcm.Start(input));
  const bool opened = CRYPTO_gcm128_decrypt(context, sealed.data(), text.data(),
                                            text.size()) == 0 &&
                      CRYPTO_gcm128_finish(context, sealed.data() + text.size(),
                                           kGcmTagSize) == 0;
  if (opened) return {};
  if (!text.empty()) explicit_bzero(text.data(), text.size());
  return Fail(ErrorCode::kCorrupt, "the seal does not fit");
}

}  // namespace twofactor
