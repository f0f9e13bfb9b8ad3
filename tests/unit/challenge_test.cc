// SPDX-License-Identifier: Apache-2.0
//
// challenge_test.cc - from the word to the code that was sent, and its limits.

#include "core/session/challenge.h"

#include <functional>

#include "core/session/login_session.h"
#include "core/session/pending_code.h"
#include "tests/unit/fake_conversation.h"
#include "tests/unit/fake_courier.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// The user that every system has.
constexpr const char* kUser = "root";
constexpr std::string_view kPrompt = "Verification code: ";
constexpr std::string_view kBothWords = "Verification code (or: email, sms): ";

// What to type at each prompt; nobody is there once they are used up.
using Answers = std::vector<std::function<std::string()>>;

struct Host {
  Host() {
    config->paths = temporary.paths;
    config->services.emplace_back("sudo-i");
    request.user = kUser;
    request.service = "sshd";
    request.remote_host = "192.0.2.7";
    request.first = FirstFactor::kProven;
  }

  Host& AddPhone() {
    temporary.Enroll(kUser);
    return *this;
  }
  Host& Add(Address::Kind kind, const std::string& address,
            const std::string& label, std::uint64_t id) {
    ExpectOk(temporary.store->Change(
        User(kUser), [&](Record record, const Moment&) -> Result<Record> {
          if (!record.enrollment) record.enrollment.emplace();
          Address& added = record.enrollment->addresses.emplace_back();
          added.kind = kind;
          added.address = address;
          added.label = label;
          added.id = DeviceId{id};
          added.key = Secret(32);
          DeviceState state;
          state.id = added.id;
          Expect(record.state.devices.Add(state));
          return record;
        }));
    return *this;
  }
  Host& AddEmail() {
    return Add(Address::Kind::kEmail, "alice@example.org", "email", 11);
  }
  Host& AddSms() {
    return Add(Address::Kind::kSms, "+4915112345678", "sms", 12);
  }
  // As after a login from there.
  void KnowSource(const std::string& remote_host = "192.0.2.7") {
    ExpectOk(temporary.store->Update<bool>(
        User(kUser),
        [&](const Enrollment&, const Moment& moment,
            StateChange& change) -> Result<bool> {
          return change.state.sources.Add(
              {SourceFromRemoteHost(remote_host), moment.now, {}});
        }));
  }
  void SetStatus(DeviceStatus status) {
    ExpectOk(temporary.store->Change(
        User(kUser), [&](Record record, const Moment&) -> Result<Record> {
          for (Address& address : record.enrollment->addresses)
            address.status = status;
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
  const std::string& LastPrompt() const { return conversation.prompts.back(); }
  std::string Sent() const {
    Expect(!courier.sent.empty(), "nothing was sent");
    return courier.sent.back().code;
  }
  std::string Wrong() const { return Sent() == "000000" ? "000001" : "000000"; }
  std::string PhoneCode(int offset = 0) const {
    return CodeAt({}, AsBytes(kRfcKey), temporary.clock.moment.now, offset);
  }
  LoginState State() {
    return ExpectOk(temporary.store->Read(User(kUser))).state;
  }

  TemporaryStore temporary;
  Result<Config> config = Config{};
  FakeConversation conversation;
  FakeCourier courier;
  LoginRequest request;
};

std::function<std::string()> Type(const std::string& text) {
  return [text] { return text; };
}
std::function<std::string()> TypeSent(const Host& host) {
  return [&host] { return host.Sent(); };
}
std::function<std::string()> TypeWrong(const Host& host) {
  return [&host] { return host.Wrong(); };
}
const auto kEmail = Type("email");
const auto kSms = Type("sms");
const auto kNothing = Type("");

void word_sends_a_code_that_lets_in_once() {
  Host host;
  host.AddPhone().AddEmail().AddSms();
  ExpectEqual(host.Login({kEmail, TypeSent(host)}), Outcome::kAccepted);
  ExpectEqual(host.conversation.prompts[0], kBothWords);
  ExpectEqual(host.LastPrompt(), "\nA code was sent to a***e@example.org.\n" +
                                     std::string(kBothWords));
  ExpectEqual(host.courier.sent.size(), 1u);
  ExpectEqual(host.courier.sent[0].kind, MessageKind::kLoginCode);
  ExpectEqual(host.courier.sent[0].address, "alice@example.org");
  ExpectEqual(host.Sent().size(), 6u);
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kDenied, "twice");
  ExpectEqual(host.State().Find(DeviceId{11})->last_used,
              host.temporary.clock.moment.now);

  ExpectEqual(host.Login({Type(" SMS \r\n"), TypeSent(host)}),
              Outcome::kAccepted);
  ExpectEqual(host.courier.sent[1].address, "+4915112345678");
  Expect(host.LastPrompt().find("+49***78") != std::string::npos,
         host.LastPrompt());
}

void prompt_offers_what_can_be_sent_and_no_more() {
  struct Row {
    const char* name;
    std::function<void(Host&)> change;
    std::string_view prompt;
  };
  const Row rows[] = {
      {"both", [](Host&) {}, kBothWords},
      {"unproven",
       [](Host& host) { host.request.first = FirstFactor::kUnproven; },
       kPrompt},
      {"key", [](Host& host) { host.request.first = FirstFactor::kKey; },
       kPrompt},
      {"no delivery", [](Host& host) { host.courier.configured = false; },
       kPrompt},
      {"off",
       [](Host& host) {
         host.config->delivered_codes = {false, false};
       },
       kPrompt},
      {"email alone",
       [](Host& host) {
         host.config->delivered_codes = {true, false};
       },
       "Verification code (or: email): "},
      {"sms alone",
       [](Host& host) {
         host.config->delivered_codes = {false, true};
       },
       "Verification code (or: sms): "},
      {"disabled", [](Host& host) { host.SetStatus(DeviceStatus::kDisabled); },
       kPrompt},
      {"own prompt", [](Host& host) { host.config->prompt = "Code? "; },
       "Code? (or: email, sms) "},
      {"bare prompt", [](Host& host) { host.config->prompt = ":"; },
       "(or: email, sms):"},
  };
  for (const Row& row : rows) {
    Host host;
    host.AddPhone().AddEmail().AddSms();
    row.change(host);
    Expect(host.Login({kNothing}) != Outcome::kAccepted);
    ExpectEqual(host.LastPrompt(), row.prompt, row.name);
    ExpectEqual(host.Login({kNothing}), Outcome::kDenied, row.name);
    ExpectEqual(host.courier.sent.size(), 0u, row.name);
  }
}

void words_send_nothing_where_nothing_is_offered() {
  Host host;
  host.AddPhone().AddEmail();
  host.request.first = FirstFactor::kUnproven;
  ExpectEqual(host.Login({kEmail}), Outcome::kDenied);
  host.request.first = FirstFactor::kKey;
  ExpectEqual(host.Login({kEmail}), Outcome::kDenied);
  ExpectEqual(host.courier.sent.size(), 0u);
}

void only_address_gets_a_code_at_once() {
  Host host;
  host.AddEmail();
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 1u);

  Host two;
  two.AddEmail().AddSms();
  ExpectEqual(two.Login({kNothing}), Outcome::kDenied);
  ExpectEqual(two.courier.sent.size(), 0u, "with several they choose");
}

void dropped_connection_comes_back_for_its_code() {
  Host host;
  host.AddEmail();
  Expect(host.Login({}) == Outcome::kConversationFailed);
  host.temporary.clock.Advance(minutes(2));
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 1u, "the first is still good");
  Expect(host.LastPrompt().find("is still good") != std::string::npos,
         host.LastPrompt());
}

void code_is_good_for_its_time() {
  const seconds life(kPendingCodeLife);
  for (auto [after, outcome] :
       {std::pair(life - seconds(1), Outcome::kAccepted),
        {life, Outcome::kDenied},
        {seconds(-1), Outcome::kDenied}}) {
    Host host;
    host.AddPhone().AddEmail();
    Expect(host.Login({kEmail}) != Outcome::kAccepted);
    host.temporary.clock.Advance(after);
    ExpectEqual(host.Login({TypeSent(host)}), outcome,
                std::to_string(after.count()));
  }
}

void third_wrong_answer_is_the_last() {
  for (auto [wrong, outcome] :
       {std::pair(2, Outcome::kAccepted), {3, Outcome::kDenied}}) {
    Host host;
    host.AddPhone().AddEmail();
    Expect(host.Login({kEmail}) != Outcome::kAccepted);
    for (int i = 0; i < wrong; ++i)
      ExpectEqual(host.Login({TypeWrong(host)}), Outcome::kDenied);
    ExpectEqual(host.Login({TypeSent(host)}), outcome, std::to_string(wrong));
  }
}

void answers_of_other_lengths_do_not_spoil_it() {
  Host host;
  host.AddPhone().AddEmail();
  Expect(host.Login({kEmail}) != Outcome::kAccepted);
  for (const char* other : {"12345678", "1234567", "7K3M-9QXP-T2WA", "hello"})
    ExpectEqual(host.Login({Type(other)}), Outcome::kDenied, other);
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kAccepted);
}

