// SPDX-License-Identifier: Apache-2.0
//
// config_test.cc - what twofactor.conf may say, and how it is told what is
// wrong, with file and line.

#include "core/session/config.h"

#include <set>

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace std::string_view_literals;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Config Parse(std::string_view text) {
  Config config;
  ExpectOk(ParseConfig(text, "x.conf", config), text);
  return config;
}

std::string Complaint(std::string_view text) {
  Config config;
  return ExpectError(ParseConfig(text, "x.conf", config), ErrorCode::kConfig,
                     text);
}

void empty_file_is_the_defaults() {
  for (std::string_view text :
       {""sv, "\n"sv, "\n\n\n"sv, "# only\n  # this"sv, " \t \n"sv}) {
    const Config config = Parse(text);
    ExpectEqual(config.second_factor, SecondFactor::kRequired);
    Expect(config.services ==
           std::vector<std::string>{"sshd", "login", "su", "sudo"});
    ExpectEqual(config.users, UserSource::kSystem);
    ExpectEqual(config.user_names, UserNameFolding::kExact);
    ExpectEqual(config.prompt, "Verification code: ");
    ExpectEqual(config.echo, Echo::kOn);
    ExpectEqual(config.totp_tolerance.window, 1);
    ExpectEqual(config.totp_tolerance.max_drift, 2);
    Expect(config.verify_limits.source == RateLimit{5, minutes(15)});
    Expect(config.verify_limits.strangers == RateLimit{20, minutes(15)});
    ExpectEqual(config.verify_limits.failures_per_30_days, 100);
    ExpectEqual(config.verify_limits.failures_per_day, 5);
    ExpectEqual(config.issuer, "");
    Expect(config.totp_parameters == TotpParameters{});
    ExpectEqual(config.totp_key_bytes, 20);
    ExpectEqual(config.paths.keys, "/etc/twofactor");
    ExpectEqual(config.paths.state, "/var/lib/twofactor");
    ExpectEqual(config.paths.runtime, "/run/twofactor");
  }
}

// What the manual and the shipped file show as default is the default.
void shown_defaults_are_the_defaults() {
  const Config built_in;
  std::set<std::string_view> names;
  for (const ConfigKey& key : ConfigKeys()) {
    Expect(names.insert(key.name).second, key.name);
    Expect(!key.domain.empty() && !key.meaning.empty(), key.name);
    const Config config = Parse(std::string(key.name) + " = " +
                                std::string(key.default_value) + "\n");
    ExpectEqual(config.second_factor, built_in.second_factor);
    Expect(config.services == built_in.services, key.name);
    ExpectEqual(config.users, built_in.users);
    ExpectEqual(config.user_names, built_in.user_names);
    ExpectEqual(config.prompt, built_in.prompt, key.name);
    ExpectEqual(config.echo, built_in.echo);
    ExpectEqual(config.totp_tolerance.window, built_in.totp_tolerance.window);
    ExpectEqual(config.totp_tolerance.max_drift,
                built_in.totp_tolerance.max_drift);
    Expect(config.verify_limits.source == built_in.verify_limits.source);
    Expect(config.verify_limits.strangers == built_in.verify_limits.strangers);
    ExpectEqual(config.verify_limits.failures_per_30_days,
                built_in.verify_limits.failures_per_30_days);
    ExpectEqual(config.verify_limits.failures_per_day,
                built_in.verify_limits.failures_per_day);
    ExpectEqual(config.issuer, built_in.issuer);
    Expect(config.totp_parameters == built_in.totp_parameters, key.name);
    ExpectEqual(config.totp_key_bytes, built_in.totp_key_bytes);
    ExpectEqual(config.paths.keys, built_in.paths.keys);
    ExpectEqual(config.paths.state, built_in.paths.state);
    ExpectEqual(config.paths.runtime, built_in.paths.runtime);
  }
  Expect(names.size() >= 19);
}

