// SPDX-License-Identifier: Apache-2.0
//
// oath_line.cc - splitting and checking.

#include "setup_tool/oath_line.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "core/base/encoding.h"
#include "core/store/user_name.h"

namespace twofactor::tool {
namespace {

using std::chrono::seconds;

constexpr std::string_view kBlanks = " \t\r";

struct TypeRow {
  std::string_view name;
  DeviceKind kind;
  seconds period;
};
constexpr TypeRow kTypes[] = {
    {"HOTP/T30", DeviceKind::kTotp, seconds(30)},
    {"HOTP/T60", DeviceKind::kTotp, seconds(60)},
    {"HOTP/E", DeviceKind::kHotp, seconds(0)},
};

std::string_view TakeField(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::string_view field = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(field.size());
  return field;
}

// False for a type that pam_oath would not know either.
bool ReadType(std::string_view text, OathLine& line) {
  if (text == "HOTP") return true;
  for (const TypeRow& row : kTypes) {
    if (!text.starts_with(row.name)) continue;
    const std::string_view rest = text.substr(row.name.size());
    line.device_kind = row.kind;
    line.period = row.period;
    if (rest.empty()) return true;
    if (rest != "/6" && rest != "/7" && rest != "/8") return false;
    line.digits = rest[1] - '0';
    return true;
  }
  return false;
}

OathLine::Pin PinOf(std::string_view text) {
  if (text == "-") return OathLine::Pin::kNone;
  if (text == "+") return OathLine::Pin::kElsewhere;
  return OathLine::Pin::kText;
}

std::optional<std::uint64_t> ReadFactor(std::string_view text) {
  if (text.empty()) return 0;
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  // One more than it must be a counter still.
  if (result.ec != std::errc{} || result.ptr != end || value >= INT64_MAX)
    return std::nullopt;
  return value;
}

}  // namespace

Result<OathLine> ParseOathLine(std::string_view text) {
  if (text.size() > kMaxOathLineSize)
    return Fail(ErrorCode::kInvalid, "the line has more than 1024 bytes");
  OathLine line;
  const std::string_view type = TakeField(text);
  if (type.empty() || type.front() == '#') return line;
  if (!ReadType(type, line))
    return Fail(ErrorCode::kInvalid, "the type is none that pam_oath knows");
  ASSIGN_OR_RETURN(const UserName user, UserName::Create(TakeField(text)));
  line.user = user.text();
  const std::string_view pin = TakeField(text);
  const std::string_view key = TakeField(text);
  if (key.empty())
    return Fail(ErrorCode::kInvalid, "there are fewer than four fields");
  line.pin = PinOf(pin);
  line.key = Secret(key.size() / 2);
  if (!HexDecode(key, line.key.ExposeMutable()) || line.key.empty())
    return Fail(ErrorCode::kInvalid, "the key is not hex");
  const auto factor = ReadFactor(TakeField(text));
  if (!factor)
    return Fail(ErrorCode::kInvalid, "the moving factor is no counter");
  line.factor = *factor;
  line.last_code = Secret::CopyOf(AsBytes(TakeField(text)));
  line.kind = OathLine::Kind::kToken;
  return line;
}

}  // namespace twofactor::tool