void codes_of_devices_leave_it_alone() {
  Host host;
  host.AddPhone().AddEmail();
  Expect(host.Login({kEmail}) != Outcome::kAccepted);
  ExpectEqual(host.Login({Type(host.PhoneCode())}), Outcome::kAccepted);
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kAccepted);
}

void others_neither_use_nor_spoil_it() {
  struct Row {
    const char* name;
    const char* service;
    const char* remote_host;
    Outcome outcome;
  };
  for (const Row& row : {
           Row{"same", "sshd", "192.0.2.7", Outcome::kAccepted},
           {"mapped", "sshd", "::ffff:192.0.2.7", Outcome::kAccepted},
           {"other source", "sshd", "192.0.2.8", Outcome::kDenied},
           {"local", "sshd", "", Outcome::kDenied},
           {"other service", "sudo", "192.0.2.7", Outcome::kDenied},
       }) {
    Host host;
    host.AddPhone().AddEmail();
    Expect(host.Login({kEmail}) != Outcome::kAccepted);
    host.request.service = row.service;
    host.request.remote_host = row.remote_host;
    ExpectEqual(host.Login({TypeSent(host)}), row.outcome, row.name);
    if (row.outcome == Outcome::kDenied)
      for (int i = 0; i < 3; ++i)
        ExpectEqual(host.Login({TypeWrong(host)}), Outcome::kDenied);
    host.request.service = "sshd";
    host.request.remote_host = "192.0.2.7";
    ExpectEqual(host.Login({TypeSent(host)}),
                row.outcome == Outcome::kAccepted ? Outcome::kDenied
                                                  : Outcome::kAccepted,
                row.name);
  }
}

