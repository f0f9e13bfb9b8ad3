// SPDX-License-Identifier: Apache-2.0
//
// recovery_test.cc - a login through the module with a code that is read out
// of the mailbox, and what a login without one opens.

#include <security/pam_appl.h>
#include <unistd.h>

#include "core/base/encoding.h"
#include "core/factor/hotp.h"
#include "tests/delivery/delivery_host.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/pam_login.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/process.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

class RecoveryHost : public DeliveryHost {
 public:
  explicit RecoveryHost(const std::string& address = "alice@example.org") {
    WriteConfig("users = any\nrecovery = on\n" + DeliveryLines());
    WriteStack(kService,
               "auth required @MODULE@ config=@CONFIG@ first=proven\n");
    Enroll("alice");
    const auto added = OpenStore()->Change(
        *UserName::Create("alice"),
        [&](Record record, const Moment&) -> Result<Record> {
          RecoveryAddress& recovery = record.enrollment->recovery.emplace();
          recovery.address = address;
          recovery.key = Secret(32);
          return record;
        });
    EXPECT(added.has_value(), "cannot add the address");
  }
};

// The code that an authenticator app shows for the key in the prompt.
std::string CodeOfPrompt(const std::string& prompt) {
  const auto at = prompt.find("key  ") + 5;
  const auto key = Base32Decode(prompt.substr(at, prompt.find('\n', at) - at));
  EXPECT(key.has_value(), "no key in %s", prompt.c_str());
  const auto value =
      HotpValue(HashAlgorithm::kSha1, key->Expose(), StepNow(), 6);
  char text[16];
  std::snprintf(text, sizeof(text), "%06u", *value);
  return text;
}

CASE(recovery_by_mail_ends_in_a_new_device) {
  RecoveryHost host;
  host.ConfigureSmtp(2525);
  PamLogin login(host, "alice");
  login.Answer("recover");
  Reply mailed;
  mailed.say = [](const std::string&) { return MailedCode(); };
  login.Answer(mailed);
  Reply device;
  device.say = CodeOfPrompt;
  login.Answer(device);
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(host.log().Text().find(MailedCode()) == std::string::npos,
         "the code is in the log");
}

// Who hangs up is not rid of the mail and the log line.
CASE(recovery_of_a_login_that_dies_is_counted_mailed_and_logged) {
  RecoveryHost host("slow@example.org");
  host.ConfigureSmtp(2525);
  DieWhileSending(host, "alice", "recover");
  EXPECT(!Exists(DeliveryHost::Shared("mailbox")), "it was sent before");
  EXPECT(AwaitMail().find("X-To: slow@example.org") != std::string::npos, "%s",
         AwaitMail().c_str());
  EXPECT(host.log().Count({"event=recovery"}) == 1 &&
             host.log().Has({"user=alice", "source=local", "step=requested"}),
         "%s", host.log().Text().c_str());
  const auto requests = [&host] {
    return host.OpenStore()
        ->Read(*UserName::Create("alice"))
        ->state.recovery_requests.size();
  };
  EXPECT(requests() == 1, "%zu requests", requests());

  PamLogin login(host, "alice");
  Reply device;
  device.say = CodeOfPrompt;
  login.Answer("recover").Answer(MailedCode()).Answer(device);
  EXPECT_PAM(host, PAM_SUCCESS, login.Authenticate());
  EXPECT(requests() == 1, "%zu requests", requests());
}

CASE(login_says_why_a_code_was_not_sent_and_goes_on) {
  RecoveryHost host;
  host.settings.time = std::chrono::seconds(1);
  host.ConfigureSmtp(2527);
  PamLogin login(host, "alice");
  EXPECT_PAM(host, PAM_AUTHINFO_UNAVAIL,
             login.Answer("recover").Authenticate());
  EXPECT(host.log().Text().find("tls: ") != std::string::npos, "%s",
         host.log().Text().c_str());
  EXPECT_PAM(host, PAM_SUCCESS, LogIn(host, "alice", host.Code("alice")));
}

