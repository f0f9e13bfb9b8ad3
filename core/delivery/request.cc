// SPDX-License-Identifier: Apache-2.0
//
// request.cc - both formats, both ways.

#include "core/delivery/request.h"

#include <algorithm>
#include <iterator>

#include "core/base/encoding.h"
#include "core/delivery/address.h"

namespace twofactor {
namespace {

constexpr std::string_view kMagic = "2FSEND";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kMaxUser = 255;
constexpr std::size_t kMaxCode = 64;
constexpr std::chrono::minutes kMaxLife{24 * 60};
constexpr std::string_view kStep = "step ";

constexpr const char* kStageNames[] = {"internal", "config",  "dns",
                                       "connect",  "tls",     "auth",
                                       "timeout",  "refused", "done"};

bool IsKind(std::uint8_t kind) {
  switch (static_cast<MessageKind>(kind)) {
    case MessageKind::kRecoveryCode:
    case MessageKind::kAddressCheck:
    case MessageKind::kLoginCode:
    case MessageKind::kNotice:
      return true;
  }
  return false;
}

bool IsCode(Bytes code) {
  return !code.empty() && code.size() <= kMaxCode &&
         std::ranges::all_of(code, [](std::uint8_t c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-';
         });
}

// Lines, each with its end.
bool IsNoticeText(std::string_view text) {
  if (text.empty() || text.size() > kMaxNoticeText || !text.ends_with('\n'))
    return false;
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return IsPrintableUtf8(line);
}

bool ContentFits(Channel channel, const Message& message) {
  if (message.kind == MessageKind::kNotice)
    return channel == Channel::kEmail && message.code.empty() &&
           message.good_for.count() == 0 && IsNoticeText(message.text);
  return IsCode(message.code.Expose()) && message.good_for.count() >= 1 &&
         message.good_for <= kMaxLife && message.text.empty();
}

bool IsWithinDomain(Channel channel, const Message& message,
                    std::chrono::seconds time) {
  const bool address = channel == Channel::kSms
                           ? IsPhoneNumber(message.address)
                           : IsEmailAddress(message.address);
  return address && !message.user.empty() && message.user.size() <= kMaxUser &&
         message.user.find('\0') == std::string::npos &&
         ContentFits(channel, message) && time.count() >= 1 &&
         time <= kMaxDeliveryTime;
}

void PutText(ByteWriter& writer, Bytes text) {
  writer.U8(static_cast<std::uint8_t>(text.size()));
  writer.Put(text);
}

Bytes TakeText(ByteReader& reader) { return reader.Take(reader.U8()); }

bool IsReportText(std::string_view text) {
  return text.size() <= kMaxReportText && IsPrintableUtf8(text);
}

// Takes the next line, without its LF; false when there is none.
bool TakeLine(std::string_view& text, std::string_view& line) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

std::unexpected<Error> BadReport(const char* what) {
  return Fail(ErrorCode::kCorrupt, std::string("report: ") + what);
}

}  // namespace

Result<Secret> EncodeRequest(const Message& message, Detail detail,
                             std::chrono::seconds time) {
  const Channel channel =
      IsPhoneNumber(message.address) ? Channel::kSms : Channel::kEmail;
  if (!IsKind(static_cast<std::uint8_t>(message.kind)) ||
      !IsWithinDomain(channel, message, time))
    return Fail(ErrorCode::kInvalid, "a message outside of its domain");
  Secret request(kMaxRequestSize);
  ByteWriter writer(request.ExposeMutable());
  writer.Put(AsBytes(kMagic));
  writer.U8(kFormat);
  writer.U8(static_cast<std::uint8_t>(channel));
  writer.U8(static_cast<std::uint8_t>(message.kind));
  writer.U8(static_cast<std::uint8_t>(detail));
  writer.U8(static_cast<std::uint8_t>(time.count()));
  writer.U16(static_cast<std::uint16_t>(message.good_for.count()));
  PutText(writer, AsBytes(message.address));
  PutText(writer, AsBytes(message.user));
  PutText(writer, message.code.Expose());
  writer.U16(static_cast<std::uint16_t>(message.text.size()));
  writer.Put(AsBytes(message.text));
  if (writer.overflowed())
    return Fail(ErrorCode::kInternal, "a request above its limit");
  request.Shrink(writer.size());
  return request;
}

Result<DeliveryRequest> DecodeRequest(Bytes bytes) {
  ByteReader reader(bytes);
  DeliveryRequest request;
  const bool known =
      AsText(reader.Take(kMagic.size())) == kMagic && reader.U8() == kFormat;
  const std::uint8_t channel = reader.U8();
  const std::uint8_t kind = reader.U8();
  const std::uint8_t detail = reader.U8();
  request.channel = static_cast<Channel>(channel);
  request.detail = static_cast<Detail>(detail);
  request.time = std::chrono::seconds(reader.U8());
  request.message.kind = static_cast<MessageKind>(kind);
  request.message.good_for = std::chrono::minutes(reader.U16());
  request.message.address = AsText(TakeText(reader));
  request.message.user = AsText(TakeText(reader));
  request.message.code = Secret::CopyOf(TakeText(reader));
  request.message.text = AsText(reader.Take(reader.U16()));
  if (!known || !reader.Finished() || bytes.size() > kMaxRequestSize)
    return Fail(ErrorCode::kCorrupt, "no request of format 1");
  if ((request.channel != Channel::kEmail &&
       request.channel != Channel::kSms) ||
      !IsKind(kind) || detail > static_cast<std::uint8_t>(Detail::kSteps) ||
      !IsWithinDomain(request.channel, request.message, request.time))
    return Fail(ErrorCode::kCorrupt, "a request outside of its domain");
  return request;
}

const char* StageName(Stage stage) {
  return kStageNames[static_cast<std::size_t>(stage)];
}

std::string EncodeReport(const DeliveryReport& report) {
  std::string text;
  for (const std::string& step : report.steps)
    text.append(kStep).append(ReportText(step)).push_back('\n');
  text.append(StageName(report.stage)).append(" ");
  text.append(ReportText(report.text)).push_back('\n');
  return text;
}

Result<DeliveryReport> DecodeReport(std::string_view text) {
  DeliveryReport report;
  std::string_view line;
  if (text.size() > kMaxReportSize) return BadReport("too long");
  while (TakeLine(text, line) && line.starts_with(kStep)) {
    line.remove_prefix(kStep.size());
    if (!IsReportText(line) || report.steps.size() == kMaxReportSteps)
      return BadReport("a bad step");
    report.steps.emplace_back(line);
    line = {};
  }
  if (!text.empty())
    return BadReport("more than an outcome, or part of a line");
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return BadReport("no outcome");
  const auto stage = std::ranges::find(kStageNames, line.substr(0, space));
  if (stage == std::end(kStageNames)) return BadReport("an unknown outcome");
  report.stage = static_cast<Stage>(stage - std::begin(kStageNames));
  report.text = line.substr(space + 1);
  if (!IsReportText(report.text)) return BadReport("a bad text");
  return report;
}

std::string ReportText(std::string_view text) {
  std::string safe(text.substr(0, kMaxReportText));
  while (!safe.empty() && (safe.back() == '\n' || safe.back() == '\r'))
    safe.pop_back();
  // A character that the limit has cut goes whole.
  if (text.size() > safe.size())
    for (int bytes = 0; bytes < 3 && !safe.empty() && !IsPrintableUtf8(safe) &&
                        (safe.back() & 0x80) != 0;
         ++bytes)
      safe.pop_back();
  const bool printable = IsPrintableUtf8(safe);
  for (char& c : safe) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
    if (byte < 0x20 && c != ' ') c = '?';
    if (byte == 0x7F || (byte >= 0x80 && !printable)) c = '?';
  }
  return safe;
}

}  // namespace twofactor
