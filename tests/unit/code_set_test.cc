// SPDX-License-Identifier: Apache-2.0
//
// code_set_test.cc - codes that are handed out: how they are made, and how a
// record gets and loses them.

#include "core/session/code_set.h"

#include <algorithm>
#include <set>

#include "core/factor/backup_code.h"
#include "core/session/judgement.h"
#include "core/session/throttle.h"
#include "tests/unit/judged.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;

namespace {

constexpr std::uint64_t kDevice = 1;

struct Desk {
  TemporaryStore temporary;
  Config config;

  Desk() { temporary.Enroll("alice", "phone", kDevice); }

  const Moment& moment() const { return temporary.clock.moment; }
  NewCodes Backup(int count = 3) const {
    return ExpectOk(MakeBackupCodes(count, moment()));
  }
  NewCodes Bypass(int uses = 1,
                  std::chrono::seconds lifetime = std::chrono::hours(1)) const {
    return ExpectOk(MakeBypass({uses, lifetime, "lost phone"}, moment()));
  }

  template <typename Edit>
  Result<void> Change(const Edit& edit) {
    return temporary.store->Change(
        User("alice"), [&](Record record, const Moment&) -> Result<Record> {
          RETURN_IF_ERROR(edit(record));
          return record;
        });
  }
  Result<void> Add(const NewCodes& made) {
    return Change([&](Record& record) { return AddCodeSet(made.set, record); });
  }
  Record Read() { return ExpectOk(temporary.store->Read(User("alice"))); }

