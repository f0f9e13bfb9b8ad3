// SPDX-License-Identifier: Apache-2.0
//
// salvage_test.cc - what `repair` and `reset` keep of a state that is partly
// unreadable, and what they do not touch at all.

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>

#include "core/factor/backup_code.h"
#include "core/session/judgement.h"
#include "core/session/throttle.h"
#include "core/store/slot_file.h"
#include "core/store/slot_image.h"
#include "tests/unit/child_process.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using std::chrono::seconds;
using Kind = Judgement::Kind;

namespace {

constexpr TotpParameters kDefaults;
constexpr std::size_t kFailures = 3;

struct Host {
  TemporaryStore temporary;
  Config config;

  explicit Host(const char* disk_options = nullptr) : temporary(disk_options) {
    temporary.Enroll("alice");
  }
  std::string Code() const {
    return CodeAt(kDefaults, AsBytes(kRfcKey), temporary.clock.moment.now);
  }
  Kind Login(const std::string& code) {
    return ExpectOk(temporary.store->Update<Judgement>(
                        User("alice"),
                        [&](const Enrollment& enrollment, const Moment& moment,
                            StateChange& change) {
                          return Judge(config, {code, {}}, enrollment, moment,
                                       change);
                        }))
        .kind;
  }
  // A state that is worth keeping: a known source, failures, a used code.
  void LiveALittle() {
    ExpectEqual(Login(Code()), Kind::kAccepted);
    const Source source{Source::Kind::kIpv4, {192, 0, 2, 7}};
    ExpectOk(temporary.store->Update<int>(
        User("alice"),
        [&](const Enrollment& enrollment, const Moment& moment,
            StateChange& change) -> Result<int> {
          for (std::size_t i = 0; i < kFailures; ++i)
            ExpectOk(
                Judge(config, {"000000", source}, enrollment, moment, change));
          return 0;
        }));
  }
  LoginState State() {
    return ExpectOk(temporary.store->Read(User("alice"))).state;
  }
  bool HasStandIn() const {
    return std::filesystem::exists(temporary.StandInFile("alice"));
  }
  // A good stand-in whose state is newer than the disk's.
  void MakeStandIn(const LoginState& state) {
    MakeStandInFolder();
    std::array<std::uint8_t, kMaxLoginStateSize> buffer;
    const std::size_t size = ExpectOk(EncodeLoginState(state, buffer));
    const int folder =
        open((temporary.paths.runtime + "/lockout").c_str(), O_RDONLY);
    Expect(folder >= 0);
    ExpectOk(SlotFile::CreateUnlocked({folder, "alice", "alice"},
                                      Bytes(buffer).first(size), 1'000));
    close(folder);
  }
  void MakeStandInFolder() {
    mkdir(temporary.paths.runtime.c_str(), 0700);
    mkdir((temporary.paths.runtime + "/lockout").c_str(), 0700);
  }
  void MakeBadStandIn() {
    MakeStandInFolder();
    WriteFile(temporary.StandInFile("alice"), "garbage");
  }
};

// Something that only the stand-in knows.
LoginState WithDrift(LoginState state, int drift) {
  state.devices[0].drift = drift;
  return state;
}

void repair_without_an_unreadable_stand_in_keeps_the_failures_of_the_disk() {
  using Spoil = void (*)(Host&);
  const Spoil spoilers[] = {
      [](Host& host) { host.MakeBadStandIn(); },
      [](Host& host) {
        host.MakeStandIn(host.State());
        Expect(chmod(host.temporary.StandInFile("alice").c_str(), 0644) == 0);
      },
      [](Host& host) {
        host.MakeStandIn(host.State());
        Expect(truncate(host.temporary.StandInFile("alice").c_str(), 100) == 0);
      },
      [](Host& host) {
        host.MakeStandIn(host.State());
        Expect(chown(host.temporary.StandInFile("alice").c_str(), 65534, 0) ==
               0);
      },
  };
  for (const Spoil& spoil : spoilers) {
    const std::string row = std::to_string(&spoil - spoilers);
    Host host;
    host.LiveALittle();
    const LoginState before = host.State();
    spoil(host);
    Expect(!host.temporary.store->Read(User("alice")), row);

    const auto done =
        ExpectOk(host.temporary.store->Repair(User("alice")), row);
    Expect(!done.empty(), row);
    ExpectContains(done[0], "runtime folder", row);
    Expect(!host.HasStandIn(), row);

    const LoginState after = host.State();
    Expect(after.strangers == before.strangers, row);
    Expect(after.sources == before.sources, row);
    Expect(after.strangers.recent.size() >= kFailures, row);
    ExpectEqual(after.record, RecordMark::kExpected, row);
    // What was used while the stand-in was the truth is not known.
    const Kind kind = host.Login(host.Code());
    Expect(kind == Kind::kReplayed || kind == Kind::kClockBehind, row);
    host.temporary.clock.Advance(seconds(600));
    ExpectEqual(host.Login(host.Code()), Kind::kAccepted, row);
  }
}

void reset_with_an_unreadable_stand_in_keeps_the_failures_of_the_disk() {
  Host host;
  host.LiveALittle();
  const LoginState before = host.State();
  host.MakeBadStandIn();
  ExpectOk(host.temporary.store->Reset(User("alice")));
  Expect(!host.HasStandIn());
  Expect(!ExpectOk(host.temporary.store->Read(User("alice"))).enrollment);
  host.temporary.Enroll("alice", "token", 2);
  Expect(host.State().strangers == before.strangers);
  Expect(host.State().sources == before.sources);
}

// The lockout file's mark is behind, but the record is whole.
void enrollment_cut_off_before_its_mark_survives_an_unreadable_stand_in() {
  Host host;
  std::string lockout = ReadFile(host.temporary.LockoutFile("alice"));
  const auto newest = NewestSlot(AsBytes(lockout), "alice");
  Expect(newest.has_value());
  lockout.replace(newest->index * kSlotSize, kSlotSize,
                  std::string(kSlotSize, '\0'));
  WriteFile(host.temporary.LockoutFile("alice"), lockout);
  host.MakeBadStandIn();
  ExpectOk(host.temporary.store->Repair(User("alice")));
  Expect(ExpectOk(host.temporary.store->Read(User("alice")))
             .enrollment.has_value());
}

// Too few descriptors to read what is there: nothing is known to be damaged.
void error_that_says_nothing_of_the_content_is_returned() {
  using Deed = Result<void> (*)(FileStore&);
  const Deed deeds[] = {
      [](FileStore& store) -> Result<void> {
        RETURN_IF_ERROR(store.Repair(User("alice")));
        return {};
      },
      [](FileStore& store) { return store.Reset(User("alice")); },
  };
  for (const Deed& deed : deeds)
    // As many descriptors as the lockout file needs, and its stand-in's folder.
    for (rlim_t spare : {1, 2})
      InChild([&] {
        const std::string row =
            std::to_string(&deed - deeds) + " " + std::to_string(spare);
        Host host;
        host.LiveALittle();
        host.MakeStandIn(WithDrift(host.State(), 2));
        const LoginState before = host.State();
        const std::string disk = ReadFile(host.temporary.LockoutFile("alice"));
        const std::string stand_in =
            ReadFile(host.temporary.StandInFile("alice"));

        rlimit limit{};
        Expect(getrlimit(RLIMIT_NOFILE, &limit) == 0);
        const int lowest = dup(0);
        Expect(lowest >= 0 && close(lowest) == 0);
        const rlimit tight{static_cast<rlim_t>(lowest) + spare, limit.rlim_max};
        Expect(setrlimit(RLIMIT_NOFILE, &tight) == 0);
        const auto result = deed(*host.temporary.store);
        Expect(setrlimit(RLIMIT_NOFILE, &limit) == 0);

        ExpectError(result, ErrorCode::kIo, row);
        ExpectEqual(ReadFile(host.temporary.LockoutFile("alice")), disk, row);
        ExpectEqual(ReadFile(host.temporary.StandInFile("alice")), stand_in,
                    row);
        Expect(host.State() == before, row);
      });
}

void stand_in_folder_that_is_not_trusted_is_left_alone() {
  Host host;
  host.LiveALittle();
  host.MakeStandIn(WithDrift(host.State(), 2));
  const std::string folder = host.temporary.paths.runtime + "/lockout";
  Expect(chmod(folder.c_str(), 0755) == 0);
  ExpectError(host.temporary.store->Repair(User("alice")),
              ErrorCode::kUntrustedFile);
  Expect(chmod(folder.c_str(), 0700) == 0);
  ExpectEqual(host.State().devices[0].drift, 2);
}

// The stand-in is there because the disk takes no writes; without it, codes
// that were used since would be right again.
void repair_that_the_disk_refuses_does_not_bring_the_old_state_back() {
  InChild([] {
    EnterPrivateMounts();
    Host host("size=4m,mode=700");
    host.LiveALittle();
    host.temporary.clock.Advance(seconds(600));
    host.temporary.disk->MakeReadOnly();
    const std::string code = host.Code();
    ExpectEqual(host.Login(code), Kind::kAccepted);
    Expect(host.HasStandIn());
    WriteFile(host.temporary.StandInFile("alice"), "garbage");

    ExpectError(host.temporary.store->Repair(User("alice")),
                ErrorCode::kReadOnly);
    host.temporary.Reopen();
    const auto again = host.temporary.store->Update<Judgement>(
        User("alice"), [&](const Enrollment& enrollment, const Moment& moment,
                           StateChange& change) {
          return Judge(host.config, {code, {}}, enrollment, moment, change);
        });
    Expect(!again || again->kind != Kind::kAccepted,
           "a used code was accepted a second time");
  });
}

// Tokens and sets of codes ---------------------------------------------------

constexpr std::string_view kTokenKey = "a key of a token -- ";

std::string BackupCode(int number) {
  return "7K3M9QXPT2" + std::to_string(10 + number);
}

// Alice's phone, a token, ten backup codes, and a bypass whose code is
// BackupCode(80).
struct FullHost : Host {
  explicit FullHost(const char* disk_options = nullptr) : Host(disk_options) {
    ExpectOk(temporary.store->Change(
        User("alice"), [&](Record record, const Moment& moment) {
          Device token = DeviceNamed("token", 2, kTokenKey);
          token.kind = DeviceKind::kHotp;
          token.period = seconds(0);
          record.enrollment->devices.push_back(std::move(token));
          Expect(record.state.devices.Add({.id = DeviceId{2}}));
          AddSet(record, CodeSet::Kind::kBackup, 1, 0, 10);
          AddSet(record, CodeSet::Kind::kBypass, 2, 80, 1);
          record.enrollment->code_sets[1].expires =
              moment.now + std::chrono::days(1);
          record.enrollment->code_sets[1].uses = 3;
          return Result<Record>(std::move(record));
        }));
  }
  static void AddSet(Record& record, CodeSet::Kind kind, std::uint64_t id,
                     int first, int count) {
    CodeSet& set = record.enrollment->code_sets.emplace_back();
    set.id = CodeSetId{id};
    set.kind = kind;
    set.key = Secret::CopyOf(AsBytes(std::string(32, 'k')));
    for (int i = 0; i < count; ++i)
      set.hashes.push_back(
          ExpectOk(HashCode(set.key.Expose(), AsBytes(BackupCode(first + i)))));
    Expect(record.state.code_sets.Add({set.id, 0, {}}));
  }
  static std::string TokenCode(std::uint64_t counter) {
    return CodeAtStep({}, AsBytes(kTokenKey), counter);
  }
  Result<Judgement> TryLogin(const std::string& code, Answer::Kind form) {
    return temporary.store->Update<Judgement>(
        User("alice"), [&](const Enrollment& enrollment, const Moment& moment,
                           StateChange& change) {
          return Judge(config, {code, {}, form}, enrollment, moment, change);
        });
  }
  Kind LoginWith(const std::string& code,
                 Answer::Kind form = Answer::Kind::kCode) {
    return ExpectOk(TryLogin(code, form)).kind;
  }
  Kind LoginWithBackup(int number) {
    return LoginWith(BackupCode(number), Answer::Kind::kBackupCode);
  }
  // Uses something of everything.
  void SpendALittle() {
    ExpectEqual(LoginWith(TokenCode(3)), Kind::kAccepted);
    ExpectEqual(LoginWithBackup(4), Kind::kAccepted);
    ExpectEqual(LoginWithBackup(80), Kind::kAccepted);
  }
  void ExpectSpentStaysSpent(std::string_view row) {
    for (std::uint64_t counter = 0; counter < 4; ++counter)
      ExpectEqual(LoginWith(TokenCode(counter)), Kind::kRejected, row);
    ExpectEqual(LoginWithBackup(4), Kind::kReplayed, row);
    ExpectEqual(Number(State().Find(DeviceId{2})->next), 4u, row);
    ExpectEqual(State().Find(CodeSetId{1})->spent, 0x10u, row);
    ExpectEqual(State().Find(CodeSetId{2})->spent, 1u, row);
  }
};

void repair_after_a_lost_lockout_file_revives_no_code() {
  using Lose = void (*)(FullHost&);
  const Lose losses[] = {
      [](FullHost& host) {
        Expect(unlink(host.temporary.LockoutFile("alice").c_str()) == 0);
      },
      [](FullHost& host) {
        WriteFile(host.temporary.LockoutFile("alice"),
                  std::string(3 * kSlotSize, '\0'));
      },
  };
  for (const Lose& lose : losses) {
    const std::string row = std::to_string(&lose - losses);
    FullHost host;
    host.SpendALittle();
    lose(host);
    Expect(!host.TryLogin(BackupCode(0), Answer::Kind::kBackupCode), row);
    const auto done =
        ExpectOk(host.temporary.store->Repair(User("alice")), row);
    std::string said;
    for (const std::string& line : done) said += line + "\n";
    ExpectContains(said, "resync", row);
    ExpectContains(said, "backup codes had no state", row);
    ExpectContains(said, "bypass had no state; it is revoked", row);
    host.temporary.Reopen();

    const LoginState state = host.State();
    Expect(state.Find(DeviceId{2})->next == kCounterLost, row);
    const Record record =
        ExpectOk(host.temporary.store->Read(User("alice")), row);
    for (const CodeSet& set : record.enrollment->code_sets)
      ExpectEqual(CodesLeft(set, record.state.Find(set.id)), 0, row);
    for (int i = 0; i < 10; ++i)
      ExpectEqual(host.LoginWithBackup(i), Kind::kReplayed, row);
    ExpectEqual(host.LoginWithBackup(80), Kind::kExpired, row);
    for (std::uint64_t counter : {0, 3, 4})
      ExpectEqual(host.LoginWith(host.TokenCode(counter)), Kind::kRejected,
                  row);
    ExpectEqual(host.LoginWith(host.TokenCode(4) + host.TokenCode(5),
                               Answer::Kind::kCodePair),
                Kind::kRejected, row);
    // And the phone lets the user in.
    host.temporary.clock.Advance(seconds(1200));
    ExpectEqual(host.LoginWith(host.Code()), Kind::kAccepted, row);
    Expect(ExpectOk(host.temporary.store->Repair(User("alice"))).empty(), row);
  }
}

void spent_codes_stay_spent() {
  using Deed = void (*)(FullHost&);
  const Deed deeds[] = {
      [](FullHost& host) { host.temporary.Reopen(); },
      [](FullHost& host) {
        ExpectOk(host.temporary.store->Change(
            User("alice"), [](Record record, const Moment&) -> Result<Record> {
              ClearFailures(record.state);
              return record;
            }));
      },
      [](FullHost& host) {
        ExpectOk(host.temporary.store->Repair(User("alice")));
      },
      [](FullHost& host) {
        host.MakeBadStandIn();
        ExpectOk(host.temporary.store->Repair(User("alice")));
      },
      [](FullHost& host) {
        host.MakeStandIn(WithDrift(host.State(), 1));
        ExpectEqual(host.LoginWithBackup(5), Kind::kAccepted);
        Expect(!host.HasStandIn());
        ExpectEqual(host.LoginWithBackup(5), Kind::kReplayed);
        // As the others left it.
        ExpectOk(host.temporary.store->Change(
            User("alice"), [](Record record, const Moment&) -> Result<Record> {
              record.state.Find(CodeSetId{1})->spent = 0x10;
              return record;
            }));
      },
  };
  for (const Deed& deed : deeds) {
    FullHost host;
    host.SpendALittle();
    deed(host);
    host.ExpectSpentStaysSpent(std::to_string(&deed - deeds));
  }
}

void reset_forgets_codes_and_counters() {
  FullHost host;
  host.SpendALittle();
  ExpectOk(host.temporary.store->Reset(User("alice")));
  host.temporary.Enroll("alice", "tablet", 3);
  const LoginState state = host.State();
  Expect(state.code_sets.empty());
  Expect(!state.Find(DeviceId{2}));
  ExpectEqual(host.LoginWithBackup(0), Kind::kRejected);
  ExpectEqual(host.LoginWithBackup(80), Kind::kRejected);
}

// What an enrollment left behind that failed half way, or a removal.
void states_of_sets_that_are_not_enrolled_are_dropped() {
  FullHost host;
  host.SpendALittle();
  ExpectOk(host.temporary.store->Update<int>(
      User("alice"),
      [](const Enrollment&, const Moment&, StateChange& change) -> Result<int> {
        Expect(change.state.code_sets.Add({CodeSetId{77}, 0, {}}));
        return 0;
      }));
  Expect(host.State().Find(CodeSetId{77}) != nullptr);
  ExpectOk(host.temporary.store->Change(
      User("alice"), [](Record record, const Moment&) -> Result<Record> {
        Expect(!record.state.Find(CodeSetId{77}));
        record.enrollment->code_sets.erase(
            record.enrollment->code_sets.begin());
        return record;
      }));
  const LoginState state = host.State();
  Expect(!state.Find(CodeSetId{77}));
  Expect(!state.Find(CodeSetId{1}));
  ExpectEqual(state.Find(CodeSetId{2})->spent, 1u);
  ExpectEqual(host.LoginWithBackup(0), Kind::kRejected);
}

// What is spent there would be forgotten with /run.
void read_only_disk_refuses_what_has_to_outlast_a_power_cut() {
  InChild([] {
    EnterPrivateMounts();
    FullHost host("size=4m,mode=700");
    host.temporary.disk->MakeReadOnly();
    for (int i = 0; i < 2; ++i) {
      ExpectError(host.TryLogin(host.TokenCode(0), Answer::Kind::kCode),
                  ErrorCode::kReadOnly);
      ExpectError(host.TryLogin(host.TokenCode(20) + host.TokenCode(21),
                                Answer::Kind::kCodePair),
                  ErrorCode::kReadOnly);
      for (int code : {0, 80})
        ExpectError(host.TryLogin(BackupCode(code), Answer::Kind::kBackupCode),
                    ErrorCode::kReadOnly);
      // With a stand-in too.
      if (i == 0) ExpectEqual(host.LoginWith(host.Code()), Kind::kAccepted);
    }
    Expect(host.HasStandIn());
    // Guesses are counted there.
    for (int i = 0; i < 10; ++i)
      ExpectEqual(host.LoginWith("ZZZZZZZZZZZZ", Answer::Kind::kBackupCode),
                  Kind::kRejected);
    ExpectEqual(host.LoginWith("ZZZZZZZZZZZZ", Answer::Kind::kBackupCode),
                Kind::kThrottled);
    host.temporary.clock.Advance(std::chrono::hours(1));
    // And nothing of it was spent.
    host.temporary.disk->MakeWritable();
    ExpectEqual(host.LoginWith(host.TokenCode(0)), Kind::kAccepted);
    Expect(!host.HasStandIn());
    ExpectEqual(host.LoginWithBackup(0), Kind::kAccepted);
    ExpectEqual(host.LoginWithBackup(80), Kind::kAccepted);
  });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(
          repair_without_an_unreadable_stand_in_keeps_the_failures_of_the_disk),
      EXPECT_TEST(
          reset_with_an_unreadable_stand_in_keeps_the_failures_of_the_disk),
      EXPECT_TEST(
          enrollment_cut_off_before_its_mark_survives_an_unreadable_stand_in),
      EXPECT_TEST(error_that_says_nothing_of_the_content_is_returned),
      EXPECT_TEST(stand_in_folder_that_is_not_trusted_is_left_alone),
      EXPECT_TEST(
          repair_that_the_disk_refuses_does_not_bring_the_old_state_back),
      EXPECT_TEST(repair_after_a_lost_lockout_file_revives_no_code),
      EXPECT_TEST(spent_codes_stay_spent),
      EXPECT_TEST(reset_forgets_codes_and_counters),
      EXPECT_TEST(states_of_sets_that_are_not_enrolled_are_dropped),
      EXPECT_TEST(read_only_disk_refuses_what_has_to_outlast_a_power_cut),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
