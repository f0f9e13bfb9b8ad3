// SPDX-License-Identifier: Apache-2.0
//
// address_session_test.cc - a recovery address counts when a code came back
// from it, and not before.

#include "core/session/address_session.h"

#include "core/session/recovery_session.h"
#include "tests/unit/fake_courier.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using std::chrono::seconds;

namespace {

struct Desk {
  Desk() { temporary.Enroll("alice"); }
  Result<AddressSession> Begin(const std::string& address,
                               const std::string& user = "alice") {
    return AddressSession::Begin(*temporary.store, temporary.clock, courier,
                                 User(user), address);
  }
  AddressSession Sent() {
    AddressSession session = ExpectOk(Begin("alice@example.org"));
    ExpectOk(session.Send());
    return session;
  }
  Verdict Confirm(AddressSession& session, const std::string& code) const {
    return ExpectOk(session.Confirm(AsBytes(code)));
  }
  Record Read() { return ExpectOk(temporary.store->Read(User("alice"))); }

  TemporaryStore temporary;
  FakeCourier courier;
};

void address_is_stored_once_its_code_came_back() {
  Desk desk;
  AddressSession session = desk.Sent();
  ExpectEqual(desk.courier.sent.size(), 1u);
  ExpectEqual(desk.courier.sent[0].kind, MessageKind::kAddressCheck);
  ExpectEqual(desk.courier.sent[0].address, "alice@example.org");
  ExpectEqual(desk.courier.sent[0].user, "alice");
  ExpectEqual(desk.Confirm(session, desk.courier.sent[0].code),
              Verdict::kAccepted);
  ExpectOk(session.Save());
  const Record record = desk.Read();
  ExpectEqual(record.enrollment->recovery->address, "alice@example.org");
  ExpectEqual(record.enrollment->recovery->confirmed,
              desk.temporary.clock.moment.now);
  ExpectEqual(record.enrollment->devices.size(), 1u);
}

void address_is_not_stored_without_its_code() {
  Desk desk;
  AddressSession unsent = ExpectOk(desk.Begin("alice@example.org"));
  ExpectError(unsent.Save(), ErrorCode::kInvalid);
  ExpectEqual(desk.Confirm(unsent, "7K3M-9QXP-T2WA"), Verdict::kRejected);
  AddressSession session = desk.Sent();
  ExpectEqual(desk.Confirm(session, "7K3M-9QXP-T2WA"), Verdict::kRejected);
  ExpectError(session.Save(), ErrorCode::kInvalid);
  Expect(!desk.Read().enrollment->recovery);
}

void third_wrong_code_is_the_last() {
  Desk desk;
  AddressSession session = desk.Sent();
  for (const char* wrong : {"", "123456", "7K3M-9QXP-T2WA"})
    ExpectEqual(desk.Confirm(session, wrong), Verdict::kRejected);
  ExpectEqual(desk.Confirm(session, desk.courier.sent[0].code),
              Verdict::kRejected);
  ExpectOk(session.Send());
  ExpectEqual(desk.Confirm(session, desk.courier.sent[0].code),
              Verdict::kRejected, "of the message before");
  ExpectEqual(desk.Confirm(session, desk.courier.sent[1].code),
              Verdict::kAccepted);
}

void code_is_good_for_its_time() {
  const seconds life(kRecoveryCodeLife);
  for (auto [after, verdict] :
       {std::pair(life - seconds(1), Verdict::kAccepted),
        {life, Verdict::kRejected},
        {seconds(-1), Verdict::kRejected}}) {
    Desk desk;
    AddressSession session = desk.Sent();
    desk.temporary.clock.Advance(after);
    ExpectEqual(desk.Confirm(session, desk.courier.sent[0].code), verdict,
                std::to_string(after.count()));
  }
}

void bad_beginnings_are_refused() {
  Desk desk;
  ExpectError(desk.Begin("alice"), ErrorCode::kInvalid);
  ExpectError(desk.Begin("a@b\r\nBcc: c@d"), ErrorCode::kInvalid);
  ExpectError(desk.Begin("a@example.org", "bob"), ErrorCode::kNotFound);
  desk.courier.broken = true;
  AddressSession session = ExpectOk(desk.Begin("a@example.org"));
  ExpectError(session.Send(), ErrorCode::kDelivery);
  ExpectError(session.Save(), ErrorCode::kInvalid);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(address_is_stored_once_its_code_came_back),
      EXPECT_TEST(address_is_not_stored_without_its_code),
      EXPECT_TEST(third_wrong_code_is_the_last),
      EXPECT_TEST(code_is_good_for_its_time),
      EXPECT_TEST(bad_beginnings_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