  Judgement LogIn(std::string_view typed) {
    const Answer answer = ClassifyAnswer(AsBytes(typed), "alice");
    return ExpectOk(temporary.store->Update<Judgement>(
        User("alice"), [&](const Enrollment& enrollment, const Moment& now,
                           StateChange& change) {
          return Judge(config, {AsText(answer.code.Expose()), {}, answer.kind},
                       enrollment, now, change);
        }));
  }
  Judgement LogIn(const NewCodes& made, std::size_t which = 0) {
    return LogIn(AsText(made.codes[which].Expose()));
  }
};

void codes_are_distinct_and_only_their_hashes_are_kept() {
  const Desk desk;
  const NewCodes made = desk.Backup(32);
  ExpectEqual(made.codes.size(), 32u);
  ExpectEqual(made.set.hashes.size(), 32u);
  Expect(made.set.kind == CodeSet::Kind::kBackup);
  ExpectEqual(made.set.created, desk.moment().now);
  ExpectEqual(made.set.key.size(), kCodeKeySize);
  std::set<std::string> texts;
  for (std::size_t i = 0; i < made.codes.size(); ++i) {
    const std::string_view text = AsText(made.codes[i].Expose());
    Expect(texts.emplace(text).second);
    ExpectEqual(text.size(), 14u);
    const auto code = ReadBackupCode(text);
    Expect(code.has_value(), text);
    Expect(ExpectOk(HashCode(made.set.key.Expose(), code->Expose())) ==
           made.set.hashes[i]);
  }
}

void every_set_has_an_id_and_a_key_of_its_own() {
  const Desk desk;
  const NewCodes one = desk.Backup();
  const NewCodes other = desk.Backup();
  Expect(one.set.id != other.set.id);
  Expect(!std::ranges::equal(one.set.key.Expose(), other.set.key.Expose()));
}

void counts_and_reasons_outside_of_their_domain_are_refused() {
  const Moment moment = FakeClock().moment;
  for (int count : {-1, 0, 33, 1000})
    ExpectError(MakeBackupCodes(count, moment), ErrorCode::kInvalid);
  for (int count : {1, 32}) ExpectOk(MakeBackupCodes(count, moment));
  const auto hour = std::chrono::hours(1);
  for (int uses : {-1, 0, 101})
    ExpectError(MakeBypass({uses, hour, "why"}, moment), ErrorCode::kInvalid);
  for (int uses : {1, 100}) ExpectOk(MakeBypass({uses, hour, "why"}, moment));
  for (std::int64_t seconds : {-1, 0, 7 * 86400 + 1})
    ExpectError(MakeBypass({1, std::chrono::seconds(seconds), "why"}, moment),
                ErrorCode::kInvalid);
  ExpectOk(MakeBypass({1, kMaxBypassLifetime, "why"}, moment));
  for (const std::string& reason : {std::string(), std::string("two\nlines"),
                                    std::string("\xff"), std::string(129, 'x')})
    ExpectError(MakeBypass({1, hour, reason}, moment), ErrorCode::kInvalid);
  ExpectOk(MakeBypass({1, hour, std::string(128, 'x')}, moment));
}

void stored_code_logs_in_once() {
  Desk desk;
  const NewCodes made = desk.Backup();
  ExpectOk(desk.Add(made));
  const Judgement first = desk.LogIn(made, 1);
  ExpectEqual(first.kind, Judgement::Kind::kAccepted);
  ExpectEqual(first.method, Method::kBackupCode);
  ExpectEqual(first.codes_left.value_or(-1), 2);
  ExpectEqual(desk.LogIn(made, 1).kind, Judgement::Kind::kReplayed);
  ExpectEqual(desk.LogIn(made, 0).kind, Judgement::Kind::kAccepted);
}

void second_set_of_a_kind_is_refused_but_for_bypasses() {
  Desk desk;
  ExpectOk(desk.Add(desk.Backup()));
  ExpectError(desk.Add(desk.Backup()), ErrorCode::kExists);
  ExpectOk(desk.Add(desk.Bypass()));
  ExpectOk(desk.Add(desk.Bypass()));
  ExpectEqual(desk.Read().enrollment->code_sets.size(), 3u);
}

void replaced_codes_are_dead_and_their_state_is_gone() {
  Desk desk;
  const NewCodes old = desk.Backup();
  ExpectOk(desk.Add(old));
  ExpectEqual(desk.LogIn(old).kind, Judgement::Kind::kAccepted);
  const NewCodes made = desk.Backup();
  ExpectOk(desk.Change([&](Record& record) {
    ExpectEqual(DropBackupCodes(record), 1u);
    return AddCodeSet(made.set, record);
  }));
  const Record record = desk.Read();
  ExpectEqual(record.state.code_sets.size(), 1u);
  ExpectEqual(CodesLeft(made.set, record.state.Find(made.set.id)), 3);
  ExpectEqual(desk.LogIn(old, 1).kind, Judgement::Kind::kRejected);
  ExpectEqual(desk.LogIn(made).kind, Judgement::Kind::kAccepted);
}

void replacing_codes_leaves_scratch_codes_and_bypasses() {
  Desk desk;
  NewCodes scratch = desk.Backup();
  scratch.set.kind = CodeSet::Kind::kScratch;
  ExpectOk(desk.Add(scratch));
  ExpectOk(desk.Add(desk.Backup()));
  const NewCodes bypass = desk.Bypass();
  ExpectOk(desk.Add(bypass));
  const NewCodes made = desk.Backup();
  ExpectOk(desk.Change([&](Record& record) {
    DropBackupCodes(record);
    return AddCodeSet(made.set, record);
  }));
  const Record record = desk.Read();
  Expect(record.enrollment->FindSet(CodeSet::Kind::kScratch)->id ==
         scratch.set.id);
  ExpectEqual(CodesLeft(scratch.set, record.state.Find(scratch.set.id)), 3);
  ExpectEqual(desk.LogIn(bypass).kind, Judgement::Kind::kAccepted);
}

void full_record_takes_a_set_in_place_of_another() {
  Desk desk;
  ExpectOk(desk.Add(desk.Backup()));
  while (desk.Read().enrollment->code_sets.size() < kMaxCodeSets)
    ExpectOk(desk.Add(desk.Bypass()));
  ExpectError(desk.Add(desk.Bypass()), ErrorCode::kCapacity);
  const NewCodes made = desk.Backup();
  ExpectOk(desk.Change([&](Record& record) {
    DropBackupCodes(record);
    return AddCodeSet(made.set, record);
  }));
  ExpectEqual(desk.LogIn(made).kind, Judgement::Kind::kAccepted);
  ExpectEqual(desk.Read().enrollment->code_sets.size(), kMaxCodeSets);
}

void bypass_works_for_its_logins_until_it_expires() {
  Desk desk;
  const NewCodes twice = desk.Bypass(2);
  ExpectOk(desk.Add(twice));
  const Judgement first = desk.LogIn(twice);
  ExpectEqual(first.kind, Judgement::Kind::kAccepted);
  ExpectEqual(first.name, "lost phone");
  ExpectEqual(desk.LogIn(twice).kind, Judgement::Kind::kAccepted);
  ExpectEqual(desk.LogIn(twice).kind, Judgement::Kind::kExpired);

  const NewCodes brief = desk.Bypass(5, std::chrono::seconds(60));
  ExpectOk(desk.Add(brief));
  desk.temporary.clock.Advance(std::chrono::seconds(59));
  ExpectEqual(desk.LogIn(brief).kind, Judgement::Kind::kAccepted);
  desk.temporary.clock.Advance(std::chrono::seconds(1));
  ExpectEqual(desk.LogIn(brief).kind, Judgement::Kind::kExpired);
}

void only_dead_bypasses_are_swept() {
  Desk desk;
  const NewCodes used = desk.Bypass();
  const NewCodes brief = desk.Bypass(1, std::chrono::seconds(60));
  const NewCodes live = desk.Bypass();
  const NewCodes backup = desk.Backup();
  for (const NewCodes* made : {&used, &brief, &live, &backup})
    ExpectOk(desk.Add(*made));
  ExpectEqual(desk.LogIn(used).kind, Judgement::Kind::kAccepted);
  desk.temporary.clock.Advance(std::chrono::seconds(60));
  ExpectOk(desk.Change([&](Record& record) -> Result<void> {
    ExpectEqual(DropDeadBypasses(record, desk.moment().now), 2u);
    return {};
  }));
  ExpectEqual(desk.Read().state.code_sets.size(), 2u);
  ExpectEqual(desk.LogIn(live).kind, Judgement::Kind::kAccepted);
  ExpectEqual(desk.LogIn(backup).kind, Judgement::Kind::kAccepted);
}

void set_that_is_taken_back_is_gone_with_its_state() {
  Desk desk;
  const NewCodes made = desk.Backup();
  ExpectOk(desk.Add(made));
  ExpectOk(desk.Change([&](Record& record) -> Result<void> {
    ExpectEqual(DropCodeSet(made.set.id, record), 1u);
    return {};
  }));
  const Record record = desk.Read();
  Expect(record.enrollment->code_sets.empty());
  Expect(record.state.code_sets.empty());
  ExpectEqual(desk.LogIn(made).kind, Judgement::Kind::kRejected);
}

void neither_unlock_nor_repair_revives_what_was_spent() {
  Desk desk;
  const NewCodes made = desk.Backup();
  const NewCodes bypass = desk.Bypass();
  ExpectOk(desk.Add(made));
  ExpectOk(desk.Add(bypass));
  ExpectEqual(desk.LogIn(made).kind, Judgement::Kind::kAccepted);
  ExpectEqual(desk.LogIn(bypass).kind, Judgement::Kind::kAccepted);
  ExpectOk(desk.Change([](Record& record) -> Result<void> {
    ClearFailures(record.state);
    return {};
  }));
  ExpectEqual(desk.LogIn(made).kind, Judgement::Kind::kReplayed);
  ExpectEqual(desk.LogIn(bypass).kind, Judgement::Kind::kExpired);
  // The lockout file is lost: everything counts as spent.
  WriteFile(desk.temporary.LockoutFile("alice"), std::string(1, 'x'));
  ExpectOk(desk.temporary.store->Repair(User("alice")));
  for (std::size_t i = 0; i < made.codes.size(); ++i)
    ExpectEqual(desk.LogIn(made, i).kind, Judgement::Kind::kReplayed);
  ExpectEqual(desk.LogIn(bypass).kind, Judgement::Kind::kExpired);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(codes_are_distinct_and_only_their_hashes_are_kept),
      EXPECT_TEST(every_set_has_an_id_and_a_key_of_its_own),
      EXPECT_TEST(counts_and_reasons_outside_of_their_domain_are_refused),
      EXPECT_TEST(stored_code_logs_in_once),
      EXPECT_TEST(second_set_of_a_kind_is_refused_but_for_bypasses),
      EXPECT_TEST(replaced_codes_are_dead_and_their_state_is_gone),
      EXPECT_TEST(replacing_codes_leaves_scratch_codes_and_bypasses),
      EXPECT_TEST(full_record_takes_a_set_in_place_of_another),
      EXPECT_TEST(bypass_works_for_its_logins_until_it_expires),
      EXPECT_TEST(only_dead_bypasses_are_swept),
      EXPECT_TEST(set_that_is_taken_back_is_gone_with_its_state),
      EXPECT_TEST(neither_unlock_nor_repair_revives_what_was_spent),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
