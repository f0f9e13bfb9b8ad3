// SPDX-License-Identifier: Apache-2.0
//
// login_code_test.cc - logins through the module with codes that are read out
// of the mailbox and the gateway.

#include <security/pam_appl.h>

#include <algorithm>

#include "tests/delivery/delivery_host.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/process.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

constexpr char kHome[] = "192.0.2.7";
constexpr char kEmail[] = "alice@example.org";
constexpr char kNumber[] = "+4915112345678";

class LoginHost : public DeliveryHost {
 public:
  LoginHost() {
    WriteConfig("users = any\n" + DeliveryLines());
    WriteStack(kService,
               "auth required @MODULE@ config=@CONFIG@ first=proven\n");
  }
};

Reply Say(std::string (*code)()) {
  Reply reply;
  reply.say = [code](const std::string&) { return code(); };
  return reply;
}

CASE(login_by_mail_when_the_word_is_typed) {
  LoginHost host;
  host.ConfigureSmtp(2525);
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  PamLogin login(host, "alice");
  login.From(kHome).Answer("email").Answer(Say(MailedCode));
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(login.prompts()[0].text == "Verification code (or: email): ", "%s",
         login.prompts()[0].text.c_str());
  EXPECT(host.log().Text().find(MailedCode()) == std::string::npos,
         "the code is in the log");
  PamLogin again(host, "alice");
  EXPECT_PAM(host, PAM_AUTH_ERR,
             again.From(kHome).Answer(MailedCode()).Authenticate());
}

CASE(code_for_a_login_that_dies_is_counted_mailed_and_logged) {
  LoginHost host;
  host.ConfigureSmtp(2525);
  host.Enroll("alice");
  host.EnrollAddress("email", "slow@example.org");
  DieWhileSending(host, "alice", "email");
  EXPECT(!Exists(DeliveryHost::Shared("mailbox")), "it was sent before");
  EXPECT(AwaitMail().find("X-To: slow@example.org") != std::string::npos, "%s",
         AwaitMail().c_str());
  EXPECT(
      host.log().Count({"event=code"}) == 1 &&
          host.log().Has({"user=alice", "address=email", "result=requested"}),
      "%s", host.log().Text().c_str());
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_SUCCESS, login.Answer(MailedCode()).Authenticate());
}

CASE(login_by_text_message_of_somebody_with_no_device) {
  LoginHost host;
  host.ConfigureSms("twilio.conf");
  host.EnrollAddress("sms", kNumber);
  PamLogin login(host, "alice");
  login.From(kHome).Answer(Say(TextedCode));
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(login.prompts()[0].text.find("+49***78") != std::string::npos, "%s",
         login.prompts()[0].text.c_str());
}

CASE(undelivered_code_is_said_and_the_device_goes_on) {
  LoginHost host;
  host.ConfigureSmtp(2527);  // A certificate that nobody trusted signed.
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  PamLogin login(host, "alice");
  Reply device;
  device.say = [&](const std::string& prompt) {
    EXPECT(prompt.find("could not be sent") != std::string::npos, "%s",
           prompt.c_str());
    return host.Code("alice");
  };
  login.From(kHome).Answer("email").Answer(device);
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(host.log().Count(
             {"event=code", "result=not_sent", "reason=delivery"}) == 1,
         "%s", host.log().Text().c_str());
}

CASE(without_a_proven_first_factor_nothing_is_sent) {
  LoginHost host;
  host.ConfigureSmtp(2525);
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  host.WriteStack(kService, "auth required @MODULE@ config=@CONFIG@\n");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_AUTH_ERR, login.Answer("email").Authenticate());
  EXPECT(login.prompts()[0].text == "Verification code: ", "%s",
         login.prompts()[0].text.c_str());
  EXPECT(!Exists(DeliveryHost::Shared("mailbox")), "mail was sent");
}

