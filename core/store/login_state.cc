// SPDX-License-Identifier: Apache-2.0
//
// login_state.cc - the body of a slot.
//
//   u8 format=1  u8 record mark
//   u8 count, count * device:  u64 id  u64 next  i8 drift  i8 offset
//                              u8 streak  boot[16]  u32 last used
//   u8 count, count * source:  u8 kind  address[8]  u32 last success  failures
//   failures of strangers
//   u8 count, count * set of codes:  u64 id  u32 spent  u32 last used
//   3 * times: wrong codes of known sources, of strangers; recovery requests
//   recovery code that was sent
//   2 * channel (email, SMS):  times of sends  code that was sent
//                              u64 id of the address  u8 kind  address[8]
//                              u8 n  class of services[n]
//   u32 day  u32 codes that the host sent on it
//   u32 events noted  u32 told  u32 told to administrators  u8 failures
//   u32 tried  u8 count, count * address:  u8 n  address[n]
//   u8 count, count * notice:  u8 kind  u32 when  u8 kind  address[8]
//                              u8 n  service[n]  u8 n  subject[n]
//   code that was sent: u32 time  u8 wrong answers  hash[32]
//   times: u8 count, count * u32
//   failures: u8 count, count * u32 time; u32 last day; u8 count, count * u8
//
// Times are seconds since 1970 in 32 bits without sign: good until 2106.

#include "core/store/login_state.h"

#include <algorithm>
#include <cstdlib>