void service_classes_go_by_their_first_word() {
  for (auto [service, expected] : {std::pair("sshd", "sshd"),
                                   {"sudo-i", "sudo"},
                                   {"su-l", "su"},
                                   {"", ""},
                                   {"gdm-password", "gdm"}})
    ExpectEqual(ServiceClass(service), expected);
  Host host;
  host.AddPhone().AddEmail();
  host.request.service = "sudo";
  Expect(host.Login({kEmail}) != Outcome::kAccepted);
  host.request.service = "sudo-i";
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kAccepted);
}

void newest_code_alone_is_good() {
  Host host;
  host.AddPhone().AddEmail();
  Expect(host.Login({kEmail}) != Outcome::kAccepted);
  const std::string first = host.Sent();
  host.temporary.clock.Advance(kSendSpacing);
  Expect(host.Login({kEmail}) != Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 2u);
  if (first != host.Sent())
    ExpectEqual(host.Login({Type(first)}), Outcome::kDenied);
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kAccepted);
}

// At each second of the list somebody asks; what is sent is counted.
void sends_stay_within_their_limits() {
  struct Row {
    const char* name;
    RateLimit limit;
    std::vector<int> asked_at;
    std::size_t sent;
  };
  const RateLimit standard{3, minutes(30)};
  for (const Row& row : {
           Row{"at once", standard, {0, 0, 0}, 1},
           {"59 s later", standard, {0, 59}, 1},
           {"60 s later", standard, {0, 60}, 2},
           {"three", standard, {0, 60, 120}, 3},
           {"a fourth", standard, {0, 60, 120, 180}, 3},
           {"until the first is old", standard, {0, 60, 120, 1799}, 3},
           {"when the first is old", standard, {0, 60, 120, 1800}, 4},
           {"a wider limit", {20, minutes(30)}, {0, 60, 120, 180}, 4},
       }) {
    Host host;
    host.AddPhone().AddEmail();
    host.KnowSource();
    host.config->send_limit = row.limit;
    int now = 0;
    for (int at : row.asked_at) {
      host.temporary.clock.Advance(seconds(at - std::exchange(now, at)));
      Expect(host.Login({kEmail}) != Outcome::kAccepted);
    }
    ExpectEqual(host.courier.sent.size(), row.sent, row.name);
  }
}

