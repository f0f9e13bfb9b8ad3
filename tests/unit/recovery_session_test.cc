// SPDX-License-Identifier: Apache-2.0
//
// recovery_session_test.cc - from "recover" to a new device, and every way in
// which it ends before that.

#include "core/session/recovery_session.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "core/base/encoding.h"
#include "core/session/login_session.h"
#include "tests/unit/child_process.h"
#include "tests/unit/fake_conversation.h"
#include "tests/unit/fake_courier.h"
#include "tests/unit/mount_namespace.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// The user that every system has.
constexpr const char* kUser = "root";

// What to type at each prompt; nobody is there once they are used up.
using Answers = std::vector<std::function<std::string()>>;

struct Host {
  explicit Host(const char* disk_options = nullptr) : temporary(disk_options) {
    config->paths = temporary.paths;
    config->recovery = Recovery::kOn;
    request.user = kUser;
    request.service = "sshd";
    request.remote_host = "192.0.2.7";
    request.first = FirstFactor::kProven;
  }
  void Enroll() {
    temporary.Enroll(kUser);
    ExpectOk(temporary.store->Change(
        User(kUser), [](Record record, const Moment&) -> Result<Record> {
          CodeSet& set = record.enrollment->code_sets.emplace_back();
          set.id = CodeSetId{7};
          set.key = Secret(32);
          set.hashes.resize(10);
          Expect(record.state.code_sets.Add({set.id, 1, {}}));
          return record;
        }));
  }
  void AddAddress() {
    ExpectOk(temporary.store->Change(
        User(kUser), [](Record record, const Moment&) -> Result<Record> {
          RecoveryAddress& recovery = record.enrollment->recovery.emplace();
          recovery.address = "alice@example.org";
          recovery.key = Secret(32);
          return record;
        }));
  }

  Outcome Login(const Answers& answers) { return Login(answers, conversation); }
  // At another prompt, which may be open at the same time.
  Outcome Login(const Answers& answers, FakeConversation& at) {
    std::size_t next = 0;
    at.prompts.clear();
    at.on_ask = [&] {
      at.answer.reset();
      if (next < answers.size()) at.answer = answers[next++]();
    };
    return LoginSession(config, temporary.clock, at, &courier).Run(request);
  }
  std::string Mailed() const {
    Expect(!courier.sent.empty(), "nothing was sent");
    return courier.sent.back().code;
  }
  // The key that the last prompt shows.
  std::vector<std::uint8_t> ShownKey() const { return ShownKey(conversation); }
  static std::vector<std::uint8_t> ShownKey(const FakeConversation& at) {
    const std::string& prompt = at.prompts.back();
    const auto start = prompt.find("secret=") + 7;
    const auto key =
        Base32Decode(prompt.substr(start, prompt.find('&', start) - start));
    Expect(key.has_value(), prompt);
    return {key->Expose().begin(), key->Expose().end()};
  }
  static bool ShowsKey(const FakeConversation& at) {
    return at.prompts.back().find("secret=") != std::string::npos;
  }
  std::string CodeShown() const { return CodeShown(conversation); }
  std::string CodeShown(const FakeConversation& at) const {
    if (!ShowsKey(at)) return "000000";
    return CodeAt({}, ShownKey(at), temporary.clock.moment.now);
  }
  std::string OldCode() const {
    return CodeAt({}, AsBytes(kRfcKey), temporary.clock.moment.now);
  }
  Record Read() { return ExpectOk(temporary.store->Read(User(kUser))); }

  TemporaryStore temporary;
  Result<Config> config = Config{};
  FakeConversation conversation;
  FakeCourier courier;
  LoginRequest request;
};

struct ReadyHost : Host {
  explicit ReadyHost(const char* disk_options = nullptr) : Host(disk_options) {
    Enroll();
    AddAddress();
  }
};

std::function<std::string()> Type(const std::string& text) {
  return [text] { return text; };
}
std::function<std::string()> TypeMailed(const Host& host) {
  return [&host] { return host.Mailed(); };
}
std::function<std::string()> TypeShown(const Host& host) {
  return [&host] { return host.CodeShown(); };
}
const auto kRecover = Type("recover");
const auto kWrong = Type("7K3M-9QXP-T2WA");

