// SPDX-License-Identifier: Apache-2.0
//
// given_key_test.cc - a key that was brought along may have made codes before:
// none that may have been used counts again.

#include "core/session/enroll_session.h"
#include "core/session/judgement.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using std::chrono::seconds;
using Kind = Judgement::Kind;

namespace {

constexpr TotpParameters kDefaults;

struct Desk {
  TemporaryStore temporary;
  Config config;

  // An empty key is a fresh one.
  EnrollSession Begin(std::string_view key) {
    DeviceRequest request;
    if (!key.empty()) request.key = Secret::CopyOf(AsBytes(key));
    return ExpectOk(EnrollSession::Begin(config, *temporary.store,
                                         temporary.clock, User("alice"),
                                         std::move(request)));
  }
  void EnrollAsAdministrator(std::string_view key) {
    EnrollSession session = Begin(key);
    session.ConfirmAsAdministrator();
    ExpectOk(session.Save());
  }
  void Remove() {
    ExpectOk(temporary.store->Change(
        User("alice"), [](Record record, const Moment&) -> Result<Record> {
          record.enrollment.reset();
          return record;
        }));
  }
  std::string Code(int offset = 0, Bytes key = AsBytes(kRfcKey)) const {
    return CodeAt(kDefaults, key, temporary.clock.moment.now, offset);
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
};

// A right code that is spent, however the step after it is explained.
void ExpectSpent(Kind kind, std::string_view row = {}) {
  Expect(kind == Kind::kReplayed || kind == Kind::kClockBehind, row);
}

void code_used_before_a_removal_is_not_accepted_after_it() {
  for (int ahead : {-1, 0, 1}) {
    const std::string row = std::to_string(ahead);
    Desk desk;
    desk.EnrollAsAdministrator(kRfcKey);
    desk.temporary.clock.Advance(seconds(600));
    const std::string code = desk.Code(ahead);
    ExpectEqual(desk.Login(code), Kind::kAccepted, row);
    ExpectEqual(desk.Login(code), Kind::kReplayed, row);

    desk.Remove();
    desk.EnrollAsAdministrator(kRfcKey);
    ExpectSpent(desk.Login(code), row);
  }
}

// Nor later, while the window still reaches it.
void used_code_stays_dead_for_as_long_as_the_window_reaches_it() {
  Desk desk;
  desk.config.totp_tolerance = {.window = kMaxWindow, .max_drift = kMaxDrift};
  desk.EnrollAsAdministrator(kRfcKey);
  desk.temporary.clock.Advance(seconds(600));
  const std::string code = desk.Code(kMaxWindow);
  ExpectEqual(desk.Login(code), Kind::kAccepted);
  desk.Remove();
  desk.EnrollAsAdministrator(kRfcKey);
  for (int step = 0; step <= 2 * kMaxWindow + kMaxDrift; ++step) {
    const Kind kind = desk.Login(code);
    Expect(kind != Kind::kAccepted, std::to_string(step));
    desk.temporary.clock.Advance(kDefaults.period);
  }
}

// The code that a login took does not confirm its way back in either.
void code_used_before_is_dead_after_it_confirmed_the_device() {
  Desk desk;
  desk.EnrollAsAdministrator(kRfcKey);
  desk.temporary.clock.Advance(seconds(600));
  const std::string code = desk.Code();
  const std::string next = desk.Code(1);
  ExpectEqual(desk.Login(code), Kind::kAccepted);
  ExpectEqual(desk.Login(next), Kind::kAccepted);
  desk.Remove();
  EnrollSession session = desk.Begin(kRfcKey);
  if (ExpectOk(session.Confirm(AsBytes(code))) != Verdict::kAccepted) return;
  ExpectOk(session.Save());
  ExpectSpent(desk.Login(code));
  ExpectSpent(desk.Login(next));
}

void given_key_is_usable_a_few_steps_later() {
  Desk desk;
  desk.EnrollAsAdministrator(kRfcKey);
  for (int offset : {-1, 0, 1}) ExpectSpent(desk.Login(desk.Code(offset)));
  // The widest window, the largest drift, and the step itself.
  desk.temporary.clock.Advance(5 * kDefaults.period);
  ExpectEqual(desk.Login(desk.Code()), Kind::kAccepted);
}

void first_code_of_a_fresh_key_is_accepted_at_once() {
  for (int offset : {-1, 0, 1}) {
    Desk desk;
    EnrollSession session = desk.Begin({});
    session.ConfirmAsAdministrator();
    ExpectOk(session.Save());
    const std::string code = desk.Code(offset, session.device().key.Expose());
    ExpectEqual(desk.Login(code), Kind::kAccepted, std::to_string(offset));
    ExpectEqual(desk.Login(code), Kind::kReplayed, std::to_string(offset));
  }
}

void fresh_key_confirmed_by_a_code_takes_the_next_code_at_once() {
  Desk desk;
  EnrollSession session = desk.Begin({});
  const Bytes key = session.device().key.Expose();
  ExpectEqual(ExpectOk(session.Confirm(AsBytes(desk.Code(0, key)))),
              Verdict::kAccepted);
  ExpectOk(session.Save());
  ExpectEqual(desk.Login(desk.Code(0, key)), Kind::kReplayed);
  ExpectEqual(desk.Login(desk.Code(1, key)), Kind::kAccepted);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(code_used_before_a_removal_is_not_accepted_after_it),
      EXPECT_TEST(used_code_stays_dead_for_as_long_as_the_window_reaches_it),
      EXPECT_TEST(code_used_before_is_dead_after_it_confirmed_the_device),
      EXPECT_TEST(given_key_is_usable_a_few_steps_later),
      EXPECT_TEST(first_code_of_a_fresh_key_is_accepted_at_once),
      EXPECT_TEST(fresh_key_confirmed_by_a_code_takes_the_next_code_at_once),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
