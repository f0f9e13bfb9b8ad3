// SPDX-License-Identifier: Apache-2.0
//
// aes_test.cc - AES by tables and AES by instructions are one cipher.  A
// machine uses one of them, so the vectors of crypto_test see no more.

#include <algorithm>
#include <array>

#include "core/base/crypto_static.cc"  // For what it keeps to itself.
#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

constexpr int kKeys = 1000;

#ifdef TWOFACTOR_AES_INSTRUCTIONS
void both_ways_encrypt_alike() {
  if (!CPU_FEATURE_ACTIVE(AES)) skip();
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, 16> block{};
  for (int i = 0; i < kKeys; ++i) {
    AES_KEY tables;
    AES_set_encrypt_key(key.data(), 256, &tables);
    AES_KEY instructions;
    ExpandKeyByInstruction(key, instructions);
    std::array<std::uint8_t, 16> by_table{};
    EncryptBlockByTable(block.data(), by_table.data(), &tables);
    std::array<std::uint8_t, 16> by_instruction{};
    EncryptBlockByInstruction(block.data(), by_instruction.data(),
                              &instructions);
    ExpectBytes(by_instruction, by_table);
    // What comes out makes the next key and block.
    std::copy_n(by_table.begin(), 16, key.begin() + (i % 2) * 16);
    block = by_table;
  }
}
#else
void both_ways_encrypt_alike() { skip(); }
#endif

// FIPS 197, appendix C.3.
void tables_encrypt_as_published() {
  std::array<std::uint8_t, 32> key;
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<std::uint8_t>(i);
  std::array<std::uint8_t, 16> block;
  for (std::size_t i = 0; i < block.size(); ++i)
    block[i] = static_cast<std::uint8_t>(i * 0x11);
  AES_KEY tables;
  AES_set_encrypt_key(key.data(), 256, &tables);
  EncryptBlockByTable(block.data(), block.data(), &tables);
  ExpectEqual(HexEncode(block), "8ea2b7ca516745bfeafc49904b496089");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(both_ways_encrypt_alike),
      EXPECT_TEST(tables_encrypt_as_published),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