void ExpectUntouched(Host& host, std::string_view row = {}) {
  const Record record = host.Read();
  ExpectEqual(record.enrollment->devices.size(), 1u, row);
  ExpectBytes(record.enrollment->devices[0].key.Expose(), AsBytes(kRfcKey),
              row);
  ExpectEqual(record.enrollment->code_sets.size(), 1u, row);
  ExpectEqual(host.Login({Type(host.OldCode())}), Outcome::kAccepted, row);
}

void recovery_ends_with_a_new_device_in_the_same_login() {
  ReadyHost host;
  ExpectEqual(host.Login({kRecover, TypeMailed(host), TypeShown(host)}),
              Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 1u);
  ExpectEqual(host.courier.sent[0].kind, MessageKind::kRecoveryCode);
  ExpectEqual(host.courier.sent[0].address, "alice@example.org");

  const std::vector<std::uint8_t> key = host.ShownKey();
  const Record record = host.Read();
  ExpectEqual(record.enrollment->devices.size(), 1u);
  ExpectBytes(record.enrollment->devices[0].key.Expose(), key);
  ExpectEqual(record.enrollment->devices[0].confirmation,
              Confirmation::kByCode);
  ExpectEqual(record.enrollment->code_sets.size(), 0u);
  ExpectEqual(record.state.code_sets.size(), 0u);
  ExpectEqual(record.enrollment->recovery->address, "alice@example.org");

  ExpectEqual(host.Login({Type(host.OldCode())}), Outcome::kDenied);
  ExpectEqual(
      host.Login({Type(CodeAt({}, key, host.temporary.clock.moment.now))}),
      Outcome::kDenied, "the code that confirmed it is used");
  ExpectEqual(
      host.Login({Type(CodeAt({}, key, host.temporary.clock.moment.now, 1))}),
      Outcome::kAccepted);
}

void slips_of_the_finger_are_forgiven() {
  ReadyHost host;
  ExpectEqual(host.Login({kRecover, kWrong, Type("123456"), TypeMailed(host),
                          Type("000000"), Type("abc"), TypeShown(host)}),
              Outcome::kAccepted);
}

void interrupted_anywhere_nothing_was_granted_and_the_old_factors_stand() {
  for (int prompts_answered = 0; prompts_answered <= 2; ++prompts_answered) {
    ReadyHost host;
    Answers answers = {kRecover, TypeMailed(host)};
    answers.resize(static_cast<std::size_t>(prompts_answered));
    Expect(host.Login(answers) != Outcome::kAccepted);
    ExpectUntouched(host, std::to_string(prompts_answered));
  }
}

void wrong_codes_of_the_new_device_grant_nothing() {
  ReadyHost host;
  const auto wrong = Type("000000");
  ExpectEqual(
      host.Login({kRecover, TypeMailed(host), wrong, wrong, wrong, wrong}),
      Outcome::kDenied);
  ExpectEqual(host.conversation.prompts.size(), 5u);
  ExpectUntouched(host);
}

void recovery_code_works_once_even_if_what_followed_was_cut_off() {
  ReadyHost host;
  Expect(host.Login({kRecover, TypeMailed(host)}) != Outcome::kAccepted);
  const std::string used = host.Mailed();
  ExpectEqual(host.Login({kRecover, Type(used), Type(used), Type(used)}),
              Outcome::kDenied);
  ExpectEqual(host.courier.sent.size(), 2u, "a new one was sent");
  ExpectUntouched(host);
}

void three_wrong_codes_kill_the_code() {
  ReadyHost host;
  ExpectEqual(host.Login({kRecover, kWrong, kWrong, kWrong, kWrong}),
              Outcome::kDenied);
  ExpectEqual(host.conversation.prompts.size(), 4u);
  const std::string dead = host.Mailed();
  ExpectEqual(host.Login({kRecover, Type(dead), Type(dead), Type(dead)}),
              Outcome::kDenied);
  ExpectEqual(host.courier.sent.size(), 2u);
}

// A connection that timed out while the mail was on its way.
void code_that_is_on_its_way_can_be_typed_in_the_next_login() {
  ReadyHost host;
  Expect(host.Login({kRecover}) != Outcome::kAccepted);
  host.temporary.clock.Advance(minutes(10));
  ExpectEqual(host.Login({kRecover, TypeMailed(host), TypeShown(host)}),
              Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 1u, "no second message");
}

