// SPDX-License-Identifier: Apache-2.0
//
// crypto_evp.cc - the primitives from the shared libcrypto through EVP.
//
// For hosts whose policy is that all cryptography goes through libcrypto.so
// and its providers (FIPS).  A host whose openssl.cnf activates no provider of
// these algorithms is denied with kCrypto.

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>
#include <memory>

#include "core/base/crypto.h"

namespace twofactor {
namespace {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Digest = std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER, Deleter<EVP_CIPHER_free>>;
using CipherContext =
    std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;

const char* DigestName(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return "SHA1";
    case HashAlgorithm::kSha256:
      return "SHA256";
    case HashAlgorithm::kSha512:
      return "SHA512";
  }
  return "";
}

int Size(Bytes bytes) { return static_cast<int>(bytes.size()); }

enum class Direction : int { kOpen = 0, kSeal = 1 };

Result<CipherContext> StartGcm(const Key256& key, const GcmInput& input,
                               Direction direction) {
  Cipher cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  CipherContext context(EVP_CIPHER_CTX_new());
  int written = 0;
  if (cipher && context && input.nonce.size() == kGcmNonceSize &&
      EVP_CipherInit_ex2(context.get(), cipher.get(), key.Expose().data(),
                         input.nonce.data(), static_cast<int>(direction),
                         nullptr) == 1 &&
      EVP_CipherUpdate(context.get(), nullptr, &written,
                       input.associated_data.data(),
                       Size(input.associated_data)) == 1)
    return context;
  return Fail(ErrorCode::kCrypto, "libcrypto offers no AES-256-GCM");
}

}  // namespace

Result<Sha256Digest> Sha256(std::span<const Bytes> parts) {
  Digest sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  DigestContext context(EVP_MD_CTX_new());
  Sha256Digest digest;
  bool good = sha256 && context &&
              EVP_DigestInit_ex2(context.get(), sha256.get(), nullptr) == 1;
  for (Bytes part : parts)
    good =
        good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  if (good && EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1)
    return digest;
  return Fail(ErrorCode::kCrypto, "libcrypto offers no SHA-256");
}

Result<void> Hmac(HashAlgorithm algorithm, Bytes key, Bytes message,
                  MutableBytes mac) {
  if (mac.size() != DigestSize(algorithm))
    return Fail(ErrorCode::kInvalid, "HMAC output has the wrong size");
  Mac hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacContext context(hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(
          OSSL_MAC_PARAM_DIGEST, const_cast<char*>(DigestName(algorithm)), 0),
      OSSL_PARAM_construct_end()};
  // A null key would mean "keep the key of before".
  static constexpr std::uint8_t kEmptyKey = 0;
  const std::uint8_t* key_data = key.empty() ? &kEmptyKey : key.data();
  std::size_t size = 0;
  if (context &&
      EVP_MAC_init(context.get(), key_data, key.size(), parameters) == 1 &&
      EVP_MAC_update(context.get(), message.data(), message.size()) == 1 &&
      EVP_MAC_final(context.get(), mac.data(), &size, mac.size()) == 1 &&
      size == mac.size())
    return {};
  return Fail(ErrorCode::kCrypto,
              std::string("libcrypto offers no HMAC-") + DigestName(algorithm));
}

Result<void> GcmSeal(const Key256& key, const GcmInput& input, Bytes text,
                     MutableBytes sealed) {
  if (sealed.size() != text.size() + kGcmTagSize)
    return Fail(ErrorCode::kInvalid, "GCM output has the wrong size");
  ASSIGN_OR_RETURN(CipherContext context,
                   StartGcm(key, input, Direction::kSeal));
  int written = 0;
  if (EVP_CipherUpdate(context.get(), sealed.data(), &written, text.data(),
                       Size(text)) == 1 &&
      written == Size(text) &&
      EVP_CipherFinal_ex(context.get(), sealed.data() + written, &written) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagSize,
                          sealed.data() + text.size()) == 1)
    return {};
  return Fail(ErrorCode::kCrypto, "AES-256-GCM could not seal");
}

Result<void> GcmOpen(const Key256& key, const GcmInput& input, Bytes sealed,
                     MutableBytes text) {
  if (sealed.size() != text.size() + kGcmTagSize)
    return Fail(ErrorCode::kInvalid, "GCM input has the wrong size");
  ASSIGN_OR_RETURN(CipherContext context,
                   StartGcm(key, input, Direction::kOpen));
  std::uint8_t tag[kGcmTagSize];
  std::memcpy(tag, sealed.data() + text.size(), sizeof(tag));
  int written = 0;
  int final_written = 0;
  if (EVP_CipherUpdate(context.get(), text.data(), &written, sealed.data(),
                       Size(text)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
                          tag) == 1 &&
      EVP_CipherFinal_ex(context.get(), text.data() + written,
                         &final_written) == 1)
    return {};
  if (!text.empty()) explicit_bzero(text.data(), text.size());
  return Fail(ErrorCode::kCorrupt, "the seal does not fit");
}

}  // namespace twofactor