void every_key_is_taken() {
  const Config config = Parse(
      "second_factor = optional\n"
      "services = sshd  cockpit vpn.example\n"
      "users = any\n"
      "user_names = lower\n"
      "prompt = \"Code, please: \"\n"
      "echo = no\n"
      "totp_window = 2\n"
      "totp_drift = 0\n"
      "verify_limit = 3 / 1h\n"
      "verify_limit_strangers = 10 / 600\n"
      "verify_limit_month = 50\n"
      "verify_limit_day = 2\n"
      "issuer = Example & S\xC3\xB6hne\n"
      "totp_algorithm = sha512\n"
      "totp_digits = 8\n"
      "totp_period = 1min\n"
      "totp_key_bytes = 64\n"
      "keys_folder = /a/keys\n"
      "state_folder = /a/state\n"
      "runtime_folder = /a/run");  // No line end: still a line.
  ExpectEqual(config.second_factor, SecondFactor::kOptional);
  Expect(config.services ==
         std::vector<std::string>{"sshd", "cockpit", "vpn.example"});
  ExpectEqual(config.users, UserSource::kAny);
  ExpectEqual(config.user_names, UserNameFolding::kLower);
  ExpectEqual(config.prompt, "Code, please: ");
  ExpectEqual(config.echo, Echo::kOff);
  ExpectEqual(config.totp_tolerance.window, 2);
  ExpectEqual(config.totp_tolerance.max_drift, 0);
  Expect(config.verify_limits.source == RateLimit{3, minutes(60)});
  Expect(config.verify_limits.strangers == RateLimit{10, minutes(10)});
  ExpectEqual(config.verify_limits.failures_per_30_days, 50);
  ExpectEqual(config.verify_limits.failures_per_day, 2);
  ExpectEqual(config.issuer, "Example & S\xC3\xB6hne");
  ExpectEqual(config.totp_parameters.algorithm, HashAlgorithm::kSha512);
  ExpectEqual(config.totp_parameters.digits, 8);
  ExpectEqual(config.totp_parameters.period, seconds(60));
  ExpectEqual(config.totp_key_bytes, 64);
  ExpectEqual(config.paths.keys, "/a/keys");
  ExpectEqual(config.paths.state, "/a/state");
  ExpectEqual(config.paths.runtime, "/a/run");
}

void blanks_around_key_and_value_do_not_count() {
  for (const char* text :
       {"echo=no", "echo = no", "\t echo\t=\tno \t", "echo =no\n\n"})
    ExpectEqual(Parse(text).echo, Echo::kOff, text);
}

void quotes_keep_blanks() {
  ExpectEqual(Parse("prompt = \"  a b  \"").prompt, "  a b  ");
  ExpectEqual(Parse("prompt =   a b  ").prompt, "a b");
  ExpectEqual(Parse("prompt = \"#\"").prompt, "#");
  ExpectEqual(Parse("issuer = \"\"").issuer, "");
}

void bad_values_are_refused_with_the_domain() {
  const std::string_view rows[] = {
      "second_factor = ",
      "second_factor = Required",
      "second_factor = off",
      "second_factor = no",
      "services = ",
      "services = a/b",
      "services = sshd,login",
      "services = SSHD",  // Linux-PAM folds service names to lower case.
      "users = all",
      "user_names = upper",
      "prompt = ",
      "prompt = \"\"",
      "echo = on",
      "echo = 1",
      "totp_window = 3",
      "totp_window = -1",
      "totp_window = 1.5",
      "totp_window = 1 # one",
      "totp_window = 0x1",
      "totp_window = +1",
      "totp_window = 99999999999999999999",
      "totp_drift = 3",
      "verify_limit = 5",
      "verify_limit = 0 / 15min",
      "verify_limit = 21 / 15min",
      "verify_limit = 5 / 0",
      "verify_limit = 5 / 15m",
      "verify_limit = 5 / 15 min",
      "verify_limit = 5 / 86401s",
      "verify_limit = 5 / 2d",
      "verify_limit = 5 / 1000001",
      "verify_limit = 5 / 15min / 2",
      "verify_limit = -5 / 15min",
      "verify_limit = / 15min",
      "verify_limit_strangers = 21 / 15min",
      "verify_limit_month = 0",
      "verify_limit_month = 256",
      "verify_limit_day = 0",
      "verify_limit_day = 101",
      "totp_algorithm = md5",
      "totp_algorithm = SHA1",
      "totp_digits = 5",
      "totp_digits = 9",
      "totp_period = 14s",
      "totp_period = 301s",
      "totp_period = 6min",
      "totp_key_bytes = 15",
      "totp_key_bytes = 65",
      "keys_folder = etc",
      "keys_folder = /",
      "keys_folder = /etc/",
      "state_folder = ",
      "runtime_folder = ./run",
  };
  for (std::string_view row : rows) {
    const std::string complaint = Complaint("# first\n" + std::string(row));
    ExpectContains(complaint, "x.conf:2: bad value", row);
    ExpectContains(complaint, row.substr(0, row.find(' ')), row);
  }
}