void code_is_good_for_a_quarter_of_an_hour() {
  const seconds life(kRecoveryCodeLife);
  for (auto [after, messages] :
       {std::pair(life - seconds(1), 1u), {life, 2u}, {seconds(-1), 2u}}) {
    ReadyHost host;
    Expect(host.Login({kRecover}) != Outcome::kAccepted);
    const std::string first = host.Mailed();
    host.temporary.clock.Advance(after);
    const Outcome outcome =
        host.Login({kRecover, Type(first), TypeShown(host)});
    ExpectEqual(outcome == Outcome::kAccepted, messages == 1u);
    ExpectEqual(host.courier.sent.size(), messages);
  }
}

void three_requests_in_24_hours_and_no_fourth() {
  struct Row {
    seconds at;  // After the first.
    Outcome outcome;
    std::size_t messages;
  };
  const Row rows[] = {
      {seconds(0), Outcome::kDenied, 1},
      {hours(1), Outcome::kDenied, 2},
      {hours(2), Outcome::kDenied, 3},
      {hours(3), Outcome::kThrottled, 3},
      {hours(24) - seconds(1), Outcome::kThrottled, 3},
      {hours(24), Outcome::kDenied, 4},
      {hours(24) + seconds(1), Outcome::kThrottled, 4},
      {hours(25), Outcome::kDenied, 5},
  };
  ReadyHost host;
  const UnixTime start = host.temporary.clock.moment.now;
  for (const Row& row : rows) {
    host.temporary.clock.moment.now = start + row.at;
    const std::string name = std::to_string(row.at.count());
    ExpectEqual(host.Login({kRecover, kWrong, kWrong, kWrong}), row.outcome,
                name);
    ExpectEqual(host.courier.sent.size(), row.messages, name);
  }
  ExpectUntouched(host);
}

void clock_set_back_does_not_open_the_limit() {
  ReadyHost host;
  for (int i = 0; i < 3; ++i) host.Login({kRecover, kWrong, kWrong, kWrong});
  host.temporary.clock.Advance(-hours(48));
  ExpectEqual(host.Login({kRecover, kWrong, kWrong, kWrong}),
              Outcome::kThrottled);
  ExpectEqual(host.courier.sent.size(), 3u);
}

void recovery_is_off_by_default() {
  ReadyHost host;
  host.config->recovery = Config{}.recovery;
  ExpectEqual(host.Login({kRecover, kWrong}), Outcome::kDenied);
  ExpectEqual(host.conversation.prompts.size(), 1u);
  ExpectEqual(host.courier.sent.size(), 0u);
}

void nothing_is_sent_before_the_first_factor_is_proven() {
  for (FirstFactor first : {FirstFactor::kUnproven, FirstFactor::kKey}) {
    ReadyHost host;
    host.request.first = first;
    ExpectEqual(host.Login({kRecover, kWrong}), Outcome::kDenied);
    ExpectEqual(host.courier.sent.size(), 0u);
    ExpectEqual(host.Read().state.recovery_requests.size(), 0u);
  }
}

void who_has_no_address_sees_the_same_prompts_and_gets_nothing() {
  const Answers answers = {kRecover, kWrong, kWrong, kWrong};
  ReadyHost ready;
  ExpectEqual(ready.Login(answers), Outcome::kDenied);
  const auto prompts = ready.conversation.prompts;

  Host without;
  without.Enroll();
  ExpectEqual(without.Login(answers), Outcome::kDenied);
  Expect(without.conversation.prompts == prompts);
  Host unenrolled;
  ExpectEqual(unenrolled.Login(answers), Outcome::kDenied);
  Expect(unenrolled.conversation.prompts == prompts);
  Host unknown;
  unknown.request.user = "no-such-user-2f";
  ExpectEqual(unknown.Login(answers), Outcome::kDenied);
  Expect(unknown.conversation.prompts == prompts);
  for (const Host* host : {&without, &unenrolled, &unknown})
    ExpectEqual(host->courier.sent.size(), 0u);

  for (int i = 1; i < 3; ++i) ready.Login(answers);
  ExpectEqual(ready.Login(answers), Outcome::kThrottled);
  Expect(ready.conversation.prompts == prompts, "behind the limit");
}

// An administrator who disabled all devices of somebody meant it.
void disabled_users_cannot_recover() {
  ReadyHost host;
  ExpectOk(host.temporary.store->Change(
      User(kUser), [](Record record, const Moment&) -> Result<Record> {
        record.enrollment->devices[0].status = DeviceStatus::kDisabled;
        return record;
      }));
  ExpectEqual(host.Login({kRecover, kWrong, kWrong, kWrong}), Outcome::kDenied);
  ExpectEqual(host.courier.sent.size(), 0u);
}

