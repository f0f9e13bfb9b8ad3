// SPDX-License-Identifier: Apache-2.0
//
// email_test.cc - mail through real servers, good and bad, and a sendmail.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/delivery/delivery_host.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

CASE(mail_is_sent_over_starttls_after_a_login) {
  DeliveryHost host;
  host.ConfigureSmtp(2525);
  ExpectReport(host.Deliver("alice@example.org"), Stage::kDone,
               "250 2.0.0 queued as 4711", "starttls");
  const std::string mail = ReadFile(host.Shared("mailbox"));
  for (const char* part :
       {"X-From: host@example.org\n", "X-To: alice@example.org\n",
        "\nFrom: =?UTF-8?B?Wm/DqydzIGhvc3Q=?= <host@example.org>\r\n",
        "\nTo: alice@example.org\r\n", "\nAuto-Submitted: auto-generated\r\n",
        "\nMessage-ID: <", "Date: ", " +0000\r\n", "\nMIME-Version: 1.0\r\n",
        "\nContent-Type: text/plain; charset=utf-8\r\n",
        "\r\n7K3M-9QXP-T2WA\r\n", "alice", "15 minutes"})
    EXPECT(Contains(mail, part), "no %s in\n%s", part, mail.c_str());
  const std::string dialogue = ReadFile(host.Shared("dialogue"));
  EXPECT(Contains(dialogue, "tls=True"), "%s", dialogue.c_str());
  EXPECT(Contains(dialogue, "True\n"), "%s", dialogue.c_str());
}

CASE(mail_is_sent_over_tls_from_the_start) {
  DeliveryHost host;
  host.ConfigureSmtp(2529, "smtp_tls = tls\n");
  ExpectReport(host.Deliver("alice@example.org"), Stage::kDone, "250", "smtps");
}

CASE(steps_show_the_dialogue_and_no_credential) {
  DeliveryHost host;
  host.ConfigureSmtp(2525);
  const DeliveryReport report =
      host.Deliver("alice@example.org", Detail::kSteps);
  ExpectReport(report, Stage::kDone, "250", "steps");
  std::string steps;
  for (const std::string& step : report.steps) steps += step + "\n";
  for (const char* part :
       {"> STARTTLS\n", "> MAIL FROM:<host@example.org>",
        "> RCPT TO:<alice@example.org>\n", "< 250 2.0.0 queued as 4711\n"})
    EXPECT(Contains(steps, part), "no %s in\n%s", part, steps.c_str());
  for (const char* part : {"sesame", "AGhvc3QAb3BlbiBzZXNhbWU",
                           "b3BlbiBzZXNhbWU", "7K3M", "AUTH PLAIN "})
    EXPECT(!Contains(steps, part), "%s in\n%s", part, steps.c_str());
}

struct Row {
  const char* what;
  int port;
  const char* address;
  Stage stage;
  const char* part;
};

CASE(servers_that_fail_are_told_apart) {
  DeliveryHost host;
  host.settings.time = std::chrono::seconds(2);
  for (const Row& row : {
           Row{"slow", 2525, "slow@a.test", Stage::kDone, "250"},
           Row{"4xx", 2525, "later@a.test", Stage::kRefused, "451 4.3.0"},
           Row{"5xx", 2525, "never@a.test", Stage::kRefused, "550 5.1.1"},
           Row{"spam", 2525, "spam@a.test", Stage::kRefused, "554 5.7.1"},
           Row{"echo", 2525, "echo@a.test", Stage::kRefused,
               "550 5.7.0 you said PLAIN [hidden], LOGIN [hidden]"},
           Row{"escape", 2525, "escape@a.test", Stage::kRefused, "?[2J"},
           Row{"close", 2525, "close@a.test", Stage::kRefused, ""},
           Row{"hang", 2525, "hang@a.test", Stage::kTimeout, ""},
           Row{"silent", 2530, "a@a.test", Stage::kTimeout, ""},
           Row{"other name", 2526, "a@a.test", Stage::kTls, ""},
           Row{"foreign CA", 2527, "a@a.test", Stage::kTls, ""},
           Row{"no STARTTLS", 2528, "a@a.test", Stage::kTls, ""},
           Row{"nobody", 2599, "a@a.test", Stage::kConnect, ""},
       }) {
    host.ConfigureSmtp(row.port);
    const DeliveryReport report = host.Deliver(row.address, Detail::kSteps);
    if (row.stage == Stage::kRefused && std::string(row.what) == "close") {
      EXPECT(report.stage != Stage::kDone, "close");
      continue;
    }
    ExpectReport(report, row.stage, row.part, row.what);
  }
}

