// SPDX-License-Identifier: Apache-2.0
//
// delivery_manual_test.cc - what is documented of delivery is what is there.

#include <algorithm>

#include "core/store/paths.h"
#include "delivery_helper/delivery_config.h"
#include "delivery_helper/gateway.h"
#include "delivery_helper/mail_message.h"
#include "tests/docs/document.h"
#include "tests/unit/expect.h"

using namespace twofactor;
using namespace twofactor::delivery;

namespace {

constexpr char kManual[] = "man/twofactor-delivery.conf.5";

void ExpectDocumented(std::span<const ConfigKey> keys, const char* section) {
  const auto items = CommandItems(Section(ReadDocument(kManual), section));
  for (const ConfigKey& key : keys) {
    const auto item = std::ranges::find(items, key.name, &Item::head);
    Expect(item != items.end(), key.name);
    const std::string text = PlainText(item->body);
    const std::string rest = "Domain: " + std::string(key.domain) +
                             ". Default: " + std::string(key.default_value);
    Expect(text.starts_with(key.meaning), text);
    Expect(Contains(text, OneSpaced(rest)), text + " lacks " + rest);
  }
  ExpectEqual(items.size(), keys.size());
}

void manual_names_every_key_and_no_other() {
  ExpectDocumented(DeliveryKeys(), "KEYS");
}

void manual_names_every_key_of_a_gateway_and_no_other() {
  ExpectDocumented(GatewayKeys(), "GATEWAYS");
}

void manual_names_every_placeholder() {
  const std::string text = PlainText(ReadDocument(kManual));
  for (std::string_view name : GatewayPlaceholders())
    Expect(Contains(text, "{" + std::string(name) + "}"), name);
}

void shipped_configuration_shows_every_key_at_its_default() {
  const std::string shipped = ReadDocument("conf/twofactor-delivery.conf");
  std::string text;
  for (const std::string& line : LinesOf(shipped))
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ')
      text += line.substr(1) + "\n";
  for (const ConfigKey& key : DeliveryKeys())
    Expect(Contains(shipped, "(" + std::string(key.domain) + ")\n#" +
                                 std::string(key.name) + " = " +
                                 std::string(key.default_value) + "\n"),
           key.name);
  ExpectOk(ParseDeliveryConfig(shipped, "as it is"));
  ExpectOk(ParseDeliveryConfig(text, "all set"));
}

// The helper runs as _twofactor, who gets into no folder of root's alone.
void files_that_pages_suggest_are_where_the_helper_gets_to() {
  for (const char* page :
       {kManual, "man/twofactor-deliver.8", "conf/twofactor-delivery.conf"}) {
    const std::string text = ReadDocument(page);
    for (const std::string& folder :
         {StorePaths().keys, StorePaths().state, StorePaths().runtime})
      for (auto at = text.find(folder); at != std::string::npos;
           at = text.find(folder, at + 1))
        Expect(text.substr(at + folder.size()).starts_with('-'),
               std::string(page) + " names " + folder);
  }
}

void shipped_templates_and_gateways_are_good() {
  ExpectOk(ParseMailTemplate(ReadDocument("conf/delivery/email.txt")));
  for (const char* name : {"aws-sns", "twilio", "vonage"})
    ExpectOk(ParseGateway(
        ReadDocument(std::string("conf/delivery/sms/") + name + ".conf"),
        name));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(manual_names_every_key_and_no_other),
      EXPECT_TEST(manual_names_every_key_of_a_gateway_and_no_other),
      EXPECT_TEST(manual_names_every_placeholder),
      EXPECT_TEST(shipped_configuration_shows_every_key_at_its_default),
      EXPECT_TEST(files_that_pages_suggest_are_where_the_helper_gets_to),
      EXPECT_TEST(shipped_templates_and_gateways_are_good),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
