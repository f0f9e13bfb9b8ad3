// SPDX-License-Identifier: Apache-2.0
//
// login_state.h - the lockout file's content: all that logins change.
//
// Capacities are part of the format: a state always fits its slot.
// docs/file-formats.md is the grammar.

#ifndef TWOFACTOR_CORE_STORE_LOGIN_STATE_H_
#define TWOFACTOR_CORE_STORE_LOGIN_STATE_H_

#include <array>

#include "core/base/bounded_list.h"
#include "core/base/bounded_text.h"
#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/counter.h"
#include "core/base/result.h"
#include "core/base/source.h"
#include "core/store/enrollment.h"

namespace twofactor {

constexpr std::size_t kMaxSources = 8;
constexpr std::size_t kMaxRecentFailures = 20;
constexpr std::size_t kFailureDays = 30;
constexpr int kMaxFailuresPerDay = 255;  // More are not told apart.
constexpr std::size_t kMaxNotices = 8;
constexpr std::size_t kMaxFormerAddresses = 2;

// What one device remembers.  See factor/totp.h for the first four; of a HOTP
// device `next` is its counter, and drift, offset and streak are zero; of an
// address all four.
struct DeviceState {
  DeviceId id{};
  Counter next{};
  int drift = 0;
  int offset = 0;
  int streak = 0;
  // The boot in which `next` was written; all zero when its id was not known.
  // In another boot a later state may have been lost with the power.
  BootId boot{};
  UnixTime last_used{};  // Zero: never.

