// SPDX-License-Identifier: Apache-2.0
//
// json_writer.h - JSON (RFC 8259) on one line, in memory that is wiped.
//
// Trust: strings may hold any bytes.  Control characters become \uNNNN, bytes
// that are no UTF-8 the four characters \xNN, so that the output is always
// valid JSON and safe in a terminal.

#ifndef TWOFACTOR_SETUP_TOOL_JSON_WRITER_H_
#define TWOFACTOR_SETUP_TOOL_JSON_WRITER_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/secret.h"
#include "core/base/secret_text.h"

namespace twofactor::tool {

class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  // What follows is the member's value.
  JsonWriter& Key(std::string_view key);

  JsonWriter& Value(std::string_view text);
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(const Secret& text) { return Value(AsText(text.Expose())); }
  JsonWriter& Value(std::same_as<bool> auto truth) {
    return Raw(truth ? "true" : "false");
  }
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) JsonWriter& Value(Integer number) {
    return Raw(std::to_string(number));
  }
  template <typename T>
  JsonWriter& Value(const std::optional<T>& value) {
    return value ? Value(*value) : Raw("null");
  }

  template <typename T>
  JsonWriter& Member(std::string_view key, const T& value) {
    return Key(key).Value(value);
  }

  // What was written so far, with a line end.
  SecretText Finish();

 private:
  JsonWriter& Raw(std::string_view text);
  void AppendString(std::string_view text);
  void Separate();

  SecretText text_;
  enum class Last : std::uint8_t {
    kOpening,
    kKey,
    kValue
  } last_ = Last::kOpening;
};

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_JSON_WRITER_H_