void courier_that_fails_denies_and_says_so() {
  ReadyHost host;
  host.courier.broken = true;
  ExpectEqual(host.Login({kRecover, kWrong}), Outcome::kUnavailable);
  ExpectEqual(host.conversation.told.size(), 1u);
  ExpectContains(host.conversation.told[0], "could not be sent");
  ExpectEqual(host.Read().state.recovery_requests.size(), 1u);
  host.courier.broken = false;
  ExpectEqual(host.Login({kRecover, kWrong, kWrong, kWrong}), Outcome::kDenied);
  ExpectEqual(host.courier.sent.size(), 1u, "the next request sends one");
  ExpectUntouched(host);
}

// The code that it was about to send was spoilt by then, and another one sent.
void failure_to_send_leaves_the_code_of_another_login() {
  ReadyHost host;
  host.courier.on_send = [&host] {
    FakeConversation other;
    ExpectEqual(host.Login({kRecover, kWrong, kWrong, kWrong}, other),
                Outcome::kDenied);
    Expect(host.Login({kRecover}, other) != Outcome::kAccepted);
    host.courier.broken = true;
  };
  ExpectEqual(host.Login({kRecover}), Outcome::kUnavailable);
  host.courier.broken = false;
  ExpectEqual(host.Login({kRecover, TypeMailed(host), TypeShown(host)}),
              Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 1u, "it is still the same");
}

void read_only_disk_sends_nothing() {
  InChild([] {
    EnterPrivateMounts();
    ReadyHost host("size=1m,mode=0700");
    host.temporary.disk->MakeReadOnly();
    ExpectEqual(host.Login({kRecover, kWrong}), Outcome::kUnavailable);
    ExpectEqual(host.courier.sent.size(), 0u);
  });
}

void disk_that_fills_while_it_recovers_grants_nothing() {
  InChild([] {
    EnterPrivateMounts();
    ReadyHost host("size=1m,mode=0700");
    const auto fill = [&host] {
      host.temporary.disk->MakeReadOnly();
      return host.CodeShown();
    };
    ExpectEqual(host.Login({kRecover, TypeMailed(host), fill}),
                Outcome::kUnavailable);
    const Record record = host.Read();
    ExpectBytes(record.enrollment->devices[0].key.Expose(), AsBytes(kRfcKey));
  });
}

void Change(Host& host, const std::function<void(Enrollment&)>& change) {
  ExpectOk(host.temporary.store->Change(
      User(kUser), [&](Record record, const Moment&) -> Result<Record> {
        change(*record.enrollment);
        return record;
      }));
}

void Reset(Host& host) { ExpectOk(host.temporary.store->Reset(User(kUser))); }

void RecoverElsewhere(Host& host) {
  FakeConversation other;
  ExpectEqual(host.Login({kRecover, TypeMailed(host),
                          [&] { return host.CodeShown(other); }},
                         other),
              Outcome::kAccepted);
}

