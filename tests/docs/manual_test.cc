// SPDX-License-Identifier: Apache-2.0
//
// manual_test.cc - what is documented is what is there: keys, arguments,
// verbs, exit codes, reasons in the log, and the files that pages point at.

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/session/config.h"
#include "pam_module/arguments.h"
#include "setup_tool/exit_code.h"
#include "setup_tool/verb.h"
#include "tests/docs/document.h"
#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

constexpr char kConfiguration[] = "conf/twofactor.conf";

// "#key = value" as "key = value"; empty for any other line.
std::string Setting(const std::string& line) {
  const bool is_setting = line.size() > 1 && line[0] == '#' && line[1] != ' ' &&
                          Contains(line, " = ");
  return is_setting ? line.substr(1) : "";
}

void shipped_configuration_shows_every_key_at_its_default() {
  std::set<std::string> settings;
  for (const std::string& line : LinesOf(ReadDocument(kConfiguration)))
    if (const std::string setting = Setting(line); !setting.empty())
      Expect(settings.insert(setting).second, setting + " stands twice");
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string setting =
        std::string(key.name) + " = " + std::string(key.default_value);
    Expect(settings.erase(setting) == 1, setting + " is not there");
  }
  Expect(settings.empty(),
         settings.empty() ? "" : *settings.begin() + " is no key");
}

void shipped_configuration_says_what_each_key_means() {
  std::string comment;
  std::size_t keys = 0;
  for (const std::string& line : LinesOf(ReadDocument(kConfiguration))) {
    if (line.empty()) comment.clear();
    if (line.starts_with("# ")) comment += line.substr(2) + " ";
    const std::string setting = Setting(line);
    if (setting.empty()) continue;
    const auto key = std::ranges::find(
        ConfigKeys(), setting.substr(0, setting.find(' ')), &ConfigKey::name);
    Expect(key != ConfigKeys().end(), setting);
    const std::string expected =
        std::string(key->meaning) + " (" + std::string(key->domain) + ") ";
    ExpectEqual(comment, expected, setting);
    ++keys;
  }
  ExpectEqual(keys, ConfigKeys().size());
}

void shipped_configuration_is_good_with_and_without_its_comment_signs() {
  Config as_it_is;
  Expect(ParseConfig(ReadDocument(kConfiguration), "as it is", as_it_is)
             .has_value());
  std::string text;
  for (const std::string& line : LinesOf(ReadDocument(kConfiguration)))
    text += Setting(line) + "\n";
  Config all_set;
  const auto parsed = ParseConfig(text, "all set", all_set);
  Expect(parsed.has_value(), parsed ? "" : parsed.error().context);
  ExpectEqual(all_set.prompt, Config().prompt);
  ExpectEqual(all_set.services.size(), Config().services.size());
  Expect(all_set.verify_limits.source == Config().verify_limits.source);
}

void manual_of_the_configuration_names_every_key_and_no_other() {
  const std::string manual = ReadDocument("man/twofactor.conf.5");
  const auto items = CommandItems(Section(manual, "KEYS"));
  for (const ConfigKey& key : ConfigKeys()) {
    const auto item = std::ranges::find(items, key.name, &Item::head);
    Expect(item != items.end(), key.name);
    const std::string text = PlainText(item->body);
    const std::string rest = "Domain: " + std::string(key.domain) +
                             ". Default: " + std::string(key.default_value);
    Expect(text.starts_with(key.meaning), text);
    Expect(Contains(text, OneSpaced(rest)), text + " lacks " + rest);
  }
  ExpectEqual(items.size(), ConfigKeys().size());
}