namespace twofactor {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr int kMaxStoredDrift = 100;

constexpr std::size_t kTimesSize = 1 + 4 * kMaxRecentFailures;
constexpr std::size_t kFailuresSize = kTimesSize + 4 + 1 + kFailureDays;
constexpr std::size_t kDeviceSize = 8 + 8 + 3 + 16 + 4;
constexpr std::size_t kSourceSize = 1 + 8 + 4 + kFailuresSize;
constexpr std::size_t kCodeSetSize = 8 + 4 + 4;
constexpr std::size_t kSentCodeSize = 4 + 1 + 32;
constexpr std::size_t kNoticeSize =
    1 + 4 + 9 + 1 + ServiceName::capacity() + 1 + NoticeSubject::capacity();
constexpr std::size_t kNoticesSize =
    4 + 4 + 4 + 1 + 4 + 1 +
    kMaxFormerAddresses * (1 + NoticeAddress::capacity()) + 1 +
    kMaxNotices * kNoticeSize;
constexpr std::size_t kChannelSize =
    kTimesSize + kSentCodeSize + 8 + 9 + 1 + ServiceName::capacity();
static_assert(2 + 1 + kMaxDevices * kDeviceSize + 1 +
                  kMaxSources * kSourceSize + kFailuresSize + 1 +
                  kMaxCodeSets * kCodeSetSize + 3 * kTimesSize + kSentCodeSize +
                  2 * kChannelSize + 8 + kNoticesSize <=
              kMaxLoginStateSize);

std::uint32_t ToStored(UnixTime time) {
  const auto seconds = time.time_since_epoch().count();
  if (seconds < 0) return 0;
  if (seconds > 0xFFFFFFFF) return 0xFFFFFFFF;
  return static_cast<std::uint32_t>(seconds);
}

UnixTime FromStored(std::uint32_t seconds) {
  return UnixTime(std::chrono::seconds(seconds));
}

void WriteTimes(const RecentTimes& times, ByteWriter& writer) {
  writer.U8(static_cast<std::uint8_t>(times.size()));
  for (UnixTime time : times) writer.U32(ToStored(time));
}

bool ReadTimes(ByteReader& reader, RecentTimes& times) {
  const std::size_t count = reader.U8();
  for (std::size_t i = 0; i < count; ++i)
    if (!times.Add(FromStored(reader.U32()))) return false;
  return !reader.failed();
}

void WriteFailures(const FailureHistory& failures, ByteWriter& writer) {
  WriteTimes(failures.recent, writer);
  writer.U32(failures.last_day);
  std::size_t days =
      kFailureDays;  // Days without failures at the end: left out.
  while (days > 0 && failures.daily[days - 1] == 0) --days;
  writer.U8(static_cast<std::uint8_t>(days));
  writer.Put(Bytes(failures.daily).first(days));
}

bool ReadFailures(ByteReader& reader, FailureHistory& failures) {
  if (!ReadTimes(reader, failures.recent)) return false;
  failures.last_day = reader.U32();
  const std::size_t days = reader.U8();
  if (days > kFailureDays) return false;
  for (std::size_t i = 0; i < days; ++i) failures.daily[i] = reader.U8();
  // Only what WriteFailures writes.
  return !reader.failed() && (days == 0 || failures.daily[days - 1] != 0);
}

void WriteDevice(const DeviceState& device, ByteWriter& writer) {
  writer.U64(static_cast<std::uint64_t>(device.id));
  writer.U64(Number(device.next));
  writer.U8(static_cast<std::uint8_t>(device.drift));
  writer.U8(static_cast<std::uint8_t>(device.offset));
  writer.U8(static_cast<std::uint8_t>(device.streak));
  writer.Put(device.boot);
  writer.U32(ToStored(device.last_used));
}

bool ReadDevice(ByteReader& reader, DeviceState& device) {
  device.id = DeviceId{reader.U64()};
  device.next = Counter{reader.U64()};
  device.drift = static_cast<std::int8_t>(reader.U8());
  device.offset = static_cast<std::int8_t>(reader.U8());
  device.streak = reader.U8();
  const Bytes boot = reader.Take(device.boot.size());
  device.last_used = FromStored(reader.U32());
  if (reader.failed() || device.id == DeviceId{}) return false;
  std::memcpy(device.boot.data(), boot.data(), boot.size());
  return std::abs(device.drift) <= kMaxStoredDrift &&
         std::abs(device.offset) <= kMaxStoredDrift &&
         device.streak <= kMaxStoredDrift;
}

void Write(const Source& source, ByteWriter& writer) {
  writer.U8(static_cast<std::uint8_t>(source.kind));
  writer.Put(source.address);
}

bool Read(ByteReader& reader, Source& source) {
  source.kind = Source::Kind{reader.U8()};
  const Bytes address = reader.Take(source.address.size());
  if (reader.failed() || source.kind > Source::Kind::kIpv6Prefix) return false;
  std::ranges::copy(address, source.address.begin());
  return true;
}

void WriteSource(const SourceState& source, ByteWriter& writer) {
  Write(source.source, writer);
  writer.U32(ToStored(source.last_success));
  WriteFailures(source.failures, writer);
}

bool ReadSource(ByteReader& reader, SourceState& source) {
  if (!Read(reader, source.source)) return false;
  source.last_success = FromStored(reader.U32());
  return ReadFailures(reader, source.failures);
}

void WriteCodeSet(const CodeSetState& set, ByteWriter& writer) {
  writer.U64(static_cast<std::uint64_t>(set.id));
  writer.U32(set.spent);
  writer.U32(ToStored(set.last_used));
}

bool ReadCodeSet(ByteReader& reader, CodeSetState& set) {
  set.id = CodeSetId{reader.U64()};
  set.spent = reader.U32();
  set.last_used = FromStored(reader.U32());
  return !reader.failed() && set.id != CodeSetId{};
}

void Write(const SentCode& code, ByteWriter& writer) {
  writer.U32(ToStored(code.sent));
  writer.U8(static_cast<std::uint8_t>(code.failures));
  writer.Put(code.hash);
}

bool Read(ByteReader& reader, SentCode& code) {
  code.sent = FromStored(reader.U32());
  code.failures = reader.U8();
  const Bytes hash = reader.Take(code.hash.size());
  if (reader.failed()) return false;
  std::ranges::copy(hash, code.hash.begin());
  return true;
}

template <std::size_t kCapacity>
void WriteText(const BoundedText<kCapacity>& text, ByteWriter& writer) {
  writer.U8(static_cast<std::uint8_t>(text.text().size()));
  writer.Put(AsBytes(text.text()));
}

template <std::size_t kCapacity>
bool ReadText(ByteReader& reader, BoundedText<kCapacity>& text) {
  const std::size_t size = reader.U8();
  const Bytes bytes = reader.Take(size);
  if (reader.failed() || size > kCapacity) return false;
  text = BoundedText<kCapacity>(AsText(bytes));
  return true;
}

void Write(const ChannelState& channel, ByteWriter& writer) {
  WriteTimes(channel.sends, writer);
  Write(channel.code, writer);
  writer.U64(static_cast<std::uint64_t>(channel.address));
  Write(channel.source, writer);
  WriteText(channel.service, writer);
}

bool Read(ByteReader& reader, ChannelState& channel) {
  if (!ReadTimes(reader, channel.sends) || !Read(reader, channel.code))
    return false;
  channel.address = DeviceId{reader.U64()};
  return Read(reader, channel.source) && ReadText(reader, channel.service);
}

void WriteNotice(const Notice& notice, ByteWriter& writer) {
  writer.U8(static_cast<std::uint8_t>(notice.kind));
  writer.U32(ToStored(notice.when));
  Write(notice.source, writer);
  WriteText(notice.service, writer);
  WriteText(notice.subject, writer);
}

bool ReadNotice(ByteReader& reader, Notice& notice) {
  notice.kind = NoticeKind{reader.U8()};
  notice.when = FromStored(reader.U32());
  return notice.kind >= NoticeKind::kEnrolled &&
         notice.kind <= NoticeKind::kRecoveryAddress &&
         Read(reader, notice.source) && ReadText(reader, notice.service) &&
         ReadText(reader, notice.subject);
}

void Write(const NoticeRing& ring, ByteWriter& writer) {
  writer.U32(ring.noted);
  writer.U32(ring.told);
  writer.U32(ring.told_administrators);
  writer.U8(static_cast<std::uint8_t>(ring.failures));
  writer.U32(ToStored(ring.tried));
  writer.U8(static_cast<std::uint8_t>(ring.former_addresses.size()));
  for (const NoticeAddress& address : ring.former_addresses)
    WriteText(address, writer);
  writer.U8(static_cast<std::uint8_t>(ring.latest.size()));
  for (const Notice& notice : ring.latest) WriteNotice(notice, writer);
}

// `count` items, each read by `read`, into a list that must hold them.
template <typename List, typename Read>
bool ReadList(ByteReader& reader, List& list, const Read& read) {
  const std::size_t count = reader.U8();
  for (std::size_t i = 0; i < count; ++i) {
    std::remove_reference_t<decltype(list[0])> item{};
    if (!read(reader, item) || !list.Add(item)) return false;
  }
  return true;
}

bool Read(ByteReader& reader, NoticeRing& ring) {
  ring.noted = reader.U32();
  ring.told = reader.U32();
  ring.told_administrators = reader.U32();
  ring.failures = reader.U8();
  ring.tried = FromStored(reader.U32());
  return ReadList(reader, ring.former_addresses,
                  ReadText<NoticeAddress::capacity()>) &&
         ReadList(reader, ring.latest, ReadNotice) && ring.told <= ring.noted &&
         ring.told_administrators <= ring.noted;
}

bool IsEnabled(const Enrollment& enrollment, DeviceId id) {
  const Address* address = enrollment.Find(id);
  return address && address->status == DeviceStatus::kEnabled;
}

void DropUnlisted(auto& states, const std::optional<Enrollment>& listed) {
  for (std::size_t i = states.size(); i-- > 0;)
    if (!listed || !listed->Lists(states[i].id)) states.RemoveAt(i);
}

}  // namespace

