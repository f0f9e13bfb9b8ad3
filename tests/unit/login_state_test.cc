// SPDX-License-Identifier: Apache-2.0
//
// login_state_test.cc - the body of a slot: what goes in comes out, the
// fullest fits, and nothing else is taken.

#include "core/store/login_state.h"

#include "tests/unit/expect.h"
#include "tests/unit/fake_clock.h"

using namespace twofactor;

namespace {

using Buffer = std::array<std::uint8_t, kMaxLoginStateSize>;

std::vector<std::uint8_t> Encode(const LoginState& state) {
  Buffer buffer;
  const std::size_t size = ExpectOk(EncodeLoginState(state, buffer));
  return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size)};
}

Result<LoginState> Decode(Bytes bytes) {
  LoginState state;
  const auto decoded = DecodeLoginState(bytes, state);
  if (decoded) return state;
  Expect(state == LoginState{});
  return std::unexpected(decoded.error());
}

FailureHistory Failures(std::size_t recent, std::uint8_t daily) {
  FailureHistory failures;
  for (std::size_t i = 0; i < recent; ++i)
    Expect(failures.recent.Add(At(1'800'000'000 + static_cast<int>(i))));
  failures.last_day = 20'833;
  failures.daily.fill(daily);
  return failures;
}

LoginState FullestState() {
  LoginState state;
  for (std::size_t i = 0; i < kMaxDevices; ++i) {
    DeviceState device;
    device.id = DeviceId{UINT64_MAX - i};
    device.next = Counter{UINT64_MAX};
    device.drift = -2;
    device.offset = -4;
    device.streak = 2;
    device.boot.fill(0xFF);
    device.last_used = At(0xFFFFFFFF);
    Expect(state.devices.Add(device));
  }
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    SourceState source;
    source.source = {Source::Kind::kIpv6Prefix, {static_cast<std::uint8_t>(i)}};
    source.last_success = At(0xFFFFFFFF);
    source.failures = Failures(kMaxRecentFailures, 255);
    Expect(state.sources.Add(source));
  }
  state.strangers = Failures(kMaxRecentFailures, 255);
  for (std::size_t i = 0; i < kMaxCodeSets; ++i)
    Expect(state.code_sets.Add(
        {CodeSetId{UINT64_MAX - i}, 0xFFFFFFFF, At(0xFFFFFFFF)}));
  state.known_code_failures = state.strangers.recent;
  state.strange_code_failures = state.strangers.recent;
  state.recovery_requests = state.strangers.recent;
  state.recovery.hash.fill(0xFF);
  state.recovery.sent = At(0xFFFFFFFF);
  state.recovery.failures = 255;
  for (ChannelState& channel : state.channels)
    channel = {state.recovery_requests, state.recovery, DeviceId{UINT64_MAX},
               state.sources[0].source, ServiceName(std::string(32, 'x'))};
  state.sent_by_host = {0xFFFFFFFF, 0xFFFFFFFF};
  const std::string text(254, 'x');
  for (std::size_t i = 0; i < kMaxNotices; ++i)
    Expect(state.notices.latest.Add({NoticeKind::kRecoveryAddress,
                                     At(0xFFFFFFFF), state.sources[0].source,
                                     ServiceName(text), NoticeSubject(text)}));
  state.notices.noted = state.notices.told = 0xFFFFFFFF;
  state.notices.told_administrators = 0xFFFFFFFF;
  state.notices.failures = 255;
  state.notices.tried = At(0xFFFFFFFF);
  for (std::size_t i = 0; i < kMaxFormerAddresses; ++i)
    Expect(state.notices.former_addresses.Add(NoticeAddress(text)));
  return state;
}

LoginState SmallState() {
  LoginState state;
  state.record = RecordMark::kRemoved;
  DeviceState device;
  device.id = DeviceId{7};
  device.next = Counter{60'000'001};
  device.drift = 1;
  device.offset = -1;
  device.streak = 2;
  device.last_used = At(1'800'000'000);
  Expect(state.devices.Add(device));
  SourceState source;
  source.source = {Source::Kind::kIpv4, {192, 0, 2, 7}};
  source.failures = Failures(2, 0);
  source.failures.daily[1] = 3;
  Expect(state.sources.Add(source));
  Expect(state.code_sets.Add({CodeSetId{9}, 0x80000001, At(1'800'000'001)}));
  Expect(state.code_sets.Add({CodeSetId{10}, 0, At(0)}));
  Expect(state.known_code_failures.Add(At(1'800'000'002)));
  Expect(state.strange_code_failures.Add(At(1'800'000'003)));
  Expect(state.strange_code_failures.Add(At(1'800'000'004)));
  Expect(state.recovery_requests.Add(At(1'800'000'005)));
  ChannelState& sms = state.ChannelOf(Address::Kind::kSms);
  Expect(sms.sends.Add(At(1'800'000'006)));
  sms.code = {{1, 2, 3}, At(1'800'000'006), 2};
  sms.address = DeviceId{8};
  sms.source = {Source::Kind::kIpv4, {192, 0, 2, 7}};
  sms.service = ServiceName("sshd");
  state.sent_by_host = {20833, 5};
  Expect(state.notices.latest.Add({NoticeKind::kBypassUsed,
                                   At(1'800'000'007),
                                   {Source::Kind::kIpv4, {192, 0, 2, 7}},
                                   ServiceName("sshd"),
                                   NoticeSubject("lost phone")}));
  state.notices.noted = 7;
  state.notices.told = 6;
  state.notices.failures = 2;
  state.notices.tried = At(1'800'000'008);
  return state;
}

void state_comes_back_as_it_was() {
  for (const LoginState& state : {LoginState{}, SmallState(), FullestState()})
    Expect(ExpectOk(Decode(Encode(state))) == state);
}

void fullest_state_fits_its_slot() {
  Expect(Encode(FullestState()).size() <= kMaxLoginStateSize);
}

void state_that_does_not_fit_is_an_error() {
  std::uint8_t buffer[10];
  ExpectError(EncodeLoginState(SmallState(), buffer), ErrorCode::kInternal);
}

void state_cut_at_any_byte_is_refused() {
  for (const LoginState& state : {SmallState(), FullestState()}) {
    const auto bytes = Encode(state);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      ExpectError(Decode(Bytes(bytes).first(size)), ErrorCode::kCorrupt,
                  std::to_string(size));
  }
}

void state_with_a_byte_more_is_refused() {
  auto bytes = Encode(SmallState());
  bytes.push_back(0);
  ExpectError(Decode(bytes), ErrorCode::kCorrupt);
}

// A state that decodes is one that EncodeLoginState writes: no two spellings.
void any_changed_byte_is_refused_or_a_valid_state() {
  const auto bytes = Encode(SmallState());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int value = 0; value < 256; ++value) {
      auto changed = bytes;
      changed[i] = static_cast<std::uint8_t>(value);
      const auto decoded = Decode(changed);
      if (decoded)
        ExpectBytes(Encode(*decoded), changed, std::to_string(i));
      else
        ExpectEqual(decoded.error().code, ErrorCode::kCorrupt);
    }
}

void state_of_another_release_says_so() {
  auto bytes = Encode(SmallState());
  bytes[0] = 2;
  ExpectContains(ExpectError(Decode(bytes), ErrorCode::kCorrupt), "release");
}

// Offsets 2 and 2 + 1 + 39 hold the counts of devices and sources.
void counts_above_the_capacity_are_refused() {
  auto bytes = Encode(FullestState());
  ExpectEqual(bytes[2], kMaxDevices);
  bytes[2] = kMaxDevices + 1;
  bytes.resize(65536);
  ExpectError(Decode(bytes), ErrorCode::kCorrupt);
  bytes[2] = 255;
  ExpectError(Decode(bytes), ErrorCode::kCorrupt);
}

// At the end stand the sets of codes, three lists of times, a code on its way,
// two channels, the host's count and the notices.
void counts_of_sets_and_times_above_the_capacity_are_refused() {
  constexpr std::size_t kTimes = 1 + 4 * kMaxRecentFailures;
  constexpr std::size_t kSentCode = 4 + 1 + 32;
  constexpr std::size_t kChannel =
      kTimes + kSentCode + 8 + 9 + 1 + ServiceName::capacity();
  constexpr std::size_t kNotice =
      1 + 4 + 9 + 1 + ServiceName::capacity() + 1 + NoticeSubject::capacity();
  constexpr std::size_t kCount =
      4 + 4 + 4 + 4 + 4 + 1 + 4 + 1 +
      kMaxFormerAddresses * (1 + NoticeAddress::capacity()) + 1 +
      kMaxNotices * kNotice;
  constexpr std::size_t kRecovery = kSentCode + 2 * kChannel + kCount;
  constexpr std::size_t kSets = 1 + kMaxCodeSets * (8 + 4 + 4);
  const auto bytes = Encode(FullestState());
  struct {
    std::size_t from_end;
    std::size_t count;
  } const rows[] = {{1 + kMaxNotices * kNotice, kMaxNotices},
                    {kCount + kChannel, kMaxRecentFailures},
                    {kCount + 2 * kChannel, kMaxRecentFailures},
                    {kRecovery + kTimes, kMaxRecentFailures},
                    {kRecovery + 2 * kTimes, kMaxRecentFailures},
                    {kRecovery + 3 * kTimes, kMaxRecentFailures},
                    {kRecovery + 3 * kTimes + kSets, kMaxCodeSets}};
  for (const auto& row : rows)
    for (std::size_t count : {row.count - 1, row.count + 1, std::size_t{255}}) {
      auto changed = bytes;
      std::uint8_t& stored = changed[changed.size() - row.from_end];
      ExpectEqual(stored, row.count);
      stored = static_cast<std::uint8_t>(count);
      ExpectError(Decode(changed), ErrorCode::kCorrupt);
      changed.resize(65536);
      ExpectError(Decode(changed), ErrorCode::kCorrupt);
    }
}

void more_notices_told_than_noted_are_refused() {
  LoginState state;
  state.notices.told = 1;
  std::array<std::uint8_t, kMaxLoginStateSize> buffer;
  ExpectError(EncodeLoginState(state, buffer), ErrorCode::kInternal);
  state.notices.told = 0;
  state.notices.told_administrators = 1;
  ExpectError(EncodeLoginState(state, buffer), ErrorCode::kInternal);
}

void set_without_an_id_is_refused() {
  LoginState state;
  Expect(state.code_sets.Add({CodeSetId{}, 1, At(1)}));
  ExpectError(Decode(Encode(state)), ErrorCode::kCorrupt);
}

// Whether and which of a set's codes are left -------------------------------

CodeSet SetOf(CodeSet::Kind kind, std::size_t codes, int uses = 1) {
  CodeSet set;
  set.id = CodeSetId{9};
  set.kind = kind;
  set.uses = uses;
  set.hashes.resize(codes);
  return set;
}

void codes_left_are_those_not_spent() {
  struct {
    std::size_t codes;
    std::uint32_t spent;
    int left;
  } const rows[] = {{1, 0, 1},          {1, 1, 0},
                    {10, 0, 10},        {10, 0x201, 8},
                    {10, 0x3FF, 0},     {10, 0xFFFFFFFF, 0},
                    {32, 0, 32},        {32, 0x80000000, 31},
                    {32, 0xFFFFFFFF, 0}};
  for (CodeSet::Kind kind : {CodeSet::Kind::kBackup, CodeSet::Kind::kScratch})
    for (const auto& row : rows) {
      const CodeSetState state{CodeSetId{9}, row.spent, {}};
      ExpectEqual(CodesLeft(SetOf(kind, row.codes), &state), row.left,
                  std::to_string(row.codes) + " " + std::to_string(row.spent));
    }
}

void uses_left_of_a_bypass_are_never_more_than_it_has() {
  struct {
    int uses;
    std::uint32_t used;
    int left;
  } const rows[] = {{1, 0, 1},
                    {1, 1, 0},
                    {3, 1, 2},
                    {3, 4, 0},
                    {100, 0, 100},
                    {100, 99, 1},
                    {100, 0x7FFFFFFF, 0},
                    {1, 0x80000000, 0},
                    {1, 0xFFFFFFFF, 0},
                    {100, 0xFFFFFFFF, 0}};
  for (const auto& row : rows) {
    const CodeSetState state{CodeSetId{9}, row.used, {}};
    ExpectEqual(CodesLeft(SetOf(CodeSet::Kind::kBypass, 1, row.uses), &state),
                row.left, std::to_string(row.used));
  }
}

void set_without_state_has_nothing_left() {
  for (CodeSet::Kind kind : {CodeSet::Kind::kBackup, CodeSet::Kind::kScratch,
                             CodeSet::Kind::kBypass})
    ExpectEqual(CodesLeft(SetOf(kind, 1), nullptr), 0);
}

void sets_are_found_by_id() {
  LoginState state = SmallState();
  Expect(state.Find(CodeSetId{10}) == &state.code_sets[1]);
  Expect(state.Find(CodeSetId{7}) == nullptr);
  Expect(state.Find(CodeSetId{}) == nullptr);
}

void times_outside_32_bits_are_clamped_not_wrapped() {
  LoginState state = SmallState();
  state.devices[0].last_used = At(0x1'0000'0005);
  state.sources[0].last_success = At(-1);
  const LoginState back = ExpectOk(Decode(Encode(state)));
  ExpectEqual(back.devices[0].last_used, At(0xFFFFFFFF));
  ExpectEqual(back.sources[0].last_success, At(0));
}

void devices_are_found_by_id() {
  LoginState state = SmallState();
  Expect(state.Find(DeviceId{7}) == &state.devices[0]);
  Expect(state.Find(DeviceId{8}) == nullptr);
  Expect(state.Find(DeviceId{}) == nullptr);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(state_comes_back_as_it_was),
      EXPECT_TEST(fullest_state_fits_its_slot),
      EXPECT_TEST(state_that_does_not_fit_is_an_error),
      EXPECT_TEST(state_cut_at_any_byte_is_refused),
      EXPECT_TEST(state_with_a_byte_more_is_refused),
      EXPECT_TEST(any_changed_byte_is_refused_or_a_valid_state),
      EXPECT_TEST(state_of_another_release_says_so),
      EXPECT_TEST(counts_above_the_capacity_are_refused),
      EXPECT_TEST(counts_of_sets_and_times_above_the_capacity_are_refused),
      EXPECT_TEST(more_notices_told_than_noted_are_refused),
      EXPECT_TEST(set_without_an_id_is_refused),
      EXPECT_TEST(codes_left_are_those_not_spent),
      EXPECT_TEST(uses_left_of_a_bypass_are_never_more_than_it_has),
      EXPECT_TEST(set_without_state_has_nothing_left),
      EXPECT_TEST(sets_are_found_by_id),
      EXPECT_TEST(times_outside_32_bits_are_clamped_not_wrapped),
      EXPECT_TEST(devices_are_found_by_id),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
