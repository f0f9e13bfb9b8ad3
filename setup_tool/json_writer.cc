// SPDX-License-Identifier: Apache-2.0
//
// json_writer.cc - the grammar of RFC 8259, without white space.

#include "setup_tool/json_writer.h"

#include <cstdio>
#include <string>
#include <utility>

#include "core/base/encoding.h"
#include "setup_tool/utf8.h"

namespace twofactor::tool {
namespace {

// RFC 8259 §7: \uNNNN, in pairs above the basic multilingual plane.
void AppendEscape(SecretText& text, std::uint32_t code_point) {
  char escape[16];
  if (code_point < 0x10000) {
    std::snprintf(escape, sizeof(escape), "\\u%04x", code_point);
  } else {
    std::uint32_t rest = code_point - 0x10000;
    std::snprintf(escape, sizeof(escape), "\\u%04x\\u%04x",
                  0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
  }
  text.Append(escape);
}

}  // namespace

void JsonWriter::Separate() {
  if (last_ == Last::kValue) text_.Append(",");
}

JsonWriter& JsonWriter::Raw(std::string_view text) {
  Separate();
  text_.Append(text);
  last_ = Last::kValue;
  return *this;
}

JsonWriter& JsonWriter::BeginObject() {
  Raw("{");
  last_ = Last::kOpening;
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  text_.Append("}");
  last_ = Last::kValue;
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  Raw("[");
  last_ = Last::kOpening;
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  text_.Append("]");
  last_ = Last::kValue;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  AppendString(key);
  text_.Append(":");
  last_ = Last::kKey;
  return *this;
}

JsonWriter& JsonWriter::Value(std::string_view text) {
  Separate();
  AppendString(text);
  last_ = Last::kValue;
  return *this;
}

void JsonWriter::AppendString(std::string_view text) {
  text_.Append("\"");
  while (!text.empty()) {
    Utf8Character first = FirstCharacter(text);
    std::string_view bytes = text.substr(0, first.size);
    if (first.kind == Utf8Character::Kind::kIllFormed) {
      text_.Append("\\\\x").Append(HexEncode(AsBytes(bytes)));
    } else if (first.kind == Utf8Character::Kind::kControl) {
      AppendEscape(text_, first.code_point);
    } else {
      if (bytes == "\"" || bytes == "\\") text_.Append("\\");
      text_.Append(bytes);
    }
    text.remove_prefix(first.size);
  }
  text_.Append("\"");
}

SecretText JsonWriter::Finish() {
  text_.Append("\n");
  return std::move(text_);
}

}  // namespace twofactor::tool