  friend bool operator==(const DeviceState&, const DeviceState&) = default;
};

// Of a HOTP device whose counter was lost with its state: no code can be told
// from a used one, until root resyncs it.
constexpr Counter kCounterLost{0xFFFF'FFFF'FFFF'FFFF};

// What is left of a set of codes.  A set without this has nothing left.
struct CodeSetState {
  CodeSetId id{};
  // A bit a code, 1: spent.  Of a bypass: how often it was used.
  std::uint32_t spent = 0;
  UnixTime last_used{};  // Zero: never.

  friend bool operator==(const CodeSetState&, const CodeSetState&) = default;
};

// The latest times of something that is limited, oldest first.
using RecentTimes = BoundedList<UnixTime, kMaxRecentFailures>;

// A code that was sent and may be typed.
struct SentCode {
  std::array<std::uint8_t, 32> hash{};  // As in a set of codes.
  UnixTime sent{};                      // Zero: there is none.
  int failures = 0;

  friend bool operator==(const SentCode&, const SentCode&) = default;
};

// What PAM calls a service, or the class that it belongs to.
using ServiceName = BoundedText<32>;

// What is sent to a user by email, or by SMS.
struct ChannelState {
  RecentTimes sends;
  SentCode code;        // The newest alone.
  DeviceId address{};   // Where it went.
  Source source;        // Who may type it ...
  ServiceName service;  // ... and where: a class of services.

  // The code; not that it was sent.
  void Forget() {
    code = {};
    address = {};
    source = {};
    service = {};
  }

  friend bool operator==(const ChannelState&, const ChannelState&) = default;
};

// Failures of one budget, as throttle.h counts them.
struct FailureHistory {
  // The latest ones, oldest first.
  RecentTimes recent;
  // Failures of UTC day `last_day` - i, saturating.
  std::uint32_t last_day = 0;  // Days since 1970-01-01.
  std::array<std::uint8_t, kFailureDays> daily{};

  friend bool operator==(const FailureHistory&,
                         const FailureHistory&) = default;
};

struct SourceState {
  Source source;
  UnixTime last_success{};  // Zero: never, a stranger.
  FailureHistory failures;

  friend bool operator==(const SourceState&, const SourceState&) = default;
};

// What a user is told of by mail.
enum class NoticeKind : std::uint8_t {
  kEnrolled = 1,
  kRemoved,
  kEnabled,
  kDisabled,
  kReset,
  kBackupCodesMade,
  kBackupCodeUsed,
  kBypassMade,
  kBypassUsed,
  kLockedOut,
  kRecovered,
  kRecoveryAddress,
};

using NoticeSubject = BoundedText<40>;
using NoticeAddress = BoundedText<kMaxAddressSize>;

struct Notice {
  NoticeKind kind = NoticeKind::kEnrolled;
  UnixTime when{};
  Source source;
  ServiceName service;    // Empty: an administrator did it.
  NoticeSubject subject;  // A label or a reason.

  friend bool operator==(const Notice&, const Notice&) = default;
};

// Events, and how far they were told.
struct NoticeRing {
  BoundedList<Notice, kMaxNotices> latest;  // Oldest first.
  std::uint32_t noted = 0;                  // Events ever.
  std::uint32_t told = 0;                   // Of them, mailed or given up ...
  std::uint32_t told_administrators = 0;    // ... and to notices_to.
  int failures = 0;                         // To mail, since the last success.
  UnixTime tried{};                         // The last of them.
  // Those that the enrollment does not have any more and whose owners are not
  // told.
  BoundedList<NoticeAddress, kMaxFormerAddresses> former_addresses;

  friend bool operator==(const NoticeRing&, const NoticeRing&) = default;
};

// How often something happened on a UTC day.
struct DayCount {
  std::uint32_t day = 0;  // Days since 1970-01-01.
  std::uint32_t count = 0;

  friend bool operator==(const DayCount&, const DayCount&) = default;
};

// Whether a secret file has to stand beside this state.
enum class RecordMark : std::uint8_t {
  kExpected = 0,  // A missing secret file is damage, and denies.
  kRemoved = 1,   // None is expected: not enrolled, or not yet.
};

struct LoginState {
  RecordMark record = RecordMark::kExpected;
  BoundedList<DeviceState, kMaxDevices> devices;
  BoundedList<SourceState, kMaxSources> sources;
  FailureHistory strangers;  // Of all sources without a recent success.

  BoundedList<CodeSetState, kMaxCodeSets> code_sets;
  // Wrong backup and bypass codes, from sources with a recent success and from
  // all others.
  RecentTimes known_code_failures;
  RecentTimes strange_code_failures;
  RecentTimes recovery_requests;
  SentCode recovery;
  std::array<ChannelState, 2> channels;  // Email, SMS.
  DayCount sent_by_host;                 // In the state of nobody alone.
  NoticeRing notices;

  // Null when there is none.
  DeviceState* Find(DeviceId id);
  const DeviceState* Find(DeviceId id) const;
  CodeSetState* Find(CodeSetId id);
  const CodeSetState* Find(CodeSetId id) const;

  ChannelState& ChannelOf(Address::Kind kind) {
    return channels[kind == Address::Kind::kSms ? 1 : 0];
  }
  const ChannelState& ChannelOf(Address::Kind kind) const {
    return channels[kind == Address::Kind::kSms ? 1 : 0];
  }

  friend bool operator==(const LoginState&, const LoginState&) = default;
};

constexpr std::size_t kMaxLoginStateSize = 3900;

// Drops what was left behind by devices and codes that the enrollment does not
// list: removed ones, and those of an enrollment that failed half way.
void DropOrphans(LoginState& state, const std::optional<Enrollment>& listed);

// How many events are not told to the user yet, and to the administrators;
// those that the ring has no room for among them.
std::uint32_t Untold(const NoticeRing& ring);
std::uint32_t UntoldToAdministrators(const NoticeRing& ring);

// Where the user could be written to and can no more: told of what is not told.
void KeepFormerAddresses(const std::vector<std::string>& before,
                         const std::optional<Enrollment>& now,
                         NoticeRing& ring);

// How many codes of the set are not spent yet, or uses of a bypass; 0 without a
// state.  Expiry does not count.
int CodesLeft(const CodeSet& set, const CodeSetState* state);

// Bytes written to `output`, which has kMaxLoginStateSize.
Result<std::size_t> EncodeLoginState(const LoginState& state,
                                     MutableBytes output);

// Into a fresh state, which is left fresh on failure.  kCorrupt for all that is
// not exactly the format.
Result<void> DecodeLoginState(Bytes bytes, LoginState& state);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_LOGIN_STATE_H_
