// SPDX-License-Identifier: Apache-2.0
//
// mail_message_test.cc - headers, encodings, and what no value can do.

#include "delivery_helper/mail_message.h"

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace twofactor::delivery;

namespace {

std::string Mail(std::string_view form, std::string user = "alice") {
  const Message message{.kind = MessageKind::kRecoveryCode,
                        .address = "a@b.test",
                        .user = std::move(user),
                        .code = Secret::CopyOf(AsBytes("1234-5678")),
                        .good_for = std::chrono::minutes(15)};
  const Secret mail =
      ExpectOk(ComposeMail(ExpectOk(ParseMailTemplate(form)), message,
                           {.from = "h@b.test",
                            .from_name = "The \"host\"",
                            .host = "gate",
                            .now = UnixTime(std::chrono::seconds(1700000000)),
                            .message_id = "0123"}));
  return std::string(AsText(mail.Expose()));
}

void mail_has_all_headers() {
  ExpectEqual(Mail("Subject: Code for {host}\n\n{code}\n{user}, {minutes}\n"),
              "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
              "From: \"The \\\"host\\\"\" <h@b.test>\r\n"
              "To: a@b.test\r\n"
              "Subject: Code for gate\r\n"
              "Message-ID: <0123@gate>\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: 7bit\r\n\r\n"
              "1234-5678\r\nalice, 15\r\n");
}

void times_are_in_good_english() {
  ExpectEqual(GoodFor(std::chrono::minutes(1)), "1 minute");
  ExpectEqual(GoodFor(std::chrono::minutes(15)), "15 minutes");
  ExpectContains(Mail("Subject: x\n\n{code} is good for {good_for}, once.\n"),
                 "\r\n1234-5678 is good for 15 minutes, once.\r\n");
}

void no_value_starts_a_header_or_ends_them() {
  const std::string mail =
      Mail("Subject: For {user}\n\n{code} {user}\n", "x\r\nBcc: y@z\r\n\r\n");
  ExpectContains(mail, "Subject: For x??Bcc: y@z????\r\n");
  ExpectLacks(mail, "\nBcc:");
}

std::string Header(std::string_view text) {
  return std::string(AsText(EncodedHeader(text).Expose()));
}

void headers_beyond_ascii_are_encoded_words() {
  ExpectEqual(Header("plain"), "plain");
  ExpectEqual(Header("Zo\xC3\xAB"), "=?UTF-8?B?Wm/Dqw==?=");
  ExpectEqual(Header("=?x"), "=?UTF-8?B?PT94?=");
  std::string long_text;
  for (int i = 0; i < 50; ++i) long_text += "\xE2\x82\xAC";
  std::string_view rest;
  const std::string encoded = Header(long_text);
  for (rest = encoded; !rest.empty();) {
    const auto end = std::min(rest.find("\r\n "), rest.size());
    Expect(end <= 75, encoded);
    rest.remove_prefix(std::min(end + 3, rest.size()));
  }
}

void bodies_beyond_ascii_are_quoted() {
  const std::string mail = Mail("Subject: x\n\nZo\xC3\xAB=1 \n" +
                                std::string(100, 'a') + "\n{code}\n");
  ExpectContains(mail, "Content-Transfer-Encoding: quoted-printable\r\n");
  ExpectContains(mail, "\r\n\r\nZo=C3=AB=3D1=20\r\n" + std::string(75, 'a') +
                           "=\r\n" + std::string(25, 'a') +
                           "\r\n1234-5678\r\n");
}

void templates_have_a_form() {
  for (const char* bad :
       {"", "x", "Subject: x", "Subject: x\n", "Subject: x\n{code}\n",
        "subject: x\n\n{code}\n", "Subject: x\n\n", "Subject: x\n\nno code\n",
        "Subject: x\n\n{code} {what}\n", "Subject: {what}\n\n{code}\n",
        "Subject: x\n\n{code}\r\n", "Subject: x\n\n{code}\xFF\n"})
    ExpectError(ParseMailTemplate(bad), ErrorCode::kConfig, bad);
}

void dates_are_those_of_rfc_5322() {
  using std::chrono::seconds;
  ExpectEqual(MailDate(UnixTime(seconds(0))), "Thu, 1 Jan 1970 00:00:00 +0000");
  ExpectEqual(MailDate(UnixTime(seconds(951782399))),
              "Mon, 28 Feb 2000 23:59:59 +0000");
  ExpectEqual(MailDate(UnixTime(seconds(951782400))),
              "Tue, 29 Feb 2000 00:00:00 +0000");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(mail_has_all_headers),
      EXPECT_TEST(times_are_in_good_english),
      EXPECT_TEST(no_value_starts_a_header_or_ends_them),
      EXPECT_TEST(headers_beyond_ascii_are_encoded_words),
      EXPECT_TEST(bodies_beyond_ascii_are_quoted),
      EXPECT_TEST(templates_have_a_form),
      EXPECT_TEST(dates_are_those_of_rfc_5322),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
