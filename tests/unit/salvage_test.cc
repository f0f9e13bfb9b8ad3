// SPDX-License-Identifier: Apache-2.0
//
// salvage_test.cc - what `repair` and `reset` keep of a state that is partly
// unreadable, and what they do not touch at all.

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>

#include "core/session/judgement.h"
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
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