CASE(sixty_four_parallel_answers_with_one_delivered_code_let_exactly_one_in) {
  constexpr int kLogins = 64;
  constexpr int kRounds = 20;
  LoginHost host;
  host.ConfigureSmtp(2525);
  for (int round = 0; round < kRounds; ++round) {
    const std::string user = "user" + std::to_string(round);
    host.EnrollAddress("email", kEmail, user);
    PamLogin asking(host, user);
    Reply hangs_up;
    hangs_up.result = PAM_CONV_ERR;
    EXPECT_PAM(host, PAM_CONV_ERR,
               asking.From(kHome).Answer(hangs_up).Authenticate());
    Crowd crowd(host);
    for (int i = 0; i < kLogins; ++i)
      crowd.Add(user, MailedCode(), {"-r", kHome});
    const std::vector<int> results = crowd.LogInAtOnce();
    const auto successes = std::ranges::count(results, PAM_SUCCESS);
    EXPECT(successes == 1, "round %d: %td logins\n%s", round, successes,
           host.log().Text().c_str());
    host.log().Forget();
  }
}

CASE(parallel_logins_that_ask_send_one_code) {
  constexpr int kLogins = 16;
  LoginHost host;
  host.ConfigureSmtp(2525);
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  Crowd crowd(host);
  for (int i = 0; i < kLogins; ++i)
    crowd.Add("alice", "email", {"-r", "192.0.2." + std::to_string(i + 1)});
  for (int result : crowd.LogInAtOnce())
    EXPECT(result != PAM_SUCCESS, "somebody is in");
  EXPECT(host.log().Count({"event=code", "result=sent"}) == 1, "%s",
         host.log().Text().c_str());
}

// Types what was sent, once it was.
int EnrollByCode(LoginHost& host, const std::string& typed) {
  return Run({"sh", "-c",
              "(until [ -s \"$1\" ]; do sleep 0.1; done; sleep 0.2; " + typed +
                  ") | \"$2\" --config \"$3\" enroll email --user alice "
                  "alice@example.org",
              "sh", DeliveryHost::Shared("mailbox"), ToolPath(),
              host.config_path()})
      .code;
}

CASE(address_is_enrolled_when_its_code_came_back) {
  LoginHost host;
  host.ConfigureSmtp(2525);
  EXPECT(EnrollByCode(host, "yes 7K3M-9QXP-T2WA | head -3") == 4, "wrong");
  EXPECT(host.Tool({"status", "alice"}) == 3, "enrolled without its code");
  EXPECT(EnrollByCode(host, "tr -d '\\r' <\"$1\" | sed -n '/^$/{n;p;q}'") == 0,
         "%s", host.log().Text().c_str());
  std::string status;
  EXPECT(host.Tool({"status", "alice"}, &status) == 0, "%s", status.c_str());
  EXPECT(status.find("email to alice@example.org") != std::string::npos, "%s",
         status.c_str());
}

CASE(verbs_know_addresses) {
  LoginHost host;
  host.ConfigureSmtp(2525);
  host.Enroll("alice");
  host.EnrollAddress("email", kEmail);
  std::string output;
  EXPECT(host.Tool({"send-test", "email", "--user", "alice"}, &output) == 0,
         "%s", output.c_str());
  EXPECT(output.find("sent to alice@example.org") != std::string::npos, "%s",
         output.c_str());
  EXPECT(host.Tool({"send-test", "sms", "--user", "alice"}, &output) == 3, "%s",
         output.c_str());
  EXPECT(host.Tool({"disable", "--user", "alice", "--name", "email"}) == 0,
         "disable");
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_AUTH_ERR, login.Answer("email").Authenticate());
  EXPECT(host.Tool({"enable", "--user", "alice"}) == 0, "enable");
  EXPECT(host.Tool({"remove", "--user", "alice"}) == 2, "there are two");
  EXPECT(host.Tool({"remove", "--user", "alice", "--name", "phone"}) == 0,
         "remove");
  EXPECT(host.Tool({"remove", "--user", "alice"}) == 1, "the last one");
  EXPECT(host.Tool({"enroll", "email", "--user", "alice", "--no-confirm",
                    "--json", "a@b\r\nc"}) == 1,
         "bad address");
  EXPECT(host.Tool({"enroll", "email", "--user", "alice", "--no-confirm",
                    "--json", "--name", "work", "b@example.org"},
                   &output) == 0,
         "%s", output.c_str());
  EXPECT(output.find("\"address\": \"b@example.org\"") != std::string::npos ||
             output.find("\"address\":\"b@example.org\"") != std::string::npos,
         "%s", output.c_str());
}

}  // namespace