// The words in arguments.cc's own table of them.
std::vector<std::string> ModuleArguments() {
  std::string source = ReadDocument("pam_module/arguments.cc");
  const auto begin = source.find("kKnownWords = {");
  Expect(begin != std::string::npos, "no table of words in arguments.cc");
  source = source.substr(begin, source.find('}', begin) - begin);
  std::vector<std::string> words;
  for (auto at = source.find('"'); at != std::string::npos;
       at = source.find('"', at)) {
    const auto end = source.find('"', at + 1);
    words.push_back(source.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

void manual_of_the_module_names_every_argument_and_no_other() {
  const std::string manual = ReadDocument("man/pam_twofactor.8");
  const auto items = CommandItems(Section(manual, "ARGUMENTS"));
  const auto words = ModuleArguments();
  ExpectEqual(items.size(), words.size());
  for (const std::string& word : words) {
    const auto item = std::ranges::find_if(items, [&word](const Item& each) {
      return each.head.starts_with(word);
    });
    Expect(item != items.end(), word);
    const std::string given = word.ends_with('=') ? word + "/file" : word;
    const char* const argument = given.c_str();
    Expect(ParseArguments({&argument, 1}).has_value(), word);
  }
}

void manual_of_the_tool_names_every_verb() {
  const std::string text = PlainText(ReadDocument("man/twofactor.8"));
  for (const tool::VerbRow& row : tool::VerbTable())
    Expect(Contains(text, row.name), row.name);
}

void manual_of_the_tool_names_every_exit_code() {
  const std::string manual = ReadDocument("man/twofactor.8");
  const std::string text = PlainText(Section(manual, "EXIT STATUS"));
  for (const tool::ExitCodeMeaning& row : tool::ExitCodeMeanings())
    Expect(Contains(text, std::to_string(static_cast<int>(row.code))),
           row.meaning);
}

void page_of_security_names_every_reason_of_an_error() {
  const std::string page = ReadDocument("docs/SECURITY.md");
  const std::string names = page.substr(page.find("## Logs"));
  for (int code = 0; code < static_cast<int>(ErrorCode::kConversation);
       ++code) {
    const std::string name = ErrorName(static_cast<ErrorCode>(code));
    Expect(Contains(names, "`" + name + "`"), name);
  }
}

void manual_and_page_name_every_reason_of_a_decision() {
  const std::string page = ReadDocument("docs/SECURITY.md");
  const std::string manual = ReadDocument("man/pam_twofactor.8");
  std::set<std::string> reasons;
  for (const char* file :
       {"core/session/login_session.cc", "pam_module/phases.cc"}) {
    for (const std::string& line : LinesOf(ReadDocument(file))) {
      for (std::string_view before :
           {"return \"", "Deny(request, \"", "\"reason\", \""}) {
        const auto at = line.find(before);
        if (at == std::string::npos) continue;
        const auto begin = at + before.size();
        reasons.insert(line.substr(begin, line.find('"', begin) - begin));
      }
    }
  }
  Expect(reasons.size() >= 14, "too few reasons were found in the sources");
  for (const std::string& reason : reasons) {
    Expect(Contains(page, "`" + reason + "`"), "SECURITY.md lacks " + reason);
    Expect(Contains(manual, ".It Li " + reason + "\n"),
           "pam_twofactor(8) lacks " + reason);
  }
}

bool IsOfAPath(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' ||
         c == '/' || c == '-';
}

void files_that_pages_point_at_exist() {
  for (const char* page :
       {"README.md", "docs/SECURITY.md", "docs/file-formats.md",
        "docs/migrating.md", "conf/examples/README"}) {
    const std::string text = ReadDocument(page);
    for (const char* folder : {"core/", "pam_module/", "setup_tool/", "conf/",
                               "man/", "docs/", "tests/", "scripts/"}) {
      for (auto at = text.find(folder); at != std::string::npos;
           at = text.find(folder, at + 1)) {
        if (at > 0 && IsOfAPath(text[at - 1])) continue;
        auto end = at;
        while (end < text.size() && IsOfAPath(text[end])) ++end;
        if (end < text.size() && text[end] == '*') continue;
        std::string path = text.substr(at, end - at);
        while (path.ends_with('.')) path.pop_back();
        Expect(
            std::filesystem::exists(std::string(TWOFACTOR_SOURCE) + "/" + path),
            std::string(page) + ": " + path);
      }
    }
  }
}

void pages_and_example_give_the_same_lines_for_sshd_config() {
  for (const char* page : {"README.md", "man/pam_twofactor.8",
                           "conf/examples/sshd-password-code"}) {
    const std::string text = ReadDocument(page);
    for (const char* line :
         {"KbdInteractiveAuthentication yes\n", "PasswordAuthentication no\n",
          "UsePAM yes\n", "AuthenticationMethods keyboard-interactive\n"})
      Expect(Contains(text, line), std::string(page) + " lacks " + line);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(shipped_configuration_shows_every_key_at_its_default),
      EXPECT_TEST(shipped_configuration_says_what_each_key_means),
      EXPECT_TEST(
          shipped_configuration_is_good_with_and_without_its_comment_signs),
      EXPECT_TEST(manual_of_the_configuration_names_every_key_and_no_other),
      EXPECT_TEST(manual_of_the_module_names_every_argument_and_no_other),
      EXPECT_TEST(manual_of_the_tool_names_every_verb),
      EXPECT_TEST(manual_of_the_tool_names_every_exit_code),
      EXPECT_TEST(page_of_security_names_every_reason_of_an_error),
      EXPECT_TEST(manual_and_page_name_every_reason_of_a_decision),
      EXPECT_TEST(files_that_pages_point_at_exist),
      EXPECT_TEST(pages_and_example_give_the_same_lines_for_sshd_config),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