// What happens while the key is on the screen of somebody who got hold of the
// password and a recovery code.
void administrator_who_acts_while_it_recovers_wins() {
  struct Row {
    const char* name;
    std::function<void(ReadyHost&)> act;
    Outcome outcome = Outcome::kDenied;
  };
  const seconds life(kRecoveryCodeLife);
  for (const Row& row : {
           Row{"nothing", [](ReadyHost&) {}, Outcome::kAccepted},
           Row{"removed", [](ReadyHost& host) { Reset(host); }},
           Row{"disabled",
               [](ReadyHost& host) {
                 Change(host, [](Enrollment& enrollment) {
                   enrollment.devices[0].status = DeviceStatus::kDisabled;
                 });
               }},
           Row{"reset and enrolled anew",
               [](ReadyHost& host) {
                 Reset(host);
                 host.temporary.Enroll(kUser, "phone", 2);
                 host.AddAddress();
               }},
           Row{"recovery address removed",
               [](ReadyHost& host) {
                 Change(host, [](Enrollment& enrollment) {
                   enrollment.recovery.reset();
                 });
               }},
           Row{"recovery address changed",
               [](ReadyHost& host) {
                 Change(host, [](Enrollment& enrollment) {
                   enrollment.recovery->address = "bob@example.org";
                   enrollment.recovery->key = Secret::CopyOf(
                       AsBytes("another key of thirty-two bytes."));
                 });
               }},
           Row{"device enrolled",
               [](ReadyHost& host) {
                 ExpectOk(host.temporary.store->Change(
                     User(kUser),
                     [](Record record, const Moment&) -> Result<Record> {
                       record.enrollment->devices.push_back(
                           DeviceNamed("laptop", 2, "12345678901234567890-2"));
                       DeviceState state;
                       state.id = DeviceId{2};
                       Expect(record.state.devices.Add(state));
                       return record;
                     }));
               }},
           Row{"address enrolled",
               [](ReadyHost& host) {
                 Change(host, [](Enrollment& enrollment) {
                   Address& added = enrollment.addresses.emplace_back();
                   added.id = DeviceId{11};
                   added.label = "email";
                   added.address = "alice@example.org";
                   added.key = Secret(32);
                 });
               }},
           Row{"new backup codes",
               [](ReadyHost& host) {
                 Change(host, [](Enrollment& enrollment) {
                   enrollment.code_sets[0].id = CodeSetId{8};
                 });
               }},
           Row{"another recovery",
               [](ReadyHost& host) { RecoverElsewhere(host); }},
           Row{"a second less than a quarter of an hour",
               [&](ReadyHost& host) {
                 host.temporary.clock.Advance(life - seconds(1));
               },
               Outcome::kAccepted},
           Row{"a quarter of an hour",
               [&](ReadyHost& host) { host.temporary.clock.Advance(life); }},
           Row{"the clock is set back",
               [](ReadyHost& host) {
                 host.temporary.clock.Advance(-seconds(1));
               }},
       }) {
    ReadyHost host;
    const auto act = [&] {
      row.act(host);
      return host.CodeShown();
    };
    ExpectEqual(host.Login({kRecover, TypeMailed(host), act}), row.outcome,
                row.name);
    const std::vector<std::uint8_t> shown = host.ShownKey();
    const Record record = host.Read();
    const bool stored =
        record.enrollment &&
        std::ranges::any_of(
            record.enrollment->devices, [&](const Device& device) {
              return std::ranges::equal(device.key.Expose(), shown);
            });
    ExpectEqual(stored, row.outcome == Outcome::kAccepted, row.name);
  }
}

// As on a full disk: the state is written in place, the secret file is not.
void secret_file_that_cannot_be_written_leaves_the_old_devices() {
  ReadyHost host;
  const std::string blocker = host.temporary.paths.state + "/secrets/.tmp-root";
  const auto block = [&] {
    Expect(mkdir(blocker.c_str(), 0700) == 0);
    return host.CodeShown();
  };
  ExpectEqual(host.Login({kRecover, TypeMailed(host), block}),
              Outcome::kUnavailable);
  Expect(rmdir(blocker.c_str()) == 0);
  ExpectUntouched(host);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(recovery_ends_with_a_new_device_in_the_same_login),
      EXPECT_TEST(slips_of_the_finger_are_forgiven),
      EXPECT_TEST(
          interrupted_anywhere_nothing_was_granted_and_the_old_factors_stand),
      EXPECT_TEST(wrong_codes_of_the_new_device_grant_nothing),
      EXPECT_TEST(recovery_code_works_once_even_if_what_followed_was_cut_off),
      EXPECT_TEST(three_wrong_codes_kill_the_code),
      EXPECT_TEST(code_that_is_on_its_way_can_be_typed_in_the_next_login),
      EXPECT_TEST(code_is_good_for_a_quarter_of_an_hour),
      EXPECT_TEST(three_requests_in_24_hours_and_no_fourth),
      EXPECT_TEST(clock_set_back_does_not_open_the_limit),
      EXPECT_TEST(recovery_is_off_by_default),
      EXPECT_TEST(nothing_is_sent_before_the_first_factor_is_proven),
      EXPECT_TEST(who_has_no_address_sees_the_same_prompts_and_gets_nothing),
      EXPECT_TEST(disabled_users_cannot_recover),
      EXPECT_TEST(courier_that_fails_denies_and_says_so),
      EXPECT_TEST(failure_to_send_leaves_the_code_of_another_login),
      EXPECT_TEST(read_only_disk_sends_nothing),
      EXPECT_TEST(disk_that_fills_while_it_recovers_grants_nothing),
      EXPECT_TEST(administrator_who_acts_while_it_recovers_wins),
      EXPECT_TEST(secret_file_that_cannot_be_written_leaves_the_old_devices),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
