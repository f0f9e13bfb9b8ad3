// SPDX-License-Identifier: Apache-2.0
//
// notice_test.cc - events of logins and of administrators, and the mail that
// tells of them.

#include <security/pam_appl.h>
#include <unistd.h>

#include "core/base/encoding.h"
#include "core/factor/hotp.h"
#include "core/session/notices.h"
#include "tests/delivery/delivery_host.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/code_records.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/process.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

constexpr char kEmail[] = "alice@example.org";

class NoticeHost : public DeliveryHost {
 public:
  explicit NoticeHost(const std::string& notices = "notices = on") {
    WriteConfig("users = any\n" + notices + "\n" + DeliveryLines());
    ConfigureSmtp(2525);
  }
  void AddEmail(const std::string& address = kEmail,
                const std::string& user = "alice") {
    EnrollAddress("email", address, user);
  }
  // Mails what there is; the mailbox has the last mail after it.
  std::string Flush(int code = 0, const std::vector<std::string>& more = {}) {
    unlink(Shared("mailbox").c_str());
    std::vector<std::string> arguments{"flush-notices", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT(Tool(arguments, &report_) == code, "%s%s", report_.c_str(),
           log().Text().c_str());
    return Exists(Shared("mailbox")) ? ReadFile(Shared("mailbox")) : "";
  }
  NoticeRing Ring(const std::string& user = "alice") const {
    return OpenStore()->Read(*UserName::Create(user))->state.notices;
  }
  std::string Mark(const std::string& user = "alice") const {
    return paths().runtime + "/notices/" + user;
  }
  const std::string& report() const { return report_; }

 private:
  std::string report_;
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Without the soft line breaks of RFC 2045 §6.7.
std::string Unquoted(std::string mail) {
  for (std::size_t at; (at = mail.find("=\r\n")) != std::string::npos;)
    mail.erase(at, 3);
  return mail;
}

// The code that an authenticator app shows for a key in base32.
std::string OneTimeCode(const std::string& text) {
  const auto key = Base32Decode(text);
  EXPECT(key.has_value(), "no key: %s", text.c_str());
  const auto value =
      HotpValue(HashAlgorithm::kSha1, key->Expose(), StepNow(), 6);
  char code[16];
  std::snprintf(code, sizeof(code), "%06u", *value);
  return code;
}

CASE(used_backup_code_is_told_with_when_and_where) {
  NoticeHost host;
  EnrollCodes(host, "alice");
  host.AddEmail();
  host.Flush();
  PamLogin login(host, "alice");
  login.From("192.0.2.7").Answer(BackupCode(0));
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(Exists(host.Mark()), "no mark");
  const std::string mail = Unquoted(host.Flush());
  for (const char* part :
       {"X-To: alice@example.org\n", "Subject: Security notice for alice on ",
        "Auto-Submitted: auto-generated",
        " UTC  A backup code was used to log in, from 192.0.2.7, at "
        "test.\r\n\r\nIf it was you"})
    EXPECT(Has(mail, part), "no '%s' in\n%s", part, mail.c_str());
  EXPECT(Untold(host.Ring()) == 0, "not ticked off");
  EXPECT(!Exists(host.Mark()), "the mark is left");
  EXPECT(host.Flush().empty(), "told twice");
}

CASE(each_event_is_told) {
  NoticeHost host;
  host.Enroll("alice");
  host.AddEmail();
  struct {
    std::vector<std::string> verb;
    const char* told;
  } const rows[] = {
      {{"status", "alice"}, "was enrolled (email), by an administrator."},
      {{"backup-codes", "--user", "alice"}, "New backup codes were made"},
      {{"bypass", "alice", "--reason", "phone lost"},
       "A bypass was made, which logs in without a device (phone lost), by"},
      {{"disable", "--user", "alice", "--name", "phone"},
       "Devices were disabled (phone)"},
      {{"enable", "--user", "alice"}, "Devices were enabled"},
      {{"enroll", "email", "--user", "alice", "--no-confirm", "b@example.org"},
       "was enrolled (email-2)"},
      {{"remove", "--user", "alice", "--name", "email-2"},
       "was removed (email-2)"},
      {{"reset", "alice", "--yes"}, "All devices and codes were removed"},
  };
  for (const auto& row : rows) {
    std::string output;
    EXPECT(host.Tool(row.verb, &output) == 0, "%s", output.c_str());
    const std::string mail = Unquoted(host.Flush());
    EXPECT(Has(mail, row.told), "no '%s' in\n%s", row.told, mail.c_str());
  }
  EXPECT(host.Ring().former_addresses.empty(), "an address is left behind");
}

CASE(removed_address_is_told_of_its_removal) {
  NoticeHost host;
  host.Enroll("alice");
  host.AddEmail();
  host.Flush();
  EXPECT(host.Tool({"remove", "--user", "alice", "--name", "email"}) == 0,
         "remove");
  EXPECT(Has(host.Flush(), "X-To: alice@example.org\n"), "not told");
}

std::string FirstMailedLine() {
  const std::string mail = ReadFile(DeliveryHost::Shared("mailbox"));
  const auto at = mail.find("\r\n\r\n");
  EXPECT(at != std::string::npos, "no mail: %s", mail.c_str());
  return mail.substr(at + 4, mail.find("\r\n", at + 4) - at - 4);
}

CASE(recovery_is_told_to_every_address_that_there_was) {
  NoticeHost host("notices = on\nrecovery = on");
  host.WriteStack(kService,
                  "auth required @MODULE@ config=@CONFIG@ first=proven\n");
  host.Enroll("alice");
  host.AddEmail();
  const auto added = host.OpenStore()->Change(
      *UserName::Create("alice"),
      [](Record record, const Moment&) -> Result<Record> {
        RecoveryAddress& recovery = record.enrollment->recovery.emplace();
        recovery.address = "recovery@example.org";
        recovery.key = Secret(32);
        return record;
      });
  EXPECT(added.has_value(), "no recovery address");
  host.Flush();
  PamLogin login(host, "alice");
  Reply mailed;
  mailed.say = [](const std::string&) { return FirstMailedLine(); };
  Reply device;
  device.say = [](const std::string& prompt) {
    const auto at = prompt.find("key  ") + 5;
    return OneTimeCode(prompt.substr(at, prompt.find('\n', at) - at));
  };
  login.From("192.0.2.7").Answer("recover").Answer(mailed).Answer(device);
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(host.Ring().former_addresses.size() == 1 &&
             host.Ring().former_addresses[0].text() == kEmail,
         "not kept");
  const std::string mail = Unquoted(host.Flush());
  EXPECT(Has(mail, "replaced by recovery (phone), from 192.0.2.7, at test."),
         "%s", mail.c_str());
  EXPECT(host.Ring().former_addresses.empty(), "an address is left behind");
}

CASE(lockout_is_told_once) {
  NoticeHost host;
  host.Enroll("alice");
  host.AddEmail();
  host.Flush();
  for (int i = 0; i < 8; ++i) {
    PamLogin login(host, "alice");
    login.From("192.0.2.7").Answer(host.WrongCode("alice", i));
    EXPECT(login.Authenticate() != PAM_SUCCESS, "wrong code");
  }
  EXPECT(Untold(host.Ring()) == 1, "%u notices", Untold(host.Ring()));
  EXPECT(Has(host.Flush(), "Too many wrong codes"), "not told");
}

CASE(notices_outlast_a_server_that_is_down) {
  NoticeHost host;
  host.Enroll("alice");
  host.AddEmail();
  const std::string good = ReadFile(host.FileOf("twofactor-delivery.conf"));
  host.ConfigureSmtp(9);  // Nobody listens there.
  EXPECT(host.Flush(6).empty(), "sent");
  EXPECT(
      Has(host.report(), "\"later\": 1") || Has(host.report(), "\"later\":1"),
      "%s", host.report().c_str());
  EXPECT(Exists(host.Mark()), "the mark is gone");
  EXPECT(host.Ring().failures == 1, "not noted");
  host.Put("twofactor-delivery.conf", good, 0644);
  EXPECT(host.Flush().empty(), "too early");
  // A minute later.
  const auto aged = host.OpenStore()->Update<bool>(
      *UserName::Create("alice"),
      [](const Enrollment&, const Moment&,
         StateChange& change) -> Result<bool> {
        change.state.notices.tried -= std::chrono::minutes(1);
        return true;
      });
  EXPECT(aged.has_value(), "update");
  EXPECT(Has(host.Flush(), "was enrolled"), "not told");
  EXPECT(host.Ring().failures == 0, "failures stand");
}

CASE(after_a_boot_everybody_is_looked_at) {
  NoticeHost host;
  host.Enroll("alice");
  host.AddEmail();
  host.Enroll("bob");
  host.AddEmail("bob@example.org", "bob");
  EXPECT(host.Tool({"reset", "bob", "--yes"}) == 0, "reset");
  Run({"rm", "-rf", host.paths().runtime + "/notices"});
  host.Flush();
  EXPECT(Untold(host.Ring()) == 0 && Untold(host.Ring("bob")) == 0, "left");
  // From then on only the marked are, unless all are asked for.
  host.AddEmail("c@example.org");
  unlink(host.Mark().c_str());
  EXPECT(host.Flush().empty(), "read without a mark");
  EXPECT(!host.Flush(0, {"--all"}).empty(), "not told");
}

CASE(administrators_are_told_too) {
  NoticeHost host("notices = on\nnotices_to = root@example.org");
  host.Enroll("alice");
  EXPECT(Has(host.Flush(), "X-To: root@example.org\n"), "of the first");
  host.AddEmail();
  host.Flush();
  EXPECT(host.log().Count({"event=notices", "result=sent"}) == 2, "%s",
         host.log().Text().c_str());
}

CASE(changed_address_is_told_of_its_change) {
  NoticeHost host;
  host.Enroll("alice");
  host.AddEmail();
  const auto set = [&](const char* address) {
    const auto changed = host.OpenStore()->Change(
        *UserName::Create("alice"),
        [&](Record record, const Moment& moment) -> Result<Record> {
          Notify(host.config(), NoticeKind::kRecoveryAddress, moment.now, {},
                 "", record.state);
          RecoveryAddress& recovery = record.enrollment->recovery.emplace();
          recovery.address = address;
          recovery.key = Secret(32);
          return record;
        });
    EXPECT(changed.has_value(), "change");
  };
  set("old@example.org");
  host.Flush();
  set("new@example.org");
  const NoticeRing ring = host.Ring();
  EXPECT(ring.former_addresses.size() == 1 &&
             ring.former_addresses[0].text() == "old@example.org",
         "%zu kept", ring.former_addresses.size());
  host.Flush();
  EXPECT(host.Ring().former_addresses.empty(), "left behind");
}

CASE(administrators_hear_at_once_whatever_becomes_of_the_users_mail) {
  NoticeHost host("notices = on\nnotices_to = root@example.org");
  host.Enroll("alice");
  host.AddEmail("never@example.org");  // Its server refuses it.
  EXPECT(Has(host.Flush(6), "X-To: root@example.org\n"), "not told");
  EXPECT(host.Ring().told_administrators == host.Ring().noted, "not noted");
  EXPECT(Untold(host.Ring()) > 0, "the user counts as told");
}

CASE(lockouts_displace_nothing_else) {
  NoticeHost host;
  EnrollCodes(host, "alice");
  host.AddEmail();
  host.Flush();
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS, login.Answer(BackupCode(0)).Authenticate());
  const auto lockouts = host.OpenStore()->Update<bool>(
      *UserName::Create("alice"),
      [&](const Enrollment&, const Moment& moment,
          StateChange& change) -> Result<bool> {
        for (int i = 1; i <= 20; ++i)
          NotifyLockout(host.config(), moment.now + i * kLockoutQuiet, {},
                        change.state);
        return true;
      });
  EXPECT(lockouts.has_value(), "update");
  EXPECT(Has(Unquoted(host.Flush()), "A backup code was used"), "displaced");
}

CASE(event_while_mail_is_on_its_way_is_told_in_the_same_run) {
  NoticeHost host;
  EnrollCodes(host, "alice");
  host.AddEmail("slow@example.org");  // A second for each mail.
  Process flush({ToolPath(), "--config", host.config_path(), "flush-notices"});
  usleep(500'000);
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS, login.Answer(BackupCode(0)).Authenticate());
  EXPECT(flush.Wait().code == 0, "%s", host.log().Text().c_str());
  EXPECT(Untold(host.Ring()) == 0, "left for the next run");
}

CASE(flush_beside_another_does_nothing) {
  NoticeHost host;
  host.Enroll("alice");
  host.AddEmail("slow@example.org");
  Process flush({ToolPath(), "--config", host.config_path(), "flush-notices"});
  usleep(500'000);
  std::string output;
  EXPECT(host.Tool({"flush-notices"}, &output) == 0, "%s", output.c_str());
  EXPECT(Has(output, "another flush is running"), "%s", output.c_str());
  EXPECT(flush.Wait().code == 0, "the first");
}

CASE(more_events_than_fit_say_so) {
  NoticeHost host;
  host.Enroll("alice");
  host.AddEmail();
  for (int i = 0; i < 10; ++i)
    host.Tool({i % 2 == 0 ? "disable" : "enable", "--user", "alice", "--name",
               "phone"});
  const std::string mail = host.Flush();
  EXPECT(Has(mail, "4 more events found no room"), "%s", mail.c_str());
  EXPECT(host.log().Count({"result=overflow", "lost=4"}) == 1, "%s",
         host.log().Text().c_str());
}

CASE(without_an_address_notices_are_dropped) {
  NoticeHost host;
  host.Enroll("alice");
  EXPECT(host.Flush().empty(), "mail to whom");
  EXPECT(host.log().Count({"result=dropped", "reason=no_address"}) == 1, "%s",
         host.log().Text().c_str());
  EXPECT(Untold(host.Ring()) == 0, "left");
}

CASE(switched_off_nothing_is_remembered) {
  NoticeHost host("notices = off");
  host.Enroll("alice");
  host.AddEmail();
  EXPECT(host.Ring() == NoticeRing{}, "remembered");
  EXPECT(host.Flush().empty(), "told");
}

CASE(notice_does_not_delay_a_login) {
  NoticeHost host;
  EnrollCodes(host, "alice");
  host.AddEmail();
  host.ConfigureSmtp(2530);  // Never says anything.
  const auto begin = std::chrono::steady_clock::now();
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS, login.Answer(BackupCode(0)).Authenticate());
  EXPECT(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2),
         "it waited");
}

}  // namespace
