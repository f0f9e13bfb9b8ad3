// SPDX-License-Identifier: Apache-2.0
//
// template.cc - finding placeholders, and escaping.

#include "delivery_helper/template.h"

#include <algorithm>

#include "core/base/encoding.h"
#include "core/base/secret_text.h"

namespace twofactor::delivery {
namespace {

constexpr std::size_t kMaxName = 32;

bool IsOfAName(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

// The name of the placeholder that `text` starts with; empty if none does.
std::string_view NameAtStart(std::string_view text) {
  if (!text.starts_with('{')) return {};
  const auto end = text.find('}');
  if (end == std::string_view::npos || end < 2 || end > kMaxName) return {};
  const std::string_view name = text.substr(1, end - 1);
  return std::ranges::all_of(name, IsOfAName) ? name : std::string_view();
}

// Takes the literal text up to the next placeholder, and its name, which is
// empty at the end.
struct Piece {
  std::string_view literal;
  std::string_view name;
};
Piece TakePiece(std::string_view& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view name = NameAtStart(text.substr(at));
    if (name.empty()) continue;
    const Piece piece{text.substr(0, at), name};
    text.remove_prefix(at + name.size() + 2);
    return piece;
  }
  const Piece piece{text, {}};
  text = {};
  return piece;
}

std::unexpected<Error> Unknown(std::string_view name) {
  return Fail(ErrorCode::kConfig,
              "unknown placeholder {" + std::string(name) + "}");
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

void AddJson(SecretText& output, char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  if (c == '"' || c == '\\')
    output.Append("\\").Append({&c, 1});
  else if (IsControl(c))
    output.Append("\\u00").Append(HexEncode({&byte, 1}));
  else
    output.Append({&c, 1});
}

// What stands before the next line end, which goes, too.
std::string_view TakeLine(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void AddValue(SecretText& output, const Value& value, Sink sink) {
  if (sink != Sink::kText || value.shape == Shape::kOneLine) {
    output.Append(Escaped(value.text, sink));
    return;
  }
  for (std::string_view text = value.text; !text.empty();)
    output.Append(Escaped(TakeLine(text), sink)).Append("\n");
}

}  // namespace

Secret Escaped(std::string_view text, Sink sink) {
  SecretText output;
  const bool printable = IsPrintableUtf8(text);
  for (char c : text) {
    const bool foreign = (c & 0x80) != 0 && !printable;
    if (sink != Sink::kUrl && foreign) c = '?';
    switch (sink) {
      case Sink::kText:
      case Sink::kHeader:
        if (IsControl(c)) c = '?';
        output.Append({&c, 1});
        break;
      case Sink::kUrl:
        output.Append(PercentEncode({&c, 1}));
        break;
      case Sink::kJson:
        AddJson(output, c);
        break;
    }
  }
  return std::move(output).Take();
}

Result<void> CheckTemplate(std::string_view text,
                           std::span<const std::string_view> known) {
  while (!text.empty()) {
    const Piece piece = TakePiece(text);
    if (!piece.name.empty() &&
        std::ranges::find(known, piece.name) == known.end())
      return Unknown(piece.name);
  }
  return {};
}

Result<Secret> Fill(std::string_view text, std::span<const Value> values,
                    Sink sink) {
  SecretText output;
  while (!text.empty()) {
    const Piece piece = TakePiece(text);
    output.Append(piece.literal);
    if (piece.name.empty()) continue;
    const auto value = std::ranges::find(values, piece.name, &Value::name);
    if (value == values.end()) return Unknown(piece.name);
    AddValue(output, *value, sink);
  }
  return std::move(output).Take();
}

}  // namespace twofactor::delivery
