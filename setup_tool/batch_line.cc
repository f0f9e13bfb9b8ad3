// SPDX-License-Identifier: Apache-2.0
//
// batch_line.cc - splitting and checking.

#include "setup_tool/batch_line.h"

#include <algorithm>
#include <utility>

#include "core/base/encoding.h"
#include "core/factor/hotp.h"
#include "core/store/enrollment.h"
#include "core/store/user_name.h"

namespace twofactor::tool {
namespace {

constexpr std::string_view kBlanks = " \t";

// The text up to the next TAB, which is taken off too.
std::string_view TakeField(std::string_view& rest) {
  std::string_view field = rest.substr(0, rest.find('\t'));
  rest.remove_prefix(std::min(field.size() + 1, rest.size()));
  return field;
}

Result<Secret> ParseKey(std::string_view text) {
  if (text.empty()) return Secret();
  auto key = Base32Decode(text);
  if (!key) return Fail(ErrorCode::kInvalid, "the key is not base32");
  if (key->size() < kMinKeySize || key->size() > kMaxKeySize)
    return Fail(ErrorCode::kInvalid, "the key is not of 16 to 128 bytes");
  return std::move(*key);
}

}  // namespace

Result<BatchLine> ParseBatchLine(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > kMaxBatchLineSize)
    return Fail(ErrorCode::kInvalid, "the line has more than 1024 bytes");
  const std::size_t text = line.find_first_not_of(kBlanks);
  if (text == std::string_view::npos || line[text] == '#') return BatchLine{};
  if (std::ranges::count(line, '\t') > 2)
    return Fail(ErrorCode::kInvalid, "there are more than three fields");

  BatchLine parsed;
  parsed.kind = BatchLine::Kind::kUser;
  ASSIGN_OR_RETURN(const UserName user, UserName::Create(TakeField(line)));
  parsed.user = user.text();
  parsed.label = TakeField(line);
  if (parsed.label.size() > kMaxLabelSize)
    return Fail(ErrorCode::kInvalid, "the label has more than 64 bytes");
  if (!IsPrintableUtf8(parsed.label))
    return Fail(ErrorCode::kInvalid,
                "the label is no UTF-8 or holds a control character");
  ASSIGN_OR_RETURN(parsed.key, ParseKey(line));
  return parsed;
}

}  // namespace twofactor::tool
