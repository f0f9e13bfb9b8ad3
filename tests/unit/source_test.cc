// SPDX-License-Identifier: Apache-2.0
//
// source_test.cc - only an IP literal is a source; everything else is local.

#include "core/base/source.h"

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace std::string_view_literals;

namespace {

void remote_hosts_become_sources() {
  struct {
    std::string_view rhost;
    std::string_view text;
  } const rows[] = {
      {"192.0.2.7", "192.0.2.7"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"::ffff:192.0.2.7", "192.0.2.7"},
      {"::FFFF:c000:0207", "192.0.2.7"},
      {"2001:db8:0:1::", "2001:db8:0:1::/64"},
      {"2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"},
      {"2001:DB8:0:1::5", "2001:db8:0:1::/64"},
      {"fe80::1%eth0", "fe80::/64"},
      {"::1", "::/64"},
      {"::", "::/64"},
      // Names that the peer's DNS chose, and things that are not quite IP.
      {"", "local"},
      {"localhost", "local"},
      {"evil.example", "local"},
      {"192.0.2.7.evil.example", "local"},
      {"192.0.2", "local"},
      {"192.0.2.256", "local"},
      {"192.0.2.07", "local"},
      {"0xC0000207", "local"},
      {"3221225991", "local"},
      {" 192.0.2.7", "local"},
      {"192.0.2.7 ", "local"},
      {"192.0.2.7\n", "local"},
      {"[2001:db8::1]", "local"},
      {"2001:db8::1/64", "local"},
      {"2001:db8:::1", "local"},
      {"%eth0", "local"},
      {"1:2:3:4:5:6:7:8:9", "local"},
      {"0000:0000:0000:0000:0000:ffff:192.168.100.200", "192.168.100.200"},
      {"0000:0000:0000:0000:0000:ffff:192.168.100.2000", "local"},
  };
  for (const auto& row : rows)
    ExpectEqual(ToText(SourceFromRemoteHost(row.rhost)), row.text, row.rhost);
}

void long_remote_host_is_local() {
  ExpectEqual(ToText(SourceFromRemoteHost(std::string(100'000, '1'))), "local");
}

// A host application that passes a length of its own must not make two
// sources of what is one, nor one of what is two.
void remote_host_with_a_nul_byte_is_local() {
  ExpectEqual(ToText(SourceFromRemoteHost("192.0.2.7\0x"sv)), "local");
}

void neighbours_in_a_64_are_one_source_and_others_are_not() {
  Expect(SourceFromRemoteHost("2001:db8::1") ==
         SourceFromRemoteHost("2001:db8::2"));
  Expect(SourceFromRemoteHost("2001:db8:0:1::1") !=
         SourceFromRemoteHost("2001:db8:0:2::1"));
  Expect(SourceFromRemoteHost("192.0.2.7") !=
         SourceFromRemoteHost("192.0.2.8"));
}

// The same eight bytes are different sources when their kinds differ.
void kinds_are_never_mistaken_for_each_other() {
  Expect(SourceFromRemoteHost("0.0.0.0") != SourceFromRemoteHost("::"));
  Expect(SourceFromRemoteHost("0.0.0.0") != SourceFromRemoteHost(""));
  Expect(SourceFromRemoteHost("::") != SourceFromRemoteHost(""));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(remote_hosts_become_sources),
      EXPECT_TEST(long_remote_host_is_local),
      EXPECT_TEST(remote_host_with_a_nul_byte_is_local),
      EXPECT_TEST(neighbours_in_a_64_are_one_source_and_others_are_not),
      EXPECT_TEST(kinds_are_never_mistaken_for_each_other),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
