// SPDX-License-Identifier: Apache-2.0
//
// hotp_test.cc - HOTP values against RFC 4226, and the domain of digits.

#include "core/factor/hotp.h"

#include "tests/unit/expect.h"
#include "tests/unit/vector_file.h"

using namespace twofactor;

namespace {

void hotp_matches_rfc_4226_appendix_d() {
  for (const Vector& vector : ReadVectors("hotp.txt", 10)) {
    const auto value =
        ExpectOk(HotpValue(HashAlgorithm::kSha1, vector.Hex("key"),
                           Counter{vector.Integer("counter")}, 6));
    ExpectEqual(value, vector.Integer("code"), vector.Text("counter"));
  }
}

// RFC 4226 Appendix D lists the truncated values too: 1284755224 for counter
// 0, so every count of digits shows its end.
void hotp_of_more_digits_ends_in_the_same_digits() {
  const Bytes key = AsBytes("12345678901234567890");
  struct {
    int digits;
    std::uint32_t value;
  } const rows[] = {{6, 755224}, {7, 4755224}, {8, 84755224}};
  for (const auto& row : rows)
    ExpectEqual(
        ExpectOk(HotpValue(HashAlgorithm::kSha1, key, Counter{0}, row.digits)),
        row.value);
}

void hotp_uses_all_64_bits_of_the_counter() {
  const Bytes key = AsBytes("12345678901234567890");
  const auto low = ExpectOk(
      HotpValue(HashAlgorithm::kSha1, key, Counter{0x0000000100000000}, 8));
  ExpectEqual(low, 55999456u);
  const auto all = ExpectOk(
      HotpValue(HashAlgorithm::kSha1, key, Counter{0xFFFFFFFFFFFFFFFF}, 8));
  ExpectEqual(all, 63094451u);
}

void hotp_refuses_digits_outside_6_to_8() {
  const Bytes key = AsBytes("12345678901234567890");
  for (int digits : {-1, 0, 5, 9, 10})
    ExpectError(HotpValue(HashAlgorithm::kSha1, key, Counter{}, digits),
                ErrorCode::kInvalid, std::to_string(digits));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(hotp_matches_rfc_4226_appendix_d),
      EXPECT_TEST(hotp_of_more_digits_ends_in_the_same_digits),
      EXPECT_TEST(hotp_uses_all_64_bits_of_the_counter),
      EXPECT_TEST(hotp_refuses_digits_outside_6_to_8),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
