// SPDX-License-Identifier: Apache-2.0
//
// crypto_test.cc - the primitives against published vectors, and their
// refusals.

#include "core/base/crypto.h"

#include <algorithm>

#include "tests/unit/expect.h"
#include "tests/unit/vector_file.h"

using namespace twofactor;

namespace {

HashAlgorithm HashNamed(const std::string& name) {
  if (name == "sha1") return HashAlgorithm::kSha1;
  if (name == "sha256") return HashAlgorithm::kSha256;
  Expect(name == "sha512", name);
  return HashAlgorithm::kSha512;
}

void FillKey(Key256& key, Bytes bytes) {
  ExpectEqual(bytes.size(), 32u);
  std::copy(bytes.begin(), bytes.end(), key.ExposeMutable().begin());
}

void sha256_matches_fips_180() {
  for (const Vector& vector : ReadVectors("sha256.txt", 2))
    ExpectBytes(ExpectOk(Sha256(vector.Hex("message"))), vector.Hex("digest"));
}

void sha256_of_nothing_is_defined() {
  ExpectEqual(
      HexEncode(ExpectOk(Sha256(Bytes()))),
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

void hmac_matches_rfc_2202_and_rfc_4231() {
  for (const Vector& vector : ReadVectors("hmac.txt", 19)) {
    const HashAlgorithm algorithm = HashNamed(vector.Text("hash"));
    std::vector<std::uint8_t> mac(DigestSize(algorithm));
    ExpectOk(Hmac(algorithm, vector.Hex("key"), vector.Hex("data"), mac));
    ExpectBytes(mac, vector.Hex("mac"), vector.Text("case"));
  }
}

void hmac_takes_keys_of_the_block_size_and_one_more() {
  // Computed with Python's hmac: b"k" * size over b"m".
  struct {
    HashAlgorithm algorithm;
    std::size_t key_size;
    std::string_view mac_prefix;
  } const rows[] = {
      {HashAlgorithm::kSha1, 64, "d52b5b30393c20f4"},
      {HashAlgorithm::kSha1, 65, "d7ab367121230c7e"},
      {HashAlgorithm::kSha256, 64, "3b7a8d453e76edb5"},
      {HashAlgorithm::kSha256, 65, "c2d7d4c2256ddb09"},
      {HashAlgorithm::kSha512, 128, "9592ecd80ce4ede3"},
      {HashAlgorithm::kSha512, 129, "1a960aeb80731a01"},
      {HashAlgorithm::kSha1, 0, "43ed51772ea70e3c"},
      {HashAlgorithm::kSha512, 0, "f72650354dfefcfa"},
  };
  for (const auto& row : rows) {
    std::vector<std::uint8_t> mac(DigestSize(row.algorithm));
    ExpectOk(Hmac(row.algorithm, AsBytes(std::string(row.key_size, 'k')),
                  AsBytes("m"), mac));
    ExpectEqual(HexEncode(mac).substr(0, 16), row.mac_prefix,
                std::to_string(row.key_size));
  }
}

void hmac_refuses_an_output_of_another_size() {
  std::uint8_t mac[kMaxDigestSize];
  for (HashAlgorithm algorithm :
       {HashAlgorithm::kSha1, HashAlgorithm::kSha256, HashAlgorithm::kSha512}) {
    const std::size_t size = DigestSize(algorithm);
    ExpectError(Hmac(algorithm, {}, {}, MutableBytes(mac).first(size - 1)),
                ErrorCode::kInvalid);
    if (size < sizeof(mac))
      ExpectError(Hmac(algorithm, {}, {}, MutableBytes(mac).first(size + 1)),
                  ErrorCode::kInvalid);
  }
}

void hkdf_matches_rfc_5869() {
  for (const Vector& vector : ReadVectors("hkdf.txt", 3)) {
    Key256 output;
    ExpectOk(HkdfSha256(vector.Hex("ikm"), vector.Hex("salt"),
                        vector.Hex("info"), output));
    ExpectBytes(output.Expose(), Bytes(vector.Hex("okm")).first(32),
                vector.Text("case"));
  }
}

void hkdf_refuses_info_that_does_not_fit() {
  Key256 output;
  const std::vector<std::uint8_t> info(512);
  ExpectOk(HkdfSha256(info, {}, Bytes(info).first(511), output));
  ExpectError(HkdfSha256(info, {}, info, output), ErrorCode::kInvalid);
}

void aes_gcm_seals_as_published() {
  for (const Vector& vector : ReadVectors("aes256gcm.txt", 4)) {
    Key256 key;
    FillKey(key, vector.Hex("key"));
    const auto nonce = vector.Hex("nonce");
    const auto aad = vector.Hex("aad");
    const auto text = vector.Hex("text");
    std::vector<std::uint8_t> sealed(text.size() + kGcmTagSize);
    ExpectOk(GcmSeal(key, {nonce, aad}, text, sealed));
    ExpectEqual(HexEncode(sealed), vector.Text("sealed") + vector.Text("tag"),
                vector.Text("case"));
  }
}

void aes_gcm_opens_what_was_published() {
  for (const Vector& vector : ReadVectors("aes256gcm.txt", 4)) {
    Key256 key;
    FillKey(key, vector.Hex("key"));
    const auto nonce = vector.Hex("nonce");
    const auto aad = vector.Hex("aad");
    auto sealed = vector.Hex("sealed");
    const auto tag = vector.Hex("tag");
    std::vector<std::uint8_t> text(sealed.size());
    sealed.insert(sealed.end(), tag.begin(), tag.end());
    ExpectOk(GcmOpen(key, {nonce, aad}, sealed, text));
    ExpectBytes(text, vector.Hex("text"), vector.Text("case"));
  }
}

// Sizes around the block, as the counter mode's last block is a short one.
void aes_gcm_opens_what_it_sealed_at_every_size() {
  Key256 key;
  const std::uint8_t nonce[kGcmNonceSize] = {7};
  for (std::size_t size = 0; size <= 100; ++size) {
    std::vector<std::uint8_t> text(size, 0x5A);
    std::vector<std::uint8_t> sealed(size + kGcmTagSize);
    std::vector<std::uint8_t> opened(size);
    ExpectOk(GcmSeal(key, {nonce, AsBytes("aad")}, text, sealed));
    ExpectOk(GcmOpen(key, {nonce, AsBytes("aad")}, sealed, opened));
    ExpectBytes(opened, text);
  }
}

void aes_gcm_refuses_every_flipped_bit_and_wipes_the_text() {
  Key256 key;
  const std::uint8_t nonce[kGcmNonceSize] = {};
  const std::string_view text = "seventeen bytes..";
  std::vector<std::uint8_t> sealed(text.size() + kGcmTagSize);
  ExpectOk(GcmSeal(key, {nonce, {}}, AsBytes(text), sealed));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto damaged = sealed;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    std::vector<std::uint8_t> opened(text.size(), 0xFF);
    ExpectError(GcmOpen(key, {nonce, {}}, damaged, opened), ErrorCode::kCorrupt,
                std::to_string(bit));
    ExpectBytes(opened, std::vector<std::uint8_t>(text.size()));
  }
}

void aes_gcm_refuses_another_key_nonce_or_associated_data() {
  Key256 key;
  Key256 other_key;
  other_key.ExposeMutable()[31] = 1;
  const std::uint8_t nonce[kGcmNonceSize] = {};
  const std::uint8_t other_nonce[kGcmNonceSize] = {1};
  const Bytes text = AsBytes("text");
  std::vector<std::uint8_t> sealed(text.size() + kGcmTagSize);
  std::vector<std::uint8_t> opened(text.size());
  ExpectOk(GcmSeal(key, {nonce, AsBytes("a")}, text, sealed));
  ExpectError(GcmOpen(other_key, {nonce, AsBytes("a")}, sealed, opened),
              ErrorCode::kCorrupt);
  ExpectError(GcmOpen(key, {other_nonce, AsBytes("a")}, sealed, opened),
              ErrorCode::kCorrupt);
  ExpectError(GcmOpen(key, {nonce, AsBytes("b")}, sealed, opened),
              ErrorCode::kCorrupt);
  ExpectError(GcmOpen(key, {nonce, {}}, sealed, opened), ErrorCode::kCorrupt);
  ExpectOk(GcmOpen(key, {nonce, AsBytes("a")}, sealed, opened));
}

void aes_gcm_refuses_buffers_of_another_size() {
  Key256 key;
  const std::uint8_t nonce[kGcmNonceSize] = {};
  std::uint8_t sealed[64] = {};
  std::uint8_t text[64] = {};
  ExpectError(GcmSeal(key, {nonce, {}}, AsBytes("abc"),
                      MutableBytes(sealed).first(3 + kGcmTagSize - 1)),
              ErrorCode::kInvalid);
  ExpectError(GcmOpen(key, {nonce, {}}, Bytes(sealed).first(kGcmTagSize - 1),
                      MutableBytes(text).first(0)),
              ErrorCode::kInvalid);
  ExpectError(GcmOpen(key, {nonce, {}}, Bytes(sealed).first(20),
                      MutableBytes(text).first(5)),
              ErrorCode::kInvalid);
}

void constant_time_equal_compares_content_and_size() {
  Expect(ConstantTimeEqual({}, {}));
  Expect(ConstantTimeEqual(AsBytes("abc"), AsBytes("abc")));
  Expect(!ConstantTimeEqual(AsBytes("abc"), AsBytes("abd")));
  Expect(!ConstantTimeEqual(AsBytes("abc"), AsBytes("Abc")));
  Expect(!ConstantTimeEqual(AsBytes("abc"), AsBytes("ab")));
  Expect(!ConstantTimeEqual({}, AsBytes("a")));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(sha256_matches_fips_180),
      EXPECT_TEST(sha256_of_nothing_is_defined),
      EXPECT_TEST(hmac_matches_rfc_2202_and_rfc_4231),
      EXPECT_TEST(hmac_takes_keys_of_the_block_size_and_one_more),
      EXPECT_TEST(hmac_refuses_an_output_of_another_size),
      EXPECT_TEST(hkdf_matches_rfc_5869),
      EXPECT_TEST(hkdf_refuses_info_that_does_not_fit),
      EXPECT_TEST(aes_gcm_seals_as_published),
      EXPECT_TEST(aes_gcm_opens_what_was_published),
      EXPECT_TEST(aes_gcm_opens_what_it_sealed_at_every_size),
      EXPECT_TEST(aes_gcm_refuses_every_flipped_bit_and_wipes_the_text),
      EXPECT_TEST(aes_gcm_refuses_another_key_nonce_or_associated_data),
      EXPECT_TEST(aes_gcm_refuses_buffers_of_another_size),
      EXPECT_TEST(constant_time_equal_compares_content_and_size),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