void sends_of_a_day_are_limited() {
  for (auto [known, most] : {std::pair(true, 20u), {false, 15u}}) {
    Host host;
    host.AddPhone().AddEmail();
    if (known) host.KnowSource();
    host.config->send_limit = {20, minutes(1)};
    for (int i = 0; i < 30; ++i) {
      Expect(host.Login({kEmail}) != Outcome::kAccepted);
      host.temporary.clock.Advance(minutes(2));
    }
    ExpectEqual(host.courier.sent.size(), most);
    host.temporary.clock.Advance(std::chrono::days(1));
    Expect(host.Login({kEmail}) != Outcome::kAccepted);
    ExpectEqual(host.courier.sent.size(), most + 1);
  }
}

void strangers_leave_a_code_to_known_sources() {
  Host host;
  host.AddPhone().AddEmail();
  host.KnowSource();
  host.request.remote_host = "203.0.113.1";
  for (int i = 0; i < 5; ++i) {
    Expect(host.Login({kEmail}) != Outcome::kAccepted);
    host.temporary.clock.Advance(kSendSpacing);
  }
  ExpectEqual(host.courier.sent.size(), 2u, "of three");
  host.request.remote_host = "192.0.2.7";
  ExpectEqual(host.Login({kEmail, TypeSent(host)}), Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 3u);
}

void strangers_do_not_replace_the_code_of_a_known_source() {
  Host host;
  host.AddPhone().AddEmail();
  host.KnowSource();
  Expect(host.Login({kEmail}) != Outcome::kAccepted);
  host.temporary.clock.Advance(kSendSpacing);
  host.request.remote_host = "203.0.113.1";
  Expect(host.Login({kEmail}) != Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 1u);
  host.request.remote_host = "192.0.2.7";
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kAccepted);
}

void ways_are_limited_apart() {
  Host host;
  host.AddPhone().AddEmail().AddSms();
  Expect(host.Login({kEmail, kSms}) != Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 2u);
  ExpectEqual(host.Login({Type(host.courier.sent[0].code)}),
              Outcome::kAccepted);
}

void login_sends_three_codes_at_most() {
  Host host;
  host.AddPhone()
      .Add(Address::Kind::kEmail, "a@example.org", "a", 21)
      .AddEmail()
      .AddSms();
  host.config->send_limit = {20, minutes(30)};
  Expect(host.Login({Type("a"), kSms, kEmail, kEmail}) != Outcome::kAccepted);
  ExpectEqual(host.conversation.prompts.size(), 4u,
              "the fourth word is an answer");
}