// The resolver of the libc waits for longer than a delivery may take.
CASE(name_server_that_is_silent_ends_in_time) {
  DeliveryHost host;
  host.settings.time = std::chrono::seconds(2);
  const int silent = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address{.sin_family = AF_INET,
                            .sin_port = htons(53),
                            .sin_addr = {htonl(INADDR_LOOPBACK)},
                            .sin_zero = {}};
  EXPECT(bind(silent, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0,
         "port 53 is taken");
  WriteFile("/etc/resolv.conf", "nameserver 127.0.0.1\n");
  chmod("/etc/resolv.conf", 0644);
  const std::string names = ReadFile("/etc/nsswitch.conf");
  OverwriteFile("/etc/nsswitch.conf", "passwd: files\nhosts: files dns\n");
  host.Configure("email = smtp\nemail_from = a@a.test\nemail_template = " +
                 host.FileOf("email.txt") + "\nsmtp_server = mail.test\n");
  const DeliveryReport report = host.Deliver("a@a.test");
  OverwriteFile("/etc/nsswitch.conf", names);
  close(silent);
  ExpectReport(report, Stage::kTimeout, "", "silent");
}

CASE(what_is_configured_badly_is_named) {
  DeliveryHost host;
  host.Configure("email = off\n");
  ExpectReport(host.Deliver("a@a.test"), Stage::kConfig, "email is off", "off");
  host.Configure("emial = smtp\n");
  ExpectReport(host.Deliver("a@a.test"), Stage::kConfig,
               "twofactor-delivery.conf:1: unknown key, did you mean "
               "\"email\"",
               "typo");
  host.ConfigureSmtp(2525, "proxy = ftp://x\n");
  ExpectReport(host.Deliver("a@a.test"), Stage::kConfig, "bad value", "proxy");
  host.ConfigureSmtp(2525);
  host.Put("password", "wrong\n", 0644);
  ExpectReport(host.Deliver("a@a.test"), Stage::kConfig, "read by others",
               "mode");
  host.Put("password", "wrong\n", 0600);
  Run({"chown", "_twofactor", host.FileOf("password")});
  ExpectReport(host.Deliver("a@a.test"), Stage::kAuth, "535", "password");
  host.Put("email.txt", "Subject: x\n\n{cod}\n", 0644);
  ExpectReport(host.Deliver("a@a.test"), Stage::kConfig, "{cod}", "template");
  unlink(host.settings.config.c_str());
  ExpectReport(host.Deliver("a@a.test"), Stage::kInternal,
               "nothing is sent from this host", "no file");
}

// Who can change the file decides whom the helper believes.
CASE(certificates_are_roots) {
  DeliveryHost host;
  const std::string file =
      host.Put("ca.pem", ReadFile(host.Shared("ca.pem")), 0644);
  const auto trust = [&] {
    std::string lines = ReadFile(host.settings.config);
    const std::string shared = host.Shared("ca.pem");
    host.Configure(lines.replace(lines.find(shared), shared.size(), file));
  };
  host.ConfigureSmtp(2525);
  trust();
  ExpectReport(host.Deliver("a@a.test"), Stage::kDone, "250", "root's");
  Run({"chown", "1234", file});
  ExpectReport(host.Deliver("a@a.test"), Stage::kConfig,
               "ca.pem does not belong to root", "another user's");
  host.ConfigureSms("twilio.conf");
  trust();
  ExpectReport(host.Deliver("+4915112345678"), Stage::kConfig,
               "ca.pem does not belong to root", "of text messages");
}

CASE(sendmail_of_the_host_takes_the_mail) {
  DeliveryHost host;
  const auto configure = [&](const std::string& script) {
    const std::string program =
        host.Put("sendmail", "#!/bin/sh\n" + script, 0755);
    host.Configure(
        "email = sendmail\nemail_from = host@example.org\n"
        "email_template = " +
        host.FileOf("email.txt") + "\nsendmail_program = " + program + "\n");
  };
  const std::string box = host.Put("box", "", 0666);
  chmod(box.c_str(), 0666);
  configure(
      "{ echo \"$#: $@\"; env; id -un; grep SigIgn /proc/$$/status; cat; } >" +
      box + "\n");
  ExpectReport(host.Deliver("alice@example.org"), Stage::kDone, "took it",
               "sendmail");
  const std::string mail = ReadFile(box);
  EXPECT(mail.starts_with("3: -i -t -fhost@example.org\n"), "%s", mail.c_str());
  for (const char* part : {"\n_twofactor\n", "\nSigIgn:\t0000000000000000\n",
                           "\nTo: alice@example.org\n", "\n7K3M-9QXP-T2WA\n"})
    EXPECT(Contains(mail, part), "no %s in %s", part, mail.c_str());
  EXPECT(!Contains(mail, "\r"), "carriage returns");

  configure("echo \"queue is full, $(tail -n 1)\"; exit 75\n");
  ExpectReport(host.Deliver("a@a.test"), Stage::kRefused, "status 75: queue",
               "fails");
  configure("exec cat >/dev/null; exit 0\n");
  host.settings.time = std::chrono::seconds(1);
  configure("sleep 30\n");
  ExpectReport(host.Deliver("a@a.test"), Stage::kTimeout, "in time", "hangs");
  unlink(host.FileOf("sendmail").c_str());
  ExpectReport(host.Deliver("a@a.test"), Stage::kConfig, "cannot run", "gone");
}

// Sendmail hands them on to whatever it delivers by, which may have to write to
// a large mailbox or log.
CASE(sendmail_is_not_limited_as_what_talks_to_the_network_is) {
  DeliveryHost host;
  const std::string seen = host.Put("seen", "", 0666);
  const std::string large = host.Put("large", "", 0666);
  const std::string program =
      host.Put("sendmail",
               "#!/bin/sh\ncat /proc/self/limits >" + seen +
                   "; head -c 40000000 /dev/zero >" + large + "\n",
               0755);
  host.Configure(
      "email = sendmail\nemail_from = host@example.org\nemail_template = " +
      host.FileOf("email.txt") + "\nsendmail_program = " + program + "\n");
  ExpectReport(host.Deliver("alice@example.org"), Stage::kDone, "took it",
               "large");
  EXPECT(ReadFile(large).size() == 40000000, "it is cut off");
  const std::string ours = ReadFile("/proc/self/limits");
  for (const char* name : {"Max cpu time", "Max processes", "Max file size",
                           "Max address space", "Max locked memory"}) {
    const auto at = ours.find(name);
    const std::string line = ours.substr(at, ours.find('\n', at) - at);
    EXPECT(Contains(ReadFile(seen), line), "not %s in\n%s", line.c_str(),
           ReadFile(seen).c_str());
  }
}

}  // namespace
