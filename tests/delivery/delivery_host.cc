// SPDX-License-Identifier: Apache-2.0
//
// delivery_host.cc - files and servers of a case.

#include "tests/delivery/delivery_host.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "tests/pam/cmocka_case.h"
#include "tests/pam/plain_login.h"
#include "tests/pam/process.h"
extern "C" {
#include "tests/pam/host_state.h"
}

namespace twofactor::test {
namespace {

constexpr char kPython[] = "/usr/bin/python3";

// The servers of this program; they end with it.
struct Servers {
  std::string folder;
  std::optional<Process> smtp;
  std::optional<Process> gateway;

  Servers() {
    if (Run({kPython, "-c", "import aiosmtpd"}).code != 0 ||
        Run({"openssl", "version"}).code != 0)
      SkipProgram("needs python3-aiosmtpd and openssl");
    folder = std::string(std::getenv("TWOFACTOR_TEST_FOLDER")) + "/servers";
    mkdir(folder.c_str(), 0755);
    const Exit made =
        Run({TWOFACTOR_TEST_DELIVERY "/make_certificates.sh", folder});
    EXPECT(made.code == 0, "%s%s", Describe(made).c_str(),
           ReadFile(folder + "/openssl.log").c_str());
    smtp.emplace(std::vector<std::string>{
        kPython, TWOFACTOR_TEST_DELIVERY "/smtp_server.py", folder});
    gateway.emplace(std::vector<std::string>{
        kPython, TWOFACTOR_TEST_DELIVERY "/gateway_server.py", folder});
    std::filesystem::copy_file(TWOFACTOR_TEST_HELPER, folder + "/deliver");
    chmod((folder + "/deliver").c_str(), 0755);
    Run({"sh", "-c",
         "echo 127.0.0.1 localhost api.twilio.com rest.nexmo.com "
         "sns.eu-west-1.amazonaws.com gateway.test >/etc/hosts; chmod 644 "
         "/etc/hosts; echo hosts: files >>/etc/nsswitch.conf; "
         "sed -i '/^hosts:.*dns/d' /etc/nsswitch.conf"});
    AwaitFile(folder + "/smtp-ready");
    AwaitFile(folder + "/gateway-ready");
  }
};

Servers& TheServers() {
  static Servers servers;
  return servers;
}

std::string Preset(const std::string& name) {
  return ReadFile(std::string(TWOFACTOR_TEST_PRESETS "/") + name);
}

}  // namespace

DeliveryHost::DeliveryHost() {
  settings.helper = TheServers().folder + "/deliver";
  settings.config = FileOf("twofactor-delivery.conf");
  settings.time = std::chrono::seconds(10);
  Put("email.txt", Preset("email.txt"), 0644);
  Put("notice.txt", Preset("notice.txt"), 0644);
  // Who needs credentials can read them, and no more.
  Put("password", "open sesame\n", 0640);
  Put("secret", "s3cret&key\n", 0640);
  Run({"chgrp", "_twofactor", FileOf("password"), FileOf("secret")});
  for (const char* name : {"mailbox", "messages", "dialogue"})
    unlink(Shared(name).c_str());
}

std::string DeliveryHost::Shared(const std::string& name) {
  return TheServers().folder + "/" + name;
}

std::string DeliveryHost::Put(const std::string& name, std::string_view content,
                              unsigned mode) const {
  WriteFile(FileOf(name), content);
  chmod(FileOf(name).c_str(), mode);
  return FileOf(name);
}

void DeliveryHost::Configure(const std::string& lines) {
  Put("twofactor-delivery.conf", lines, 0644);
}

void DeliveryHost::ConfigureSmtp(int port, const std::string& more) {
  Configure(
      "email = smtp\nemail_from = host@example.org\n"
      "email_from_name = Zoë's host\nemail_template = " +
      FileOf("email.txt") + "\nnotice_template = " + FileOf("notice.txt") +
      "\nsmtp_server = localhost\nsmtp_port = " + std::to_string(port) +
      "\nsmtp_ca_file = " + Shared("ca.pem") +
      "\nsmtp_user = host\nsmtp_password_file = " + FileOf("password") + "\n" +
      more);
}

void DeliveryHost::ConfigureSms(const std::string& name,
                                const std::string& more) {
  Put(name, Preset("sms/" + name), 0644);
  Configure("sms = http\nsms_gateway = " + FileOf(name) +
            "\nsms_from = +4915100000000\nsms_account = AC123\n"
            "sms_region = eu-west-1\nsms_key = " +
            (name == "aws-sns.conf" ? "AKID" : "AC123") +
            "\nsms_ca_file = " + Shared("ca.pem") +
            "\nsms_secret_file = " + FileOf("secret") + "\n" + more);
}

std::string DeliveryHost::DeliveryLines() const {
  return "delivery_timeout = 5s\ndelivery_config = " + settings.config +
         "\ndelivery_helper = " + settings.helper + "\n";
}

void DeliveryHost::EnrollAddress(const std::string& kind,
                                 const std::string& address,
                                 const std::string& user) const {
  std::string output;
  EXPECT(Tool({"enroll", kind, "--user", user, "--no-confirm", address},
              &output) == 0,
         "%s", output.c_str());
}

void DeliveryHost::PretendHelper(const std::string& script) {
  settings.helper = Put("pretended", "#!/bin/sh\n" + script, 0755);
  Configure("");
}

DeliveryReport DeliveryHost::Deliver(const std::string& address,
                                     Detail detail) {
  const Message message{.kind = MessageKind::kAddressCheck,
                        .address = address,
                        .user = "alice",
                        .code = Secret::CopyOf(AsBytes(kSentCode)),
                        .good_for = std::chrono::minutes(15)};
  ProcessCourier courier(settings, SystemClock());
  const auto before = std::make_unique<HostState>();
  const auto after = std::make_unique<HostState>();
  ReadHostState(before.get());
  auto report = courier.Deliver(message, detail);
  ReadHostState(after.get());
  EXPECT(waitpid(-1, nullptr, WNOHANG | __WALL) == 0, "a child is left");
  EXPECT(std::string(before->text) == after->text,
         "the host is not as it was, before:\n%s\nafter:\n%s", before->text,
         after->text);
  if (report) return std::move(*report);
  return {Stage::kInternal, report.error().context, {}};
}

void DieWhileSending(const TestHost& host, const std::string& user,
                     const std::string& word) {
  const Process login = StartPlainHost(host, {{user, word}});
  AwaitFile(DeliveryHost::Shared("dialogue"));
  login.Kill(SIGKILL);
  // As who stops what is left of a connection's unit.
  Run({"pkill", "-TERM", "-u", "_twofactor"});
  Run({"pkill", "-TERM", "plain_host"});
}

void AwaitFile(const std::string& path) {
  for (int tries = 0; tries < 500 && !Exists(path); ++tries) usleep(20000);
  EXPECT(Exists(path), "%s did not come", path.c_str());
}

std::string AwaitMail() {
  AwaitFile(DeliveryHost::Shared("mailbox"));
  return ReadFile(DeliveryHost::Shared("mailbox"));
}

// {code} is the first line of the default mail.
std::string MailedCode() {
  const std::string mail = ReadFile(DeliveryHost::Shared("mailbox"));
  const auto at = mail.find("\r\n\r\n");
  EXPECT(at != std::string::npos, "no mail: %s", mail.c_str());
  return mail.substr(at + 4, mail.find("\r\n", at + 4) - at - 4);
}

// {code} is the first word of the default text.
std::string TextedCode() {
  const std::string messages = ReadFile(DeliveryHost::Shared("messages"));
  const auto end = messages.find(" is your code for alice");
  EXPECT(end != std::string::npos && end >= 6, "no message: %s",
         messages.c_str());
  return messages.substr(end - 6, 6);
}

void ExpectReport(const DeliveryReport& report, Stage stage,
                  std::string_view part, const char* row) {
  std::string steps;
  for (const std::string& step : report.steps) steps += step + "\n";
  EXPECT(report.stage == stage && report.text.find(part) != std::string::npos,
         "%s: %s, '%s'\n%s%s", row, StageName(report.stage),
         report.text.c_str(), steps.c_str(),
         ReadFile(DeliveryHost::Shared("gateway-errors")).c_str());
  EXPECT((report.text + steps).find(kSentCode) == std::string::npos,
         "%s: the code shows", row);
}

}  // namespace twofactor::test
