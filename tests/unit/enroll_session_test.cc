// SPDX-License-Identifier: Apache-2.0
//
// enroll_session_test.cc - a new device: its key, its URI, its first code, and
// its one write.

#include "core/session/enroll_session.h"

#include "core/session/judgement.h"
#include "tests/unit/judged.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;

namespace {

struct Desk {
  TemporaryStore temporary;
  Config config;

  Result<EnrollSession> Begin(DeviceRequest request,
                              std::string_view user = "alice") {
    return EnrollSession::Begin(config, *temporary.store, temporary.clock,
                                User(user), std::move(request));
  }
  // Enrolls a device that an administrator vouches for.
  Result<void> Enroll(const std::string& label, int digits = 6,
                      std::string_view key = {}) {
    DeviceRequest request{.label = label, .parameters = {}, .key = {}};
    request.parameters.digits = digits;
    if (!key.empty()) request.key = Secret::CopyOf(AsBytes(key));
    auto session = Begin(std::move(request));
    if (!session) return std::unexpected(session.error());
    session->ConfirmAsAdministrator();
    return session->Save();
  }
  std::string CodeNow(const Device& device, int offset = 0) const {
    return CodeAt({device.algorithm, device.digits, device.period},
                  device.key.Expose(), temporary.clock.moment.now, offset);
  }
  Record Read(std::string_view user = "alice") {
    return ExpectOk(temporary.store->Read(User(user)));
  }
};

DeviceRequest Request(std::string_view key = {}) {
  DeviceRequest request;
  if (!key.empty()) request.key = Secret::CopyOf(AsBytes(key));
  return request;
}

void device_is_stored_after_a_right_code() {
  Desk desk;
  EnrollSession session = ExpectOk(desk.Begin({}));
  ExpectEqual(session.device().label, "phone");
  ExpectEqual(session.device().key.size(), 20u);
  ExpectEqual(
      ExpectOk(session.Confirm(AsBytes(desk.CodeNow(session.device())))),
      Verdict::kAccepted);
  Expect(!desk.Read().enrollment);  // Not before Save.
  ExpectOk(session.Save());
  const Record record = desk.Read();
  ExpectEqual(record.enrollment->devices.size(), 1u);
  const Device& device = record.enrollment->devices[0];
  Expect(device.id == session.device().id);
  ExpectBytes(device.key.Expose(), session.device().key.Expose());
  ExpectEqual(device.confirmation, Confirmation::kByCode);
  ExpectEqual(device.created, desk.temporary.clock.moment.now);
}

void code_that_confirmed_is_used() {
  Desk desk;
  EnrollSession session = ExpectOk(desk.Begin({}));
  const std::string code = desk.CodeNow(session.device());
  ExpectOk(session.Confirm(AsBytes(code)));
  ExpectOk(session.Save());
  const Record record = desk.Read();
  const auto judged = JudgeFrom(desk.config, {code, {}}, *record.enrollment,
                                record.state, desk.temporary.clock.moment);
  ExpectEqual(judged.judgement.kind, Judgement::Kind::kReplayed);
  const auto next =
      JudgeFrom(desk.config, {desk.CodeNow(session.device(), 1), {}},
                *record.enrollment, record.state, desk.temporary.clock.moment);
  ExpectEqual(next.judgement.kind, Judgement::Kind::kAccepted);
}

// A key that was imported may have made codes that were used elsewhere.
void codes_of_now_of_a_given_key_are_used() {
  for (bool by_code : {true, false}) {
    Desk desk;
    EnrollSession session = ExpectOk(desk.Begin(Request(kRfcKey)));
    if (by_code)
      ExpectEqual(ExpectOk(session.Confirm(
                      AsBytes(desk.CodeNow(session.device(), -1)))),
                  Verdict::kAccepted);
    else
      session.ConfirmAsAdministrator();
    ExpectOk(session.Save());
    const Record record = desk.Read();
    for (int offset = -1; offset <= 1; ++offset) {
      const auto judged = JudgeFrom(
          desk.config, {desk.CodeNow(session.device(), offset), {}},
          *record.enrollment, record.state, desk.temporary.clock.moment);
      Expect(judged.judgement.kind != Judgement::Kind::kAccepted);
    }
    desk.temporary.clock.Advance(std::chrono::seconds(300));
    ExpectEqual(
        JudgeFrom(desk.config, {desk.CodeNow(session.device()), {}},
                  *record.enrollment, record.state, desk.temporary.clock.moment)
            .judgement.kind,
        Judgement::Kind::kAccepted);
  }
}

void code_is_taken_as_people_type_it() {
  Desk desk;
  EnrollSession session = ExpectOk(desk.Begin({}));
  std::string code = desk.CodeNow(session.device());
  code.insert(3, " ");
  ExpectEqual(ExpectOk(session.Confirm(AsBytes(code))), Verdict::kAccepted);
}

void device_that_was_not_confirmed_is_not_stored() {
  Desk desk;
  EnrollSession session = ExpectOk(desk.Begin({}));
  ExpectError(session.Save(), ErrorCode::kInvalid);
  for (const std::string& typed :
       {std::string(), std::string("alice"), std::string("12345"),
        desk.CodeNow(session.device(), 7), std::string("no")})
    ExpectEqual(ExpectOk(session.Confirm(AsBytes(typed))), Verdict::kRejected);
  ExpectError(session.Save(), ErrorCode::kInvalid);
  Expect(!desk.Read().enrollment);
  // A right one after wrong ones will do.
  ExpectOk(session.Confirm(AsBytes(desk.CodeNow(session.device()))));
  ExpectOk(session.Save());
}

void administrator_may_vouch_for_a_device() {
  Desk desk;
  ExpectOk(desk.Enroll("phone"));
  ExpectEqual(desk.Read().enrollment->devices[0].confirmation,
              Confirmation::kByAdministrator);
}

void keys_are_fresh_and_of_the_configured_size() {
  Desk desk;
  desk.config.totp_key_bytes = 32;
  std::set<std::string> keys;
  std::set<DeviceId> ids;
  for (int i = 0; i < 50; ++i) {
    const EnrollSession session = ExpectOk(desk.Begin({}));
    ExpectEqual(session.device().key.size(), 32u);
    Expect(keys.insert(HexEncode(session.device().key.Expose())).second);
    Expect(ids.insert(session.device().id).second);
  }
}

void labels_count_up() {
  Desk desk;
  for (const char* expected : {"phone", "phone-2", "phone-3"}) {
    EnrollSession session = ExpectOk(desk.Begin({}));
    ExpectEqual(session.device().label, expected);
    session.ConfirmAsAdministrator();
    ExpectOk(session.Save());
  }
}

void bad_requests_are_refused_before_the_user_is_bothered() {
  struct {
    const char* name;
    void (*spoil)(DeviceRequest&);
    ErrorCode code;
  } const rows[] = {
      {"long label", [](DeviceRequest& r) { r.label = std::string(65, 'a'); },
       ErrorCode::kInvalid},
      {"control", [](DeviceRequest& r) { r.label = "a\x1B[2J"; },
       ErrorCode::kInvalid},
      {"ill-formed", [](DeviceRequest& r) { r.label = "\xFF"; },
       ErrorCode::kInvalid},
      {"short key", [](DeviceRequest& r) { r.key = Secret(15); },
       ErrorCode::kInvalid},
      {"long key", [](DeviceRequest& r) { r.key = Secret(129); },
       ErrorCode::kInvalid},
      {"digits", [](DeviceRequest& r) { r.parameters.digits = 9; },
       ErrorCode::kInvalid},
      {"period",
       [](DeviceRequest& r) { r.parameters.period = std::chrono::seconds(1); },
       ErrorCode::kInvalid},
      {"hash",
       [](DeviceRequest& r) { r.parameters.algorithm = HashAlgorithm{9}; },
       ErrorCode::kInvalid},
      {"taken label", [](DeviceRequest& r) { r.label = "taken"; },
       ErrorCode::kExists},
      {"taken key",
       [](DeviceRequest& r) { r.key = Secret::CopyOf(AsBytes(kRfcKey)); },
       ErrorCode::kExists},
  };
  Desk desk;
  ExpectOk(desk.Enroll("taken", 6, kRfcKey));
  for (const auto& row : rows) {
    DeviceRequest request;
    row.spoil(request);
    ExpectError(desk.Begin(std::move(request)), row.code, row.name);
  }
  // Another user may have what this one may not.
  ExpectOk(desk.Begin(Request(kRfcKey), "bob"));
}

// 15 codes may be right at a time: five devices of three codes each.
void devices_are_limited_by_the_codes_that_are_right_at_a_time() {
  Desk desk;
  for (int i = 0; i < 5; ++i)
    ExpectOk(desk.Enroll("six-" + std::to_string(i), 6));
  ExpectError(desk.Enroll("six-5", 6), ErrorCode::kCapacity);
  for (int i = 0; i < 5; ++i)
    ExpectOk(desk.Enroll("eight-" + std::to_string(i), 8));
  ExpectError(desk.Enroll("eight-5", 8), ErrorCode::kCapacity);
  desk.config.totp_tolerance.window = 0;
  ExpectOk(desk.Enroll("six-6", 6));
}

void user_has_at_most_16_devices() {
  Desk desk;
  desk.config.totp_tolerance.window = 0;
  for (int i = 0; i < 16; ++i)
    ExpectOk(desk.Enroll("device-" + std::to_string(i), 6 + i % 3));
  ExpectError(desk.Enroll("device-16", 6), ErrorCode::kCapacity);
  ExpectEqual(desk.Read().enrollment->devices.size(), 16u);
}

void device_enrolled_meanwhile_is_noticed() {
  Desk desk;
  EnrollSession first =
      ExpectOk(desk.Begin({.label = "phone", .parameters = {}, .key = {}}));
  EnrollSession second =
      ExpectOk(desk.Begin({.label = "phone", .parameters = {}, .key = {}}));
  first.ConfirmAsAdministrator();
  second.ConfirmAsAdministrator();
  ExpectOk(first.Save());
  ExpectError(second.Save(), ErrorCode::kExists);
  ExpectEqual(desk.Read().enrollment->devices.size(), 1u);
}

// A disk that fails, again and again, must not use up the room for devices.
void failed_saves_leave_nothing_behind() {
  Desk desk;
  ExpectOk(desk.Enroll("phone"));
  const std::string blocker =
      desk.temporary.paths.state + "/secrets/.tmp-alice";
  Expect(mkdir(blocker.c_str(), 0700) == 0);
  for (int i = 0; i < 20; ++i) {
    const auto failed = desk.Enroll("token");
    Expect(!failed);
    Expect(failed.error().code != ErrorCode::kCapacity, std::to_string(i));
  }
  ExpectEqual(desk.Read().enrollment->devices.size(), 1u);
  Expect(rmdir(blocker.c_str()) == 0);
  ExpectOk(desk.Enroll("token"));
  ExpectEqual(desk.Read().enrollment->devices.size(), 2u);
}

std::string UriOf(const EnrollSession& session, std::string_view issuer) {
  return std::string(AsText(session.Uri(issuer).Expose()));
}

void uri_is_in_the_key_uri_format() {
  Desk desk;
  const EnrollSession session = ExpectOk(desk.Begin(Request(kRfcKey)));
  ExpectEqual(UriOf(session, "Example"),
              "otpauth://totp/Example:alice"
              "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
              "&issuer=Example&algorithm=SHA1&digits=6&period=30");
}

void uri_without_an_issuer_has_no_prefix() {
  Desk desk;
  const EnrollSession session = ExpectOk(desk.Begin(Request(kRfcKey)));
  ExpectEqual(UriOf(session, ""),
              "otpauth://totp/alice"
              "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
              "&algorithm=SHA1&digits=6&period=30");
}

void uri_says_other_parameters() {
  Desk desk;
  DeviceRequest request = Request();
  request.parameters = {HashAlgorithm::kSha512, 8, std::chrono::seconds(60)};
  ExpectContains(UriOf(ExpectOk(desk.Begin(std::move(request))), "E"),
                 "&algorithm=SHA512&digits=8&period=60");
  request = Request();
  request.parameters.algorithm = HashAlgorithm::kSha256;
  ExpectContains(UriOf(ExpectOk(desk.Begin(std::move(request))), "E"),
                 "&algorithm=SHA256&digits=6&period=30");
}

void uri_escapes_issuer_and_user() {
  struct {
    const char* user;
    const char* issuer;
    const char* label;
    const char* parameter;
  } const rows[] = {
      {"alice", "A B", "A%20B:alice?", "&issuer=A%20B&"},
      {"a:b", "C:D", "C%3AD:a%3Ab?", "&issuer=C%3AD&"},
      {"a?secret=X", "&secret=X", "%26secret%3DX:a%3Fsecret%3DX?",
       "&issuer=%26secret%3DX&"},
      {"a/../b", "#", "%23:a%2F..%2Fb?", "&issuer=%23&"},
      {"Zo\xC3\xAB", "\xE6\x97\xA5", "%E6%97%A5:Zo%C3%AB?",
       "&issuer=%E6%97%A5&"},
      {"50%", "+", "%2B:50%25?", "&issuer=%2B&"},
      {"EXAMPLE\\al", "E", "E:EXAMPLE%5Cal?", "&issuer=E&"},
      {"\n", "E", "E:%0A?", "&issuer=E&"},
  };
  for (const auto& row : rows) {
    Desk desk;
    const std::string uri =
        UriOf(ExpectOk(desk.Begin(Request(), row.user)), row.issuer);
    ExpectContains(uri, std::string("otpauth://totp/") + row.label, row.user);
    ExpectContains(uri, row.parameter, row.user);
    std::size_t questions = 0;
    for (char c : uri) questions += c == '?';
    ExpectEqual(questions, 1u, uri);
  }
}

void uri_of_the_longest_names_is_whole() {
  Desk desk;
  const EnrollSession session = ExpectOk(
      desk.Begin(Request(std::string(128, '\xFF')), std::string(255, '\xFF')));
  const std::string uri = UriOf(session, std::string(64, '\xFF'));
  Expect(uri.ends_with("&algorithm=SHA1&digits=6&period=30"));
  Expect(uri.find('\0') == std::string::npos);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(device_is_stored_after_a_right_code),
      EXPECT_TEST(code_that_confirmed_is_used),
      EXPECT_TEST(codes_of_now_of_a_given_key_are_used),
      EXPECT_TEST(code_is_taken_as_people_type_it),
      EXPECT_TEST(device_that_was_not_confirmed_is_not_stored),
      EXPECT_TEST(administrator_may_vouch_for_a_device),
      EXPECT_TEST(keys_are_fresh_and_of_the_configured_size),
      EXPECT_TEST(labels_count_up),
      EXPECT_TEST(bad_requests_are_refused_before_the_user_is_bothered),
      EXPECT_TEST(devices_are_limited_by_the_codes_that_are_right_at_a_time),
      EXPECT_TEST(user_has_at_most_16_devices),
      EXPECT_TEST(device_enrolled_meanwhile_is_noticed),
      EXPECT_TEST(failed_saves_leave_nothing_behind),
      EXPECT_TEST(uri_is_in_the_key_uri_format),
      EXPECT_TEST(uri_without_an_issuer_has_no_prefix),
      EXPECT_TEST(uri_says_other_parameters),
      EXPECT_TEST(uri_escapes_issuer_and_user),
      EXPECT_TEST(uri_of_the_longest_names_is_whole),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