void limits_of_values_are_taken() {
  for (std::string_view text :
       {"verify_limit = 1 / 1s", "verify_limit = 20 / 1d",
        "verify_limit = 20 / 86400", "verify_limit_month = 1",
        "verify_limit_month = 255", "verify_limit_day = 100",
        "totp_period = 15", "totp_period = 5min", "totp_key_bytes = 16",
        "totp_digits = 7"})
    Parse(text);
  Parse("prompt = " + std::string(200, 'p'));
  Complaint("prompt = " + std::string(201, 'p'));
  Parse("issuer = " + std::string(64, 'i'));
  Complaint("issuer = " + std::string(65, 'i'));
}

void lines_that_are_no_setting_are_refused_by_name() {
  struct {
    std::string_view text;
    std::string_view complaint;
  } const rows[] = {
      {"echo\n", "x.conf:1: no \"=\" after \"echo\""},
      {"\n\necho no\n", "x.conf:3: no \"=\" after \"echo\""},
      {"[main]\n", "x.conf:1: unknown section \"[main]\""},
      {"= no\n", "x.conf:1: unknown key"},
      {"colour = red\n", "x.conf:1: unknown key \"colour\""},
      {"echo = no\n# c\necho = yes\n", "x.conf:3: key \"echo\" stands twice"},
      {"echo = no\necho = no\n", "x.conf:2: key \"echo\" stands twice"},
      {"; comment\n", "x.conf:1:"},
      {"include other.conf\n", "x.conf:1:"},
  };
  for (const auto& row : rows)
    ExpectContains(Complaint(row.text), row.complaint, row.text);
}

void nearest_key_is_named() {
  struct {
    std::string_view typed;
    std::string_view meant;
  } const rows[] = {
      {"second-factor", "second_factor"},
      {"secondfactor", "second_factor"},
      {"Second_Factor", "second_factor"},
      {"service", "services"},
      {"promt", "prompt"},
      {"ehco", "echo"},
      {"totp_windows", "totp_window"},
      {"verify_limits", "verify_limit"},
      {"user_name", "user_names"},
      {"state_dir", "state_folder"},
  };
  for (const auto& row : rows)
    ExpectContains(Complaint(std::string(row.typed) + " = x"),
                   "did you mean \"" + std::string(row.meant) + "\"",
                   row.typed);
  for (std::string_view typed :
       {"colour", "x", "completely_different_thing", "a=b"})
    ExpectLacks(Complaint(std::string(typed) + " = x"), "did you mean", typed);
}

void nearest_name_is_none_for_what_is_near_nothing() {
  const std::string_view known[] = {"alpha", "beta"};
  ExpectEqual(NearestName("alpha", known), "alpha");
  ExpectEqual(NearestName("alhpa", known), "alpha");
  ExpectEqual(NearestName("betta", known), "beta");
  ExpectEqual(NearestName("zzzzz", known), "");
  ExpectEqual(NearestName("", known), "");
  ExpectEqual(NearestName("alpha", {}), "");
  ExpectEqual(NearestName(std::string(1'000'000, 'a'), known), "");
}