void host_has_its_daily_limit() {
  Host host;
  host.AddPhone().AddEmail().AddSms();
  host.config->codes_per_day = 1;
  Expect(host.Login({kEmail, kSms}) != Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 1u);
  Expect(host.LastPrompt().find("could not be sent") != std::string::npos,
         host.LastPrompt());
  host.temporary.clock.Advance(std::chrono::days(1));
  Expect(host.Login({kSms}) != Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 2u);
}

void throttled_source_is_sent_nothing() {
  Host host;
  host.AddPhone().AddEmail();
  for (int i = 0; i < 5; ++i)
    ExpectEqual(host.Login({Type("000000")}), Outcome::kDenied);
  ExpectEqual(host.Login({kEmail, Type("000000")}), Outcome::kThrottled);
  ExpectEqual(host.courier.sent.size(), 0u);
}

void failed_delivery_is_said_and_other_ways_go_on() {
  Host host;
  host.AddPhone().AddEmail();
  host.courier.broken = true;
  ExpectEqual(host.Login({kEmail, Type(host.PhoneCode())}), Outcome::kAccepted);
  Expect(host.LastPrompt().find("could not be sent") != std::string::npos,
         host.LastPrompt());
  ExpectEqual(host.State().ChannelOf(Address::Kind::kEmail).code.sent,
              UnixTime{}, "a code that nobody has is not pending");

  Host only;
  only.AddEmail();
  only.courier.broken = true;
  ExpectEqual(only.Login({Type("000000")}), Outcome::kDenied);
}

void failed_delivery_leaves_the_code_of_another_login() {
  Host host;
  host.AddPhone().AddEmail();
  host.courier.on_send = [&host] {
    host.temporary.clock.Advance(kSendSpacing);
    FakeConversation other;
    Expect(host.Login({kEmail}, other) != Outcome::kAccepted);
    host.courier.broken = true;
  };
  ExpectEqual(host.Login({kEmail, kNothing}), Outcome::kDenied);
  ExpectEqual(host.courier.sent.size(), 1u);
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kAccepted);
}

void removed_or_disabled_address_opens_nothing() {
  Host host;
  host.AddPhone().AddEmail();
  Expect(host.Login({kEmail}) != Outcome::kAccepted);
  host.SetStatus(DeviceStatus::kDisabled);
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kDenied);
  host.SetStatus(DeviceStatus::kEnabled);
  host.config->delivered_codes = {false, true};
  ExpectEqual(host.Login({TypeSent(host)}), Outcome::kDenied);

  Host gone;
  gone.AddPhone().AddEmail();
  Expect(gone.Login({kEmail}) != Outcome::kAccepted);
  ExpectOk(gone.temporary.store->Change(
      User(kUser), [&](Record record, const Moment&) -> Result<Record> {
        record.enrollment->addresses.clear();
        return record;
      }));
  ExpectEqual(gone.Login({TypeSent(gone)}), Outcome::kDenied);
  ExpectEqual(gone.State().ChannelOf(Address::Kind::kEmail).code.sent,
              UnixTime{});
}

void address_without_its_way_is_nothing_usable() {
  Host host;
  host.AddEmail();
  host.config->delivered_codes = {false, false};
  ExpectEqual(host.Login({Type("000000")}), Outcome::kDenied);
  ExpectEqual(host.State().strangers.recent.size(), 0u, "nothing was judged");
}

