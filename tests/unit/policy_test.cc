// SPDX-License-Identifier: Apache-2.0
//
// policy_test.cc - who may skip: one row of the table, and no other; and which
// account a name is.

#include "core/session/policy.h"

#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

void zero_of_every_decision_denies() {
  Expect(Requirement{} == Requirement::kRequired);
  Expect(Skip{} == Skip::kForbidden);
  Expect(Presence{} == Presence::kRecord);
  Expect(AccountStatus{} == AccountStatus::kUnknown);
  Expect(SecondFactor{} == SecondFactor::kRequired);
  Expect(Ruling{}.requirement == Requirement::kRequired);
}

void services_are_matched_whole() {
  Config config;
  config.services = {"sshd", "su"};
  struct {
    const char* service;
    Requirement requirement;
  } const rows[] = {
      {"sshd", Requirement::kRequired}, {"su", Requirement::kRequired},
      {"sudo", Requirement::kOff},      {"ssh", Requirement::kOff},
      {"SSHD", Requirement::kOff},      {"", Requirement::kOff},
      {"sshd ", Requirement::kOff},     {"cron", Requirement::kOff},
  };
  for (const auto& row : rows)
    ExpectEqual(RuleForService(config, row.service).requirement,
                row.requirement, row.service);
}

void setting_decides_for_listed_services_only() {
  Config config;
  config.second_factor = SecondFactor::kOptional;
  ExpectEqual(RuleForService(config, "sshd").requirement,
              Requirement::kOptional);
  ExpectEqual(RuleForService(config, "sshd").rule, "second_factor");
  ExpectEqual(RuleForService(config, "cron").requirement, Requirement::kOff);
  ExpectEqual(RuleForService(config, "cron").rule, "services");
}

void only_one_row_may_skip() {
  const UserName alice = ExpectOk(UserName::Create("alice"));
  const Result<Presence> presences[] = {
      Presence::kAbsent,
      Presence::kRecord,
      Presence::kUnseen,
      Fail(ErrorCode::kStoreMissing, ""),
      Fail(ErrorCode::kNeedsRepair, ""),
      Fail(ErrorCode::kCorrupt, ""),
      Fail(ErrorCode::kNotFound, ""),  // An error all the same.
      Fail(ErrorCode::kIo, ""),
  };
  int allowed = 0;
  for (Requirement requirement :
       {Requirement::kRequired, Requirement::kOptional, Requirement::kOff})
    for (AccountStatus status :
         {AccountStatus::kUnknown, AccountStatus::kKnown})
      for (const auto& presence : presences) {
        const Skip skip =
            MaySkip({requirement, "rule"}, {alice, status}, presence);
        if (skip != Skip::kAllowed) continue;
        ++allowed;
        Expect(requirement == Requirement::kOptional);
        Expect(status == AccountStatus::kKnown);
        Expect(presence && *presence == Presence::kAbsent);
      }
  ExpectEqual(allowed, 1);
}

void system_account_has_its_canonical_name() {
  const Account root = ExpectOk(FindAccount("root", Config{}));
  ExpectEqual(root.name.text(), "root");
  ExpectEqual(root.status, AccountStatus::kKnown);
}

void name_that_the_system_does_not_know_is_unknown() {
  const Account account = ExpectOk(FindAccount("no-such-user-2f", Config{}));
  ExpectEqual(account.name.text(), "no-such-user-2f");
  ExpectEqual(account.status, AccountStatus::kUnknown);
}

void with_users_any_nobody_is_vouched_for() {
  Config config;
  config.users = UserSource::kAny;
  for (const char* name : {"root", "Alice@Example.org", "../x"}) {
    const Account account = ExpectOk(FindAccount(name, config));
    ExpectEqual(account.name.text(), name);
    ExpectEqual(account.status, AccountStatus::kUnknown);
  }
}

void names_are_folded_in_ascii_alone() {
  Config config;
  config.users = UserSource::kAny;
  config.user_names = UserNameFolding::kLower;
  ExpectEqual(ExpectOk(FindAccount("ALICE@Example.ORG", config)).name.text(),
              "alice@example.org");
  ExpectEqual(ExpectOk(FindAccount("\xC3\x84@[Z", config)).name.text(),
              "\xC3\x84@[z");
}

void names_that_no_record_can_have_are_refused() {
  for (UserSource users : {UserSource::kSystem, UserSource::kAny}) {
    Config config;
    config.users = users;
    for (const std::string& name :
         {std::string(), std::string("a\0b", 3), std::string(256, 'a')})
      ExpectError(FindAccount(name, config), ErrorCode::kInvalid);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(zero_of_every_decision_denies),
      EXPECT_TEST(services_are_matched_whole),
      EXPECT_TEST(setting_decides_for_listed_services_only),
      EXPECT_TEST(only_one_row_may_skip),
      EXPECT_TEST(system_account_has_its_canonical_name),
      EXPECT_TEST(name_that_the_system_does_not_know_is_unknown),
      EXPECT_TEST(with_users_any_nobody_is_vouched_for),
      EXPECT_TEST(names_are_folded_in_ascii_alone),
      EXPECT_TEST(names_that_no_record_can_have_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
