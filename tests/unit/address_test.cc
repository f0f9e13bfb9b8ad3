// SPDX-License-Identifier: Apache-2.0
//
// address_test.cc - what is an email address, and what only looks like one.

#include "core/delivery/address.h"

#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

void addresses_are_dot_atoms_at_domains() {
  for (const std::string& good :
       {std::string("a@b"), std::string("alice@example.org"),
        std::string("a.b+c_d=e@mail.example.co.uk"), std::string("0@1.2"),
        std::string("!#$%&'*+-/=?^_`{|}~@x-y.org"),
        std::string(64, 'a') + "@" + std::string(63, 'b') + ".org"})
    Expect(IsEmailAddress(good), good);
}

void everything_else_is_refused() {
  using namespace std::string_literals;
  for (const std::string& bad :
       {""s,
        "@"s,
        "alice"s,
        "@example.org"s,
        "alice@"s,
        "a@b@c"s,
        ".a@b"s,
        "a.@b"s,
        "a..b@c"s,
        "a@.b"s,
        "a@b."s,
        "a@b..c"s,
        "a@-b"s,
        "a@b-"s,
        "a b@c"s,
        "a@b c"s,
        "a@b\n"s,
        "a@b\r\nBcc: x@y"s,
        "a\0@b"s,
        "a@b\0"s,
        "\"a\"@b"s,
        "a@[127.0.0.1]"s,
        "<a@b>"s,
        "a,b@c"s,
        "a;b@c"s,
        "a:b@c"s,
        "a@b,c@d"s,
        "a@b_c"s,
        "\xC3\xA4@b"s,
        "a@\xC3\xA4"s,
        std::string(65, 'a') + "@b",
        "a@" + std::string(64, 'b'),
        "a@" + std::string(62, 'b') + "." + std::string(62, 'b') + "." +
            std::string(62, 'b') + "." + std::string(62, 'b') + ".org"})
    Expect(!IsEmailAddress(bad), bad);
}

void phone_numbers_are_international() {
  for (const char* good : {"+4915112345678", "+1234567", "+123456789012345"})
    Expect(IsPhoneNumber(good), good);
  for (const std::string& bad :
       {std::string(""), std::string("+"), std::string("4915112345678"),
        std::string("+123456"), std::string("+1234567890123456"),
        std::string("+0123456789"), std::string("+49 151 123456"),
        std::string("+49151123456\n"), std::string("0049151123456"),
        std::string("+4915112345\0", 12), std::string("+49(0)151123456")})
    Expect(!IsPhoneNumber(bad), bad);
}

void masked_addresses_tell_which_and_not_what() {
  const std::string fits = std::string(55, 'd') + ".or";
  for (const auto& [address, masked] : {
           std::pair<std::string, std::string>("alice@example.org",
                                               "a***e@example.org"),
           {"bob@example.org", "b***@example.org"},
           {"+4915112345678", "+49***78"},
           {"alice@" + fits, "a***e@" + fits},
           {"alice@d" + fits, "a***e@" + std::string(24, 'd') + "..." +
                                  std::string(28, 'd') + ".or"},
           {std::string(64, 'a') + "@very-long-name-of-a-department." +
                std::string(63, 'd') + "." + std::string(63, 'd') +
                ".somewhere.of.example.org",
            "a***a@very-long-name-of-a-depa...dddddd.somewhere.of.example."
            "org"},
       }) {
    ExpectEqual(MaskedAddress(address), masked);
    Expect(masked.size() <= 64, masked);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(addresses_are_dot_atoms_at_domains),
      EXPECT_TEST(everything_else_is_refused),
      EXPECT_TEST(phone_numbers_are_international),
      EXPECT_TEST(masked_addresses_tell_which_and_not_what),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
