// SPDX-License-Identifier: Apache-2.0
//
// address_session_test.cc - an address counts when a code came back from it,
// and not before.

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
    return AddressSession::Begin(
        config, *temporary.store, temporary.clock, courier, User(user),
        {.use = AddressUse::kRecovery, .address = address});
  }
  Result<AddressSession> BeginForLogin(const std::string& address,
                                       const std::string& label = {},
                                       Address::Kind kind = {},
                                       const std::string& user = "alice") {
    if (kind == Address::Kind{})
      kind = address.starts_with('+') ? Address::Kind::kSms
                                      : Address::Kind::kEmail;
    return AddressSession::Begin(
        config, *temporary.store, temporary.clock, courier, User(user),
        {.kind = kind, .address = address, .label = label});
  }
  Result<void> Enroll(const std::string& address, const std::string& label = {},
                      const std::string& user = "alice") {
    ASSIGN_OR_RETURN(AddressSession session,
                     BeginForLogin(address, label, {}, user));
    session.ConfirmAsAdministrator();
    return session.Save();
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

  Config config;
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

void proven_address_is_a_factor() {
  Desk desk;
  AddressSession session =
      ExpectOk(desk.BeginForLogin("alice@example.org", "work"));
  ExpectOk(session.Send());
  ExpectEqual(desk.Confirm(session, desk.courier.sent[0].code),
              Verdict::kAccepted);
  ExpectOk(session.Save());
  const Record record = desk.Read();
  ExpectEqual(record.enrollment->addresses.size(), 1u);
  const Address& address = record.enrollment->addresses[0];
  ExpectEqual(address.address, "alice@example.org");
  ExpectEqual(address.label, "work");
  ExpectEqual(address.confirmation, Confirmation::kByCode);
  Expect(record.state.Find(address.id) != nullptr);
  Expect(!record.enrollment->recovery);
}

void addresses_get_free_names() {
  Desk desk;
  for (const char* address :
       {"a@example.org", "b@example.org", "+4915112345678", "+4915112345679"})
    ExpectOk(desk.Enroll(address));
  const Record record = desk.Read();
  std::string labels;
  for (const Address& address : record.enrollment->addresses)
    labels += address.label + " ";
  ExpectEqual(labels, "email email-2 sms sms-2 ");
}

void address_alone_enrolls() {
  Desk desk;
  ExpectOk(desk.Enroll("bob@example.org", {}, "bob"));
  const Record record = ExpectOk(desk.temporary.store->Read(User("bob")));
  Expect(record.enrollment->usable());
  Expect(record.enrollment->devices.empty());
}

void address_that_does_not_fit_is_refused() {
  Desk desk;
  ExpectOk(desk.Enroll("a@example.org"));
  struct Row {
    const char* address;
    const char* label;
    Address::Kind kind;
    ErrorCode error;
  };
  using Kind = Address::Kind;
  for (const Row& row : {
           Row{"a@example.org", "b", Kind::kEmail, ErrorCode::kExists},
           {"b@example.org", "email", Kind::kEmail, ErrorCode::kExists},
           {"b@example.org", "phone", Kind::kEmail, ErrorCode::kExists},
           {"+4915112345678", "", Kind::kEmail, ErrorCode::kInvalid},
           {"a@example.org", "", Kind::kSms, ErrorCode::kInvalid},
           {"015112345678", "", Kind::kSms, ErrorCode::kInvalid},
           {"b@example.org", "Work", Kind::kEmail, ErrorCode::kInvalid},
           {"b@example.org", "my mail", Kind::kEmail, ErrorCode::kInvalid},
           {"b@example.org", "123456", Kind::kEmail, ErrorCode::kInvalid},
           {"b@example.org", "1234", Kind::kEmail, ErrorCode::kInvalid},
           {"b@example.org", "recover", Kind::kEmail, ErrorCode::kInvalid},
           {"b@example.org", "7k3m-9qxp-t2wa", Kind::kEmail,
            ErrorCode::kInvalid},
           {"b@example.org", "a)b", Kind::kEmail, ErrorCode::kInvalid},
       })
    ExpectError(desk.BeginForLogin(row.address, row.label, row.kind),
                row.error);
}

// The prompt names them all, and PAM_MAX_MSG_SIZE bounds it.
void names_of_addresses_are_short() {
  for (const std::string& good :
       {std::string("e"), std::string("e-mail_2.work"), std::string(16, 'e')})
    Expect(IsAddressLabel(good), good);
  for (const std::string& bad : {std::string(), std::string(17, 'e')})
    Expect(!IsAddressLabel(bad), bad);
}

void fifth_address_is_refused() {
  Desk desk;
  for (int i = 0; i < 4; ++i)
    ExpectOk(desk.Enroll(std::to_string(i) + "@example.org"));
  ExpectContains(
      ExpectError(desk.Enroll("+4915112345678"), ErrorCode::kCapacity),
      "4 addresses");
  ExpectOk(desk.Enroll("b@example.org", {}, "bob"));
}

// Enrolled by somebody else while the code was on its way.
void fifth_address_is_not_stored() {
  Desk desk;
  AddressSession session = ExpectOk(desk.BeginForLogin("x@example.org"));
  session.ConfirmAsAdministrator();
  for (int i = 0; i < 4; ++i)
    ExpectOk(desk.Enroll(std::to_string(i) + "@example.org",
                         "a" + std::to_string(i)));
  ExpectError(session.Save(), ErrorCode::kCapacity);
}

void right_codes_stay_few_with_addresses() {
  Desk desk;  // Its device has three right codes at a time.
  for (std::uint64_t id = 2; id <= 4; ++id)
    desk.temporary.Enroll("alice", "phone-" + std::to_string(id), id);
  for (int i = 0; i < 3; ++i)
    ExpectOk(desk.Enroll(std::to_string(i) + "@example.org"));
  ExpectContains(
      ExpectError(desk.Enroll("x@example.org"), ErrorCode::kCapacity),
      "15 codes");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(address_is_stored_once_its_code_came_back),
      EXPECT_TEST(address_is_not_stored_without_its_code),
      EXPECT_TEST(third_wrong_code_is_the_last),
      EXPECT_TEST(code_is_good_for_its_time),
      EXPECT_TEST(bad_beginnings_are_refused),
      EXPECT_TEST(proven_address_is_a_factor),
      EXPECT_TEST(addresses_get_free_names),
      EXPECT_TEST(address_alone_enrolls),
      EXPECT_TEST(address_that_does_not_fit_is_refused),
      EXPECT_TEST(names_of_addresses_are_short),
      EXPECT_TEST(fifth_address_is_refused),
      EXPECT_TEST(fifth_address_is_not_stored),
      EXPECT_TEST(right_codes_stay_few_with_addresses),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