const DeviceState* LoginState::Find(DeviceId id) const {
  for (const DeviceState& device : devices)
    if (device.id == id) return &device;
  return nullptr;
}

DeviceState* LoginState::Find(DeviceId id) {
  return const_cast<DeviceState*>(std::as_const(*this).Find(id));
}

const CodeSetState* LoginState::Find(CodeSetId id) const {
  for (const CodeSetState& set : code_sets)
    if (set.id == id) return &set;
  return nullptr;
}

CodeSetState* LoginState::Find(CodeSetId id) {
  return const_cast<CodeSetState*>(std::as_const(*this).Find(id));
}

void DropOrphans(LoginState& state, const std::optional<Enrollment>& listed) {
  DropUnlisted(state.devices, listed);
  DropUnlisted(state.code_sets, listed);
  for (ChannelState& channel : state.channels)
    if (!listed || !IsEnabled(*listed, channel.address)) channel.Forget();
}

std::uint32_t Untold(const NoticeRing& ring) { return ring.noted - ring.told; }

std::uint32_t UntoldToAdministrators(const NoticeRing& ring) {
  return ring.noted - ring.told_administrators;
}

void KeepFormerAddresses(const std::vector<std::string>& before,
                         const std::optional<Enrollment>& now,
                         NoticeRing& ring) {
  if (Untold(ring) == 0) return;
  const auto left = now ? now->EmailAddresses() : std::vector<std::string>();
  for (const std::string& address : before) {
    const NoticeAddress lost(address);
    if (std::ranges::find(left, address) == left.end() &&
        std::ranges::find(ring.former_addresses, lost) ==
            ring.former_addresses.end())
      (void)ring.former_addresses.Add(lost);
  }
}