CASE(login_process_opens_no_socket_but_the_log) {
  RecoveryHost host;
  host.ConfigureSmtp(2525);
  if (Run({"strace", "-V"}).code != 0) SkipProgram("needs strace");
  const auto traced = [&](const std::string& answer, bool followed) {
    const std::string trace = host.FileOf("trace");
    std::vector<std::string> command{"strace", "-o", trace, "-e",
                                     "trace=socket,connect,execve,clone"};
    if (followed) command.insert(command.begin() + 1, "-f");
    command.insert(command.end(),
                   {PlainHostPath(), host.stack_folder(), kService});
    Run(command, "alice " + answer + "\n");
    return ReadFile(trace);
  };
  const std::string code = traced(host.Code("alice"), true);
  EXPECT(code.find("clone") == std::string::npos &&
             code.find("AF_INET") == std::string::npos,
         "%s", code.c_str());
  const std::string recovery = traced("recover", false);
  EXPECT(recovery.find("clone(") != std::string::npos, "nothing was sent: %s",
         recovery.c_str());
  EXPECT(recovery.find("AF_INET") == std::string::npos, "%s", recovery.c_str());
  std::size_t sockets = 0;
  for (std::size_t at = 0;
       (at = recovery.find("connect(", at)) != std::string::npos;
       ++at, ++sockets)
    EXPECT(recovery.substr(at, 200).find("nscd") < 60 ||
               recovery.substr(at, 200).find("/dev/log") < 60,
           "%s", recovery.c_str());
}

// Types what was mailed, once it was.
int ProveAddress(RecoveryHost& host, const std::string& typed) {
  const std::string mailbox = DeliveryHost::Shared("mailbox");
  return Run({"sh", "-c",
              "rm -f \"$1\"; (until [ -s \"$1\" ]; do sleep 0.1; done; sleep "
              "0.2; " +
                  typed +
                  ") | \"$2\" --config \"$3\" recovery-address --user "
                  "alice alice@example.org",
              "sh", mailbox, ToolPath(), host.config_path()})
      .code;
}

CASE(address_is_stored_when_its_code_came_back) {
  RecoveryHost host;
  host.ConfigureSmtp(2525);
  EXPECT(host.Tool({"recovery-address", "--user", "alice", "--remove"}) == 0,
         "remove");
  EXPECT(host.Tool({"recovery-address", "--user", "alice", "--remove"}) == 3,
         "nothing is left to remove");
  EXPECT(ProveAddress(host, "yes 7K3M-9QXP-T2WA | head -3") == 4, "wrong");
  EXPECT(
      !host.OpenStore()->Read(*UserName::Create("alice"))->enrollment->recovery,
      "stored without its code");
  EXPECT(ProveAddress(host, "tr -d '\\r' <\"$1\" | sed -n '/^$/{n;p;q}'") == 0,
         "%s", host.log().Text().c_str());
  EXPECT(host.OpenStore()
                 ->Read(*UserName::Create("alice"))
                 ->enrollment->recovery->address == "alice@example.org",
         "not stored");
}

CASE(administrator_sees_each_step_of_a_test) {
  RecoveryHost host;
  host.ConfigureSmtp(2525);
  std::string output;
  EXPECT(host.Tool({"send-test", "email", "alice@example.org"}, &output) == 0,
         "%s", output.c_str());
  for (const char* part : {"  > STARTTLS\n", "  < 250 2.0.0 queued as 4711\n",
                           "\nsent to alice@example.org: 250 2.0.0 queued"})
    EXPECT(output.find(part) != std::string::npos, "%s", output.c_str());
  EXPECT(output.find("sesame") == std::string::npos, "%s", output.c_str());

  EXPECT(host.Tool({"send-test", "email", "never@example.org"}, &output) == 1,
         "%s", output.c_str());
  EXPECT(output.find("twofactor: error: not sent: refused: 550 5.1.1") !=
             std::string::npos,
         "%s", output.c_str());
  EXPECT(host.Tool({"send-test", "sms", "+4915112345678"}, &output) == 1, "%s",
         output.c_str());
  EXPECT(output.find("config: sms is off") != std::string::npos, "%s",
         output.c_str());
  EXPECT(host.Tool({"send-test", "email", "a@b\r\nc"}, &output) == 2, "%s",
         output.c_str());
}

}  // namespace
