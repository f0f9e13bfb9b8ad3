// SPDX-License-Identifier: Apache-2.0
//
// login_session_test.cc - the story of a login, and each way in which it ends.

#include "core/session/login_session.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "core/session/throttle.h"
#include "tests/unit/child_process.h"
#include "tests/unit/fake_conversation.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using std::chrono::seconds;

namespace {

// The user that every system has.
constexpr const char* kUser = "root";
constexpr const char* kUnknownUser = "no-such-user-2f";

struct Host {
  Host() {
    config->paths = temporary.paths;
    request.user = kUser;
    request.service = "sshd";
    request.remote_host = "192.0.2.7";
  }
  Outcome Login(const std::optional<std::string>& answer) {
    conversation.answer = answer;
    return LoginSession(config, temporary.clock, conversation).Run(request);
  }
  Outcome CheckExemption() {
    return LoginSession(config, temporary.clock, conversation)
        .CheckExemption(request);
  }
  std::string Code(int offset = 0) const {
    return CodeAt({}, AsBytes(kRfcKey), temporary.clock.moment.now, offset);
  }
  bool WasAsked() const { return !conversation.prompts.empty(); }
  LoginState State() {
    return ExpectOk(temporary.store->Read(User(kUser))).state;
  }

  TemporaryStore temporary;
  Result<Config> config = Config{};
  FakeConversation conversation;
  LoginRequest request;
};

struct EnrolledHost : Host {
  EnrolledHost() { temporary.Enroll(kUser); }
};

void zero_outcome_denies() { Expect(Outcome{} == Outcome::kDenied); }

void right_code_is_accepted_once() {
  EnrolledHost host;
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
  ExpectEqual(host.Login(host.Code()), Outcome::kDenied);
  ExpectEqual(host.Login(host.Code(1)), Outcome::kAccepted);
  ExpectEqual(host.conversation.prompts.size(), 3u);
}

void prompt_and_echo_are_the_configured_ones() {
  EnrolledHost host;
  host.Login("000000");
  ExpectEqual(host.conversation.prompts[0], "Verification code: ");
  ExpectEqual(host.conversation.echoes[0], Echo::kOn);
  host.config->prompt = "Code? ";
  host.config->echo = Echo::kOff;
  host.Login("000000");
  ExpectEqual(host.conversation.prompts[1], "Code? ");
  ExpectEqual(host.conversation.echoes[1], Echo::kOff);
}

void everybody_sees_the_same_prompt() {
  for (bool enrolled : {true, false})
    for (const char* user : {kUser, kUnknownUser}) {
      Host host;
      if (enrolled) host.temporary.Enroll(kUser);
      host.request.user = user;
      ExpectEqual(
          host.Login(host.Code()),
          enrolled && user == kUser ? Outcome::kAccepted : Outcome::kDenied,
          user);
      Expect(host.conversation.prompts ==
                 std::vector<std::string>{"Verification code: "},
             user);
    }
}

void bad_configuration_denies_without_asking() {
  EnrolledHost host;
  host.config = Fail(ErrorCode::kConfig, "x.conf:1: unknown key");
  ExpectEqual(host.Login(host.Code()), Outcome::kUnavailable);
  ExpectEqual(host.CheckExemption(), Outcome::kUnavailable);
  Expect(!host.WasAsked());
}

void services_that_are_not_listed_are_left_alone() {
  EnrolledHost host;
  host.request.service = "cron";
  ExpectEqual(host.Login("000000"), Outcome::kSkipped);
  ExpectEqual(host.CheckExemption(), Outcome::kSkipped);
  Expect(!host.WasAsked());
}

void callers_that_are_not_root_are_denied_without_asking() {
  for (SecondFactor second_factor :
       {SecondFactor::kRequired, SecondFactor::kOptional}) {
    EnrolledHost host;
    host.config->second_factor = second_factor;
    host.request.caller = 1000;
    ExpectEqual(host.Login(host.Code()), Outcome::kDenied);
    ExpectEqual(host.CheckExemption(), Outcome::kDenied);
    Expect(!host.WasAsked());
    Expect(host.State().devices[0].next == Counter{});
  }
}

void who_is_not_enrolled_is_denied_by_default() {
  Host host;
  ExpectEqual(host.Login("123456"), Outcome::kDenied);
  Expect(host.WasAsked());
}

void optional_skips_whom_the_store_proves_not_to_be_enrolled() {
  Host host;
  host.config->second_factor = SecondFactor::kOptional;
  ExpectEqual(host.Login("123456"), Outcome::kSkipped);
  ExpectEqual(host.CheckExemption(), Outcome::kSkipped);
  Expect(!host.WasAsked());
}

void optional_asks_whoever_is_enrolled() {
  EnrolledHost host;
  host.config->second_factor = SecondFactor::kOptional;
  ExpectEqual(host.Login("000000"), Outcome::kDenied);
  ExpectEqual(host.CheckExemption(), Outcome::kDenied);
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
}

void optional_does_not_skip_unknown_users() {
  Host host;
  host.config->second_factor = SecondFactor::kOptional;
  host.request.user = kUnknownUser;
  ExpectEqual(host.Login("123456"), Outcome::kDenied);
  Expect(host.WasAsked());
  host.config->users = UserSource::kAny;
  host.request.user = kUser;
  ExpectEqual(host.Login("123456"), Outcome::kDenied);
  ExpectEqual(host.CheckExemption(), Outcome::kDenied);
}

void required_is_never_exempt() {
  ExpectEqual(Host().CheckExemption(), Outcome::kDenied);
  ExpectEqual(EnrolledHost().CheckExemption(), Outcome::kDenied);
}

// A recovery makes a record: for that the store has to be proven.
void recovery_needs_the_marker() {
  EnrolledHost host;
  host.config->recovery = Recovery::kOn;
  host.request.first = FirstFactor::kProven;
  unlink((host.temporary.paths.state + "/store").c_str());
  ExpectEqual(host.Login("recover"), Outcome::kUnavailable);
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
}

// Rows of the failure table; `optional` must not soften one of them.
void damage_denies_whatever_the_policy() {
  struct {
    const char* name;
    void (*spoil)(Host&);
  } const rows[] = {
      {"state folder gone",
       [](Host& h) { std::filesystem::remove_all(h.temporary.paths.state); }},
      {"state folder empty",
       [](Host& h) {
         std::filesystem::remove_all(h.temporary.paths.state);
         mkdir(h.temporary.paths.state.c_str(), 0700);
       }},
      {"keys gone",
       [](Host& h) { std::filesystem::remove_all(h.temporary.paths.keys); }},
      {"foreign store",
       [](Host& h) {
         TemporaryStore other;
         std::filesystem::remove_all(h.temporary.paths.state);
         std::filesystem::copy(other.paths.state, h.temporary.paths.state,
                               std::filesystem::copy_options::recursive);
       }},
      {"all gone but the folders",
       [](Host& h) {
         for (const char* folder : {"/secrets", "/lockout"}) {
           std::filesystem::remove_all(h.temporary.paths.state + folder);
           mkdir((h.temporary.paths.state + folder).c_str(), 0700);
         }
         unlink((h.temporary.paths.state + "/store").c_str());
       }},
      {"secrets folder gone",
       [](Host& h) {
         std::filesystem::remove_all(h.temporary.paths.state + "/secrets");
       }},
      {"secret file gone",
       [](Host& h) { unlink(h.temporary.SecretFile(kUser).c_str()); }},
      {"lockout file gone",
       [](Host& h) { unlink(h.temporary.LockoutFile(kUser).c_str()); }},
      {"secret file garbled",
       [](Host& h) { WriteFile(h.temporary.SecretFile(kUser), "garbage"); }},
      {"lockout file garbled",
       [](Host& h) { WriteFile(h.temporary.LockoutFile(kUser), "garbage"); }},
      {"secret file for all to read",
       [](Host& h) { chmod(h.temporary.SecretFile(kUser).c_str(), 0644); }},
      {"clock broken", [](Host& h) { h.temporary.clock.broken = true; }},
  };
  for (const auto& row : rows)
    for (SecondFactor second_factor :
         {SecondFactor::kRequired, SecondFactor::kOptional}) {
      EnrolledHost host;
      host.config->second_factor = second_factor;
      const std::string code = host.Code();
      row.spoil(host);
      ExpectEqual(host.Login(code), Outcome::kUnavailable, row.name);
      const Outcome exemption = host.CheckExemption();
      Expect(
          exemption == Outcome::kUnavailable || exemption == Outcome::kDenied,
          row.name);
    }
}

void lost_secret_file_of_an_optional_user_is_no_absence() {
  EnrolledHost host;
  host.config->second_factor = SecondFactor::kOptional;
  unlink(host.temporary.SecretFile(kUser).c_str());
  ExpectEqual(host.Login("123456"), Outcome::kUnavailable);
  ExpectEqual(host.CheckExemption(), Outcome::kDenied);
}

void held_lock_denies() {
  EnrolledHost host;
  UniqueFd holder(open(host.temporary.LockoutFile(kUser).c_str(), O_RDWR));
  Expect(flock(holder.get(), LOCK_EX) == 0);
  ExpectEqual(host.Login(host.Code()), Outcome::kUnavailable);
}

void limits_of_the_caller_deny() {
  EnrolledHost host;
  InChild([&] {
    const rlimit low{4096, RLIM_INFINITY};
    Expect(setrlimit(RLIMIT_FSIZE, &low) == 0);
    const Outcome outcome = host.Login(host.Code());
    const rlimit high{RLIM_INFINITY, RLIM_INFINITY};
    Expect(setrlimit(RLIMIT_FSIZE, &high) == 0);
    ExpectEqual(outcome, Outcome::kUnavailable);
  });
  Expect(host.State().devices[0].next == Counter{});
}

void user_names_that_no_record_can_have_are_denied() {
  for (const std::string& user :
       {std::string(), std::string(256, 'a'), std::string("a\0b", 3)}) {
    Host host;
    host.config->second_factor = SecondFactor::kOptional;
    host.request.user = user;
    const Outcome outcome = host.Login("123456");
    Expect(outcome == Outcome::kUnavailable || outcome == Outcome::kDenied);
  }
}

void conversation_that_fails_denies_and_is_not_counted() {
  EnrolledHost host;
  const LoginState before = host.State();
  for (int i = 0; i < 10; ++i)
    ExpectEqual(host.Login(std::nullopt), Outcome::kConversationFailed);
  Expect(host.State() == before);
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
}

void answers_that_are_no_code_are_not_counted() {
  EnrolledHost host;
  const LoginState before = host.State();
  for (const std::string& typed :
       {std::string(), std::string("\b\n\r\177INCORRECT\b\n"),
        std::string(kUser), std::string("email"), std::string("12345"),
        std::string("123456\0", 7), std::string(5000, '1'),
        std::string("\xFF\xFE")}) {
    ExpectEqual(host.Login(typed), Outcome::kDenied, typed.substr(0, 20));
    Expect(host.State() == before, typed.substr(0, 20));
  }
}

void sixth_wrong_code_is_not_evaluated_and_unlock_helps() {
  EnrolledHost host;
  for (int i = 0; i < 5; ++i)
    ExpectEqual(host.Login("000000"), Outcome::kDenied);
  ExpectEqual(host.Login(host.Code()), Outcome::kThrottled);
  // The throttled code was not used.
  ExpectOk(host.temporary.store->Change(
      User(kUser), [](Record record, const Moment&) -> Result<Record> {
        ClearFailures(record.state);
        return record;
      }));
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
}

void throttle_of_one_user_is_not_anothers() {
  Host host;
  host.config->users = UserSource::kAny;
  host.temporary.Enroll("alice", "phone", 1);
  host.temporary.Enroll("bob", "phone", 2);
  host.request.user = "alice";
  for (int i = 0; i < 6; ++i) host.Login("000000");
  ExpectEqual(host.Login(host.Code()), Outcome::kThrottled);
  host.request.user = "bob";
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
}

void failures_stand_in_the_state_before_the_verdict_leaves() {
  EnrolledHost host;
  host.Login("000000");
  ExpectEqual(host.State().strangers.recent.size(), 1u);
  Expect(host.State().sources[0].source == SourceFromRemoteHost("192.0.2.7"));
  host.request.remote_host = "evil.example";
  host.Login("000000");
  Expect(host.State().sources[1].source == Source{});
}

// Guesses at names that have no record leave no traces that fill disks.
void guessing_at_unknown_users_makes_no_files() {
  Host host;
  const auto before = NamesIn(host.temporary.paths.state + "/lockout");
  for (int i = 0; i < 50; ++i) {
    host.request.user = kUnknownUser + std::to_string(i);
    ExpectEqual(host.Login("000000"), Outcome::kDenied);
  }
  Expect(NamesIn(host.temporary.paths.state + "/lockout") == before);
}

// The stand-in for users without a record never lets anybody in, and never
// refuses anybody either: its state stays as it is.
void stand_in_remembers_nothing() {
  Host host;
  host.request.user = kUnknownUser;
  const LoginState before =
      ExpectOk(host.temporary.store->Read(UserName::Nobody())).state;
  for (int i = 0; i < 30; ++i)
    ExpectEqual(host.Login("000000"), Outcome::kDenied);
  Expect(ExpectOk(host.temporary.store->Read(UserName::Nobody())).state ==
         before);
}

void removed_while_the_prompt_is_open_denies() {
  for (SecondFactor second_factor :
       {SecondFactor::kRequired, SecondFactor::kOptional}) {
    EnrolledHost host;
    host.config->second_factor = second_factor;
    host.conversation.on_ask = [&] {
      ExpectOk(host.temporary.store->Reset(User(kUser)));
    };
    const Outcome outcome = host.Login(host.Code());
    Expect(outcome == Outcome::kDenied || outcome == Outcome::kUnavailable);
  }
}

void disabled_while_the_prompt_is_open_denies() {
  EnrolledHost host;
  host.conversation.on_ask = [&] {
    ExpectOk(host.temporary.store->Change(
        User(kUser), [](Record record, const Moment&) -> Result<Record> {
          record.enrollment->devices[0].status = DeviceStatus::kDisabled;
          return record;
        }));
  };
  ExpectEqual(host.Login(host.Code()), Outcome::kDenied);
}

// Nobody waits for a user who does not answer.
void no_lock_is_held_while_the_prompt_is_open() {
  EnrolledHost host;
  host.conversation.on_ask = [&] {
    UniqueFd other(open(host.temporary.LockoutFile(kUser).c_str(), O_RDWR));
    Expect(flock(other.get(), LOCK_EX | LOCK_NB) == 0);
  };
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
}

// Of two logins with one code, the second to commit loses, whoever asked
// first.
void code_used_while_the_prompt_is_open_is_refused() {
  EnrolledHost host;
  const std::string code = host.Code();
  host.conversation.on_ask = [&] {
    FakeConversation other;
    other.answer = code;
    ExpectEqual(LoginSession(host.config, host.temporary.clock, other)
                    .Run(host.request),
                Outcome::kAccepted);
  };
  ExpectEqual(host.Login(code), Outcome::kDenied);
}

void clock_before_the_last_used_step_denies_until_it_is_right() {
  EnrolledHost host;
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
  host.temporary.clock.Advance(seconds(-3600));
  ExpectEqual(host.Login(host.Code()), Outcome::kDenied);
  host.temporary.clock.Advance(seconds(3660));
  ExpectEqual(host.Login(host.Code()), Outcome::kAccepted);
}

void parallel_logins_with_one_code_have_one_winner() {
  EnrolledHost host;
  for (int round = 0; round < 5; ++round) {
    host.temporary.clock.Advance(seconds(60));
    const std::string code = host.Code();
    std::vector<pid_t> children;
    for (int i = 0; i < 8; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        // Its own clock time stands still, so waiting for the lock must really
        // wait.
        struct Waiting final : Clock {
          Result<Moment> Now() const override { return moment; }
          std::chrono::milliseconds Monotonic() const override {
            return SystemClock().Monotonic();
          }
          void Sleep(std::chrono::milliseconds time) const override {
            SystemClock().Sleep(time);
          }
          Moment moment;
        } clock;
        clock.moment = host.temporary.clock.moment;
        FakeConversation conversation;
        conversation.answer = code;
        const Outcome outcome =
            LoginSession(host.config, clock, conversation).Run(host.request);
        _exit(static_cast<int>(outcome));
      }
      children.push_back(child);
    }
    int accepted = 0;
    for (pid_t child : children) {
      int status = 0;
      Expect(waitpid(child, &status, 0) == child && WIFEXITED(status));
      const auto outcome = static_cast<Outcome>(WEXITSTATUS(status));
      accepted += outcome == Outcome::kAccepted;
      Expect(outcome == Outcome::kAccepted || outcome == Outcome::kDenied);
    }
    ExpectEqual(accepted, 1);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(zero_outcome_denies),
      EXPECT_TEST(right_code_is_accepted_once),
      EXPECT_TEST(prompt_and_echo_are_the_configured_ones),
      EXPECT_TEST(everybody_sees_the_same_prompt),
      EXPECT_TEST(bad_configuration_denies_without_asking),
      EXPECT_TEST(services_that_are_not_listed_are_left_alone),
      EXPECT_TEST(callers_that_are_not_root_are_denied_without_asking),
      EXPECT_TEST(who_is_not_enrolled_is_denied_by_default),
      EXPECT_TEST(optional_skips_whom_the_store_proves_not_to_be_enrolled),
      EXPECT_TEST(optional_asks_whoever_is_enrolled),
      EXPECT_TEST(optional_does_not_skip_unknown_users),
      EXPECT_TEST(required_is_never_exempt),
      EXPECT_TEST(recovery_needs_the_marker),
      EXPECT_TEST(damage_denies_whatever_the_policy),
      EXPECT_TEST(lost_secret_file_of_an_optional_user_is_no_absence),
      EXPECT_TEST(held_lock_denies),
      EXPECT_TEST(limits_of_the_caller_deny),
      EXPECT_TEST(user_names_that_no_record_can_have_are_denied),
      EXPECT_TEST(conversation_that_fails_denies_and_is_not_counted),
      EXPECT_TEST(answers_that_are_no_code_are_not_counted),
      EXPECT_TEST(sixth_wrong_code_is_not_evaluated_and_unlock_helps),
      EXPECT_TEST(throttle_of_one_user_is_not_anothers),
      EXPECT_TEST(failures_stand_in_the_state_before_the_verdict_leaves),
      EXPECT_TEST(guessing_at_unknown_users_makes_no_files),
      EXPECT_TEST(stand_in_remembers_nothing),
      EXPECT_TEST(removed_while_the_prompt_is_open_denies),
      EXPECT_TEST(disabled_while_the_prompt_is_open_denies),
      EXPECT_TEST(no_lock_is_held_while_the_prompt_is_open),
      EXPECT_TEST(code_used_while_the_prompt_is_open_is_refused),
      EXPECT_TEST(clock_before_the_last_used_step_denies_until_it_is_right),
      EXPECT_TEST(parallel_logins_with_one_code_have_one_winner),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