int CodesLeft(const CodeSet& set, const CodeSetState* state) {
  if (!state) return 0;
  if (set.kind == CodeSet::Kind::kBypass)
    return set.uses - static_cast<int>(std::min(
                          state->spent, static_cast<std::uint32_t>(set.uses)));
  int left = 0;
  for (std::size_t i = 0; i < set.hashes.size(); ++i)
    if (!(state->spent >> i & 1)) ++left;
  return left;
}

Result<std::size_t> EncodeLoginState(const LoginState& state,
                                     MutableBytes output) {
  ByteWriter writer(output);
  writer.U8(kFormat);
  writer.U8(static_cast<std::uint8_t>(state.record));
  writer.U8(static_cast<std::uint8_t>(state.devices.size()));
  for (const DeviceState& device : state.devices) WriteDevice(device, writer);
  writer.U8(static_cast<std::uint8_t>(state.sources.size()));
  for (const SourceState& source : state.sources) WriteSource(source, writer);
  WriteFailures(state.strangers, writer);
  writer.U8(static_cast<std::uint8_t>(state.code_sets.size()));
  for (const CodeSetState& set : state.code_sets) WriteCodeSet(set, writer);
  WriteTimes(state.known_code_failures, writer);
  WriteTimes(state.strange_code_failures, writer);
  WriteTimes(state.recovery_requests, writer);
  Write(state.recovery, writer);
  for (const ChannelState& channel : state.channels) Write(channel, writer);
  writer.U32(state.sent_by_host.day);
  writer.U32(state.sent_by_host.count);
  Write(state.notices, writer);
  if (writer.overflowed())
    return Fail(ErrorCode::kInternal, "a login state above its size");
  if (state.notices.told > state.notices.noted ||
      state.notices.told_administrators > state.notices.noted)
    return Fail(ErrorCode::kInternal, "more notices told than noted");
  return writer.size();
}

Result<void> DecodeLoginState(Bytes bytes, LoginState& state) {
  ByteReader reader(bytes);
  const std::uint8_t format = reader.U8();
  if (!reader.failed() && format != kFormat)
    return Fail(ErrorCode::kCorrupt, "a login state of another release");
  state.record = RecordMark{reader.U8()};
  if (state.record <= RecordMark::kRemoved &&
      ReadList(reader, state.devices, ReadDevice) &&
      ReadList(reader, state.sources, ReadSource) &&
      ReadFailures(reader, state.strangers) &&
      ReadList(reader, state.code_sets, ReadCodeSet) &&
      ReadTimes(reader, state.known_code_failures) &&
      ReadTimes(reader, state.strange_code_failures) &&
      ReadTimes(reader, state.recovery_requests) &&
      Read(reader, state.recovery) && Read(reader, state.channels[0]) &&
      Read(reader, state.channels[1])) {
    state.sent_by_host.day = reader.U32();
    state.sent_by_host.count = reader.U32();
    if (Read(reader, state.notices) && reader.Finished()) return {};
  }
  state = LoginState{};
  return Fail(ErrorCode::kCorrupt, "the login state is not in the format");
}

}  // namespace twofactor
