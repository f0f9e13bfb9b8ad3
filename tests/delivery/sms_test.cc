// SPDX-License-Identifier: Apache-2.0
//
// sms_test.cc - text messages through the presets' gateways.

#include <unistd.h>

#include "tests/delivery/delivery_host.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

constexpr char kNumber[] = "+4915112345678";

CASE(presets_ask_as_their_providers_document) {
  DeliveryHost host;
  for (const char* preset : {"twilio.conf", "vonage.conf", "aws-sns.conf"}) {
    host.ConfigureSms(preset,
                      "sms_text = {code} \"quoted\" & 100% für {user}\n");
    ExpectReport(host.Deliver(kNumber, Detail::kSteps), Stage::kDone, "HTTP 20",
                 preset);
  }
  const std::string messages = ReadFile(host.Shared("messages"));
  for (const char* part :
       {"{\"host\": \"api.twilio.com\", \"to\": \"+4915112345678\", \"from\": "
        "\"+4915100000000\", \"text\": \"7K3M-9QXP-T2WA \\\"quoted\\\" & 100% "
        "f\\u00fcr alice\"}",
        "{\"host\": \"rest.nexmo.com\", \"to\": \"4915112345678\", \"from\": "
        "\"+4915100000000\", \"text\": \"7K3M-9QXP-T2WA \\\"quoted\\\" & 100% "
        "f\\u00fcr alice\"}",
        "{\"host\": \"sns.eu-west-1.amazonaws.com\", \"to\": "
        "\"+4915112345678\", \"from\": \"\", \"text\": \"7K3M-9QXP-T2WA "
        "\\\"quoted\\\" & 100% f\\u00fcr alice\"}"})
    EXPECT(messages.find(part) != std::string::npos, "no %s in\n%s", part,
           messages.c_str());
}

CASE(gateways_that_fail_are_told_apart) {
  DeliveryHost host;
  host.settings.time = std::chrono::seconds(2);
  host.ConfigureSms("twilio.conf");
  struct {
    const char* number;
    Stage stage;
    const char* part;
  } const rows[] = {
      {"+4915112345401", Stage::kAuth, "HTTP 401: {\"code\":20003"},
      {"+4915112345429", Stage::kRefused, "HTTP 429"},
      {"+4915112345500", Stage::kRefused, "HTTP 500"},
      {"+4915112345302", Stage::kRefused, "redirects are not followed"},
      {"+4915112345307", Stage::kRefused, "redirects are not followed"},
      {"+4915112345997", Stage::kRefused, "HTTP 201"},
      {"+4915112345996", Stage::kRefused, "too much"},
      {"+4915112345995", Stage::kConnect, ""},
      {"+4915112345998", Stage::kTimeout, ""},
      {"+4915112345994", Stage::kRefused, "no ?[2J [hidden] [hidden]"},
      {"+4915112345993", Stage::kRefused,
       "{\"you\":\"Basic [hidden]\",\"key\":\"[hidden]\"}"},
  };
  for (const auto& row : rows)
    ExpectReport(host.Deliver(row.number, Detail::kSteps), row.stage, row.part,
                 row.number);
}

CASE(credentials_and_certificates_count) {
  DeliveryHost host;
  host.Put("secret", "wrong\n", 0600);
  Run({"chown", "_twofactor", host.FileOf("secret")});
  host.ConfigureSms("twilio.conf");
  ExpectReport(host.Deliver(kNumber), Stage::kAuth, "401", "twilio");
  host.ConfigureSms("vonage.conf");
  ExpectReport(host.Deliver(kNumber), Stage::kRefused, "Bad Credentials",
               "vonage");
  host.ConfigureSms("aws-sns.conf");
  ExpectReport(host.Deliver(kNumber), Stage::kAuth, "SignatureDoesNotMatch",
               "sns");
  // The certificate is not one for this name, nor is its CA the system's.
  host.Put("own.conf", "url = https://gateway.elsewhere/\n", 0644);
  Run({"sh", "-c", "echo 127.0.0.1 gateway.elsewhere >>/etc/hosts"});
  const auto own = [&](const std::string& lines) {
    host.Configure("sms = http\nsms_gateway = " + host.FileOf("own.conf") +
                   "\n" + lines);
    return host.Deliver(kNumber);
  };
  ExpectReport(own("sms_ca_file = " + host.Shared("ca.pem") + "\n"),
               Stage::kTls, "", "name");
  host.Put("own.conf", "url = https://gateway.test/\n", 0644);
  ExpectReport(own(""), Stage::kTls, "", "CA");
  host.Put("own.conf", "url = http://gateway.test/\n", 0644);
  ExpectReport(own(""), Stage::kConfig, "bad value", "plain HTTP");
  host.Put("own.conf", "url = https://no-such-host.test/\n", 0644);
  ExpectReport(own(""), Stage::kDns, "", "DNS");
  host.Put("own.conf", "url = https://gateway.test/\n", 0644);
  ExpectReport(own("proxy = http://127.0.0.1:9\n"), Stage::kConnect, "",
               "proxy");
}

}  // namespace
