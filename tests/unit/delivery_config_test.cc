// SPDX-License-Identifier: Apache-2.0
//
// delivery_config_test.cc - twofactor-delivery.conf: domains, and what belongs
// together.

#include "delivery_helper/delivery_config.h"

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace twofactor::delivery;

namespace {

void empty_configuration_sends_nothing() {
  const DeliveryConfig config = ExpectOk(ParseDeliveryConfig("", "d"));
  ExpectEqual(config.email, EmailWay::kOff);
  ExpectEqual(config.sms, SmsWay::kOff);
}

void what_is_switched_on_needs_its_keys() {
  const struct {
    const char* text;
    const char* lacks;
  } rows[] = {
      {"email = smtp\n", "email_from"},
      {"email = smtp\nemail_from = a@b\n", "smtp_server"},
      {"email = smtp\nemail_from = a@b\nsmtp_server = s\nsmtp_user = u\n",
       "smtp_password_file"},
      {"email = smtp\nemail_from = a@b\nsmtp_server = s\n"
       "smtp_password_file = /p\n",
       "smtp_user"},
      {"sms = http\n", "sms_gateway"},
  };
  for (const auto& row : rows)
    ExpectContains(ExpectError(ParseDeliveryConfig(row.text, "d"),
                               ErrorCode::kConfig, row.text),
                   "\"" + std::string(row.lacks) + "\" has to be set");
}

void values_outside_of_their_domain_are_refused() {
  for (const char* bad : {"email = yes",
                          "email_from = a",
                          "email_from = a@b\\nc",
                          "smtp_port = 0",
                          "smtp_port = 65536",
                          "smtp_tls = none",
                          "smtp_tls = off",
                          "smtp_server = a/b",
                          "smtp_server = a b",
                          "smtp_password_file = p",
                          "sendmail_program = sendmail -t",
                          "sms = on",
                          "sms_text = {cod}",
                          "sms_text =",
                          "sms_account = a/b",
                          "sms_region = a.b",
                          "proxy = socks5://a",
                          "proxy = http://a/b",
                          "proxy = http://u:p@a:1",
                          "proxy = http://",
                          "what = 1"})
    ExpectError(ParseDeliveryConfig(std::string(bad) + "\n", "d"),
                ErrorCode::kConfig, bad);
}

// What is wrong goes into the log.
void secrets_in_the_wrong_place_are_not_shown() {
  const struct {
    const char* text;
    const char* error;
  } rows[] = {
      {"smtp_password_file = hunter2\n",
       "d:1: bad value for smtp_password_file (absolute path)"},
      {"email = smtp\nproxy = http://me:hunter2@proxy:1\n",
       "d:2: bad value for proxy (http://HOST:PORT; empty: none)"},
      {"smtp_pasword_file = hunter2\n",
       "d:1: unknown key, did you mean \"smtp_password_file\""},
      {"emial = smtp\n", "d:1: unknown key, did you mean \"email\""},
      {"hunter2==\n", "d:1: unknown key"},
      {"hunter2 and more\n", "d:1: no \"=\""},
      {"[hunter2]\n", "d:1: unknown section"},
  };
  for (const auto& row : rows)
    ExpectEqual(
        ExpectError(ParseDeliveryConfig(row.text, "d"), ErrorCode::kConfig),
        row.error);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(empty_configuration_sends_nothing),
      EXPECT_TEST(what_is_switched_on_needs_its_keys),
      EXPECT_TEST(values_outside_of_their_domain_are_refused),
      EXPECT_TEST(secrets_in_the_wrong_place_are_not_shown),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