// Where other parsers cut, end or guess.
void hostile_bytes_are_refused_with_their_line() {
  struct {
    const char* name;
    std::string_view text;
    int line;
  } const rows[] = {
      {"carriage return", "echo = no\r\n", 1},
      {"carriage return later", "# a\necho = no\r\n", 2},
      {"carriage return in a comment", "# a\r\necho = no\n", 1},
      {"carriage return alone", "echo = no\recho = yes", 1},
      {"nul", "echo = no\n\0second_factor = optional\n"sv, 2},
      {"nul in a value", "prompt = a\0b\n"sv, 1},
      {"nul in a comment", "# a\0b\n"sv, 1},
      {"nul at the end", "echo = no\n\0"sv, 2},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "echo = no\n",
       1},
      {"utf-16", "e\0c\0h\0o\0"sv, 1},
      {"escape", "prompt = \x1B[2J\n", 1},
      {"bell", "prompt = \a\n", 1},
      {"delete", "prompt = \x7F\n", 1},
      {"form feed", "\f\necho = no\n", 1},
      {"ill-formed utf-8", "issuer = \xFF\n", 1},
      {"c1 control", "issuer = \xC2\x9B\n", 1},
      {"no-break space",
       "\xC2\xA0"
       "echo = no\n",
       1},
  };
  for (const auto& row : rows)
    ExpectContains(Complaint(row.text),
                   "x.conf:" + std::to_string(row.line) + ": ", row.name);
}

void complaint_is_one_printable_line() {
  for (std::string_view text :
       {"\x1B[2J = x\n"sv, "\xFF = x\n"sv, "a\nb\xC2\x9B = x"sv, "[\xFF]"sv,
        "prompt\x7F = x"sv, "\xE2\x80\xAE = x"sv}) {
    const std::string complaint = Complaint(text);
    Expect(IsPrintableUtf8(complaint), complaint);
  }
  // However long the mistake is.
  Expect(Complaint(std::string(1000, 'k') + " = x").size() < 300);
}

void long_lines_are_refused_not_cut() {
  // As inih cuts at 200 bytes: the tail would be a setting of its own.
  std::string text = "# " + std::string(198, 'x') + "second_factor = optional";
  ExpectEqual(Parse(text).second_factor, SecondFactor::kRequired);
  text = "prompt = " + std::string(2000, 'x') + "\n";
  ExpectContains(Complaint(text), "x.conf:1: ");
  Parse("#" + std::string(1023, 'x'));
  ExpectContains(Complaint("#" + std::string(1024, 'x')), "x.conf:1: ");
}

void later_file_wins_and_may_repeat_a_key() {
  Config config;
  ExpectOk(ParseConfig("echo = no\n", "a.conf", config));
  ExpectOk(ParseConfig("echo = yes\nprompt = x\n", "b.conf", config));
  ExpectEqual(config.echo, Echo::kOn);
  ExpectEqual(config.prompt, "x");
}

void durations_have_a_unit_and_nothing_else() {
  const std::pair<std::string_view, seconds> rows[] = {
      {"1", seconds(1)},         {"30s", seconds(30)},
      {"15min", minutes(15)},    {"1h", minutes(60)},
      {"7d", minutes(7 * 1440)}, {"1000000", seconds(1'000'000)}};
  for (const auto& [text, expected] : rows) {
    const auto read = ParseDuration(text);
    Expect(read.has_value(), text);
    ExpectEqual(*read, expected, text);
  }
  for (std::string_view text :
       {"", "0", "0h", "-1h", "+1h", "1 h", " 1h", "1h ", "h", "1w", "1H",
        "1.5h", "1000001", "99999999999999999999d", "1hh"})
    Expect(!ParseDuration(text), text);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(empty_file_is_the_defaults),
      EXPECT_TEST(shown_defaults_are_the_defaults),
      EXPECT_TEST(every_key_is_taken),
      EXPECT_TEST(blanks_around_key_and_value_do_not_count),
      EXPECT_TEST(quotes_keep_blanks),
      EXPECT_TEST(bad_values_are_refused_with_the_domain),
      EXPECT_TEST(limits_of_values_are_taken),
      EXPECT_TEST(lines_that_are_no_setting_are_refused_by_name),
      EXPECT_TEST(nearest_key_is_named),
      EXPECT_TEST(nearest_name_is_none_for_what_is_near_nothing),
      EXPECT_TEST(hostile_bytes_are_refused_with_their_line),
      EXPECT_TEST(complaint_is_one_printable_line),
      EXPECT_TEST(long_lines_are_refused_not_cut),
      EXPECT_TEST(later_file_wins_and_may_repeat_a_key),
      EXPECT_TEST(durations_have_a_unit_and_nothing_else),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