void pending_code_ends_with_its_address_and_with_its_time() {
  Host disabled;
  disabled.AddPhone().AddEmail();
  Expect(disabled.Login({kEmail}) != Outcome::kAccepted);
  disabled.SetStatus(DeviceStatus::kDisabled);
  disabled.SetStatus(DeviceStatus::kEnabled);
  ExpectEqual(disabled.Login({TypeSent(disabled)}), Outcome::kDenied);

  Host set_back;
  set_back.AddPhone().AddEmail();
  Expect(set_back.Login({kEmail}) != Outcome::kAccepted);
  set_back.temporary.clock.Advance(seconds(-3600));
  ExpectEqual(set_back.Login({TypeWrong(set_back)}), Outcome::kDenied);
  set_back.temporary.clock.Advance(seconds(3601));
  ExpectEqual(set_back.Login({TypeSent(set_back)}), Outcome::kDenied);
}

void backup_codes_do_not_stand_in_for_ways_that_are_off() {
  Host host;
  host.AddPhone().AddEmail();
  ExpectOk(host.temporary.store->Change(
      User(kUser), [](Record record, const Moment&) -> Result<Record> {
        record.enrollment->devices[0].status = DeviceStatus::kDisabled;
        CodeSet& set = record.enrollment->code_sets.emplace_back();
        set.id = CodeSetId{7};
        set.key = Secret(32);
        set.hashes.push_back(
            ExpectOk(HashCode(set.key.Expose(), AsBytes("7K3M9QXPT2WA"))));
        Expect(record.state.code_sets.Add({set.id, 0, {}}));
        return record;
      }));
  host.config->delivered_codes = {false, false};
  ExpectEqual(host.Login({Type("7K3M-9QXP-T2WA")}), Outcome::kDenied);
  host.config->delivered_codes = {true, false};
  ExpectEqual(host.Login({Type("7K3M-9QXP-T2WA")}), Outcome::kAccepted);
}

void late_in_a_login_nothing_is_sent() {
  Host host;
  host.AddPhone().AddEmail();
  Expect(host.Login({[&] {
    host.temporary.clock.Sleep(kLoginBudget);
    return std::string("email");
  }}) != Outcome::kAccepted);
  ExpectEqual(host.courier.sent.size(), 0u);
  Expect(host.LastPrompt().find("no time left") != std::string::npos,
         host.LastPrompt());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(word_sends_a_code_that_lets_in_once),
      EXPECT_TEST(prompt_offers_what_can_be_sent_and_no_more),
      EXPECT_TEST(words_send_nothing_where_nothing_is_offered),
      EXPECT_TEST(only_address_gets_a_code_at_once),
      EXPECT_TEST(dropped_connection_comes_back_for_its_code),
      EXPECT_TEST(code_is_good_for_its_time),
      EXPECT_TEST(third_wrong_answer_is_the_last),
      EXPECT_TEST(answers_of_other_lengths_do_not_spoil_it),
      EXPECT_TEST(codes_of_devices_leave_it_alone),
      EXPECT_TEST(others_neither_use_nor_spoil_it),
      EXPECT_TEST(service_classes_go_by_their_first_word),
      EXPECT_TEST(newest_code_alone_is_good),
      EXPECT_TEST(sends_stay_within_their_limits),
      EXPECT_TEST(sends_of_a_day_are_limited),
      EXPECT_TEST(strangers_leave_a_code_to_known_sources),
      EXPECT_TEST(strangers_do_not_replace_the_code_of_a_known_source),
      EXPECT_TEST(ways_are_limited_apart),
      EXPECT_TEST(login_sends_three_codes_at_most),
      EXPECT_TEST(host_has_its_daily_limit),
      EXPECT_TEST(throttled_source_is_sent_nothing),
      EXPECT_TEST(failed_delivery_is_said_and_other_ways_go_on),
      EXPECT_TEST(failed_delivery_leaves_the_code_of_another_login),
      EXPECT_TEST(removed_or_disabled_address_opens_nothing),
      EXPECT_TEST(address_without_its_way_is_nothing_usable),
      EXPECT_TEST(pending_code_ends_with_its_address_and_with_its_time),
      EXPECT_TEST(backup_codes_do_not_stand_in_for_ways_that_are_off),
      EXPECT_TEST(late_in_a_login_nothing_is_sent),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
