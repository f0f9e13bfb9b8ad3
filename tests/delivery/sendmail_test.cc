// SPDX-License-Identifier: Apache-2.0
//
// sendmail_test.cc - mail through a real sendmail: Exim's, which is set-user-ID
// root.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/delivery/delivery_host.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

constexpr char kMailbox[] = "/var/mail/alice";

class EximHost : public DeliveryHost {
 public:
  EximHost() {
    static const Exit started =
        Run({TWOFACTOR_TEST_DELIVERY "/private_exim.sh"});
    EXPECT(started.code == 0, "%s", Describe(started).c_str());
    WriteConfig("delivery_config = " + settings.config +
                "\ndelivery_helper = " + settings.helper + "\n");
    Configure(
        "email = sendmail\nemail_from = host@example.org\n"
        "email_from_name = Zoë's host\nemail_template = " +
        FileOf("email.txt") + "\n");
  }
};

void SkipWithoutExim() {
  std::error_code error;
  const auto program = std::filesystem::canonical("/usr/sbin/sendmail", error);
  if (program.filename() != "exim4")
    SkipProgram("the host's sendmail is not Exim's: exim4-daemon-light");
}

// The mailbox once it ends with `end`: Exim delivers after sendmail is done.
std::string Await(const std::string& end) {
  for (int tries = 0; tries < 500; ++tries) {
    if (ReadFile(kMailbox).ends_with(end)) break;
    usleep(20000);
  }
  return ReadFile(kMailbox);
}

// `text` with "*" for what stands between the first `before` and `after`.
std::string Masked(std::string text, const std::string& before,
                   const std::string& after) {
  const auto at = text.find(before);
  const auto end = text.find(after, at + before.size());
  EXPECT(at != std::string::npos && end != std::string::npos, "no %s in\n%s",
         before.c_str(), text.c_str());
  return text.replace(at + before.size(), end - at - before.size(), "*");
}

CASE(mail_arrives_through_the_hosts_sendmail_as_it_was_composed) {
  SkipWithoutExim();
  EximHost host;
  // A line that is a dot ends mail, unless sendmail is told otherwise.
  host.Put("email.txt",
           "Subject: Prüfcode für {user}\n\n{code} für {user}\n.\nGrüße\n",
           0644);
  std::string output;
  const int code =
      host.Tool({"send-test", "email", "alice@localhost"}, &output);
  EXPECT(code == 0, "%d: %s", code, output.c_str());
  for (const char* part :
       {"  * running /usr/sbin/sendmail -i -t -fhost@example.org\n",
        "\nsent to alice@localhost: /usr/sbin/sendmail took it\n"})
    EXPECT(output.find(part) != std::string::npos, "no %s in\n%s", part,
           output.c_str());

  const std::string all = Await("Gr=C3=BC=C3=9Fe\n\n");
  // The sender of the envelope gets what could not be delivered.
  EXPECT(all.starts_with("From host@example.org "), "%s", all.c_str());
  EXPECT(all.find("\nReturn-path: <host@example.org>\n") != std::string::npos,
         "%s", all.c_str());
  const auto start = all.find("\nDate: ");
  EXPECT(start != std::string::npos, "no mail: %s", all.c_str());
  EXPECT(all.find("\nReceived: from _twofactor by ") < start, "%s",
         all.c_str());
  const std::string mail = Masked(Masked(all.substr(start), "\nDate: ", "\n"),
                                  "\nMessage-ID: <", ">\n");
  const std::string expected =
      "\nDate: *\n"
      "From: =?UTF-8?B?Wm/DqydzIGhvc3Q=?= <host@example.org>\n"
      "To: alice@localhost\n"
      "Subject: =?UTF-8?B?UHLDvGZjb2RlIGbDvHIgcm9vdA==?=\n"
      "Message-ID: <*>\n"
      "Auto-Submitted: auto-generated\n"
      "MIME-Version: 1.0\n"
      "Content-Type: text/plain; charset=utf-8\n"
      "Content-Transfer-Encoding: quoted-printable\n"
      "\n"
      "TEST-TEST f=C3=BCr root\n"
      ".\n"
      "Gr=C3=BC=C3=9Fe\n"
      "\n";  // Which ends a mail in a mailbox.
  EXPECT(mail == expected, "%s", mail.c_str());
}

CASE(sendmail_that_refuses_is_reported) {
  SkipWithoutExim();
  EximHost host;
  WriteFile("/etc/exim4/exim4.conf", "no such option\n");
  chmod("/etc/exim4/exim4.conf", 0644);
  unlink(kMailbox);
  std::string output;
  const int code =
      host.Tool({"send-test", "email", "alice@localhost"}, &output);
  EXPECT(code == 1, "%d: %s", code, output.c_str());
  for (const char* part :
       {"twofactor: error: not sent: refused: /usr/sbin/sendmail ended with "
        "status 1: ",
        "Exim configuration error in line 1 of /etc/exim4/exim4.conf"})
    EXPECT(output.find(part) != std::string::npos, "no %s in\n%s", part,
           output.c_str());
  EXPECT(!Exists(kMailbox), "it was sent");
}

}  // namespace
