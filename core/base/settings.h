// SPDX-License-Identifier: Apache-2.0
//
// settings.h - the strict reader of lines that every configuration file of
// ours is read with.
//
//   file  = *line
//   line  = *blank [ comment / key *blank "=" *blank value ] *blank LF
//   value = text without control characters, or the same in double quotes,
//           which keep blanks at its ends
//   A comment starts with "#" and fills a line of its own.
//
// Trust: the text may be any bytes.  What is not understood refuses the whole
// file.

#ifndef TWOFACTOR_CORE_BASE_SETTINGS_H_
#define TWOFACTOR_CORE_BASE_SETTINGS_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace twofactor {

constexpr std::size_t kMaxSettingsFileSize = 64 * 1024;
constexpr std::string_view kBlanks = " \t";

// A key as the manual and the shipped file show it.
struct ConfigKey {
  std::string_view name;
  std::string_view default_value;
  std::string_view domain;   // "required | optional", "1..20 / duration"
  std::string_view meaning;  // One sentence.
};

// Takes the value of the key at `index`, without its quotes; false when it is
// not in the key's domain.
class SettingSink {
 public:
  virtual bool Set(std::size_t index, std::string_view value) = 0;

 protected:
  ~SettingSink() = default;
};

// A row of a table of settings: the key, and how its value gets into `Target`.
template <typename Target>
struct Setting {
  ConfigKey key;
  // False when the value is not in the key's domain.
  bool (*set)(std::string_view value, Target& target);
};

// All of the keys, for who shows them.
template <typename Target, std::size_t kCount>
constexpr std::array<ConfigKey, kCount> KeysOf(
    const Setting<Target> (&table)[kCount]) {
  std::array<ConfigKey, kCount> keys{};
  for (std::size_t i = 0; i < kCount; ++i) keys[i] = table[i].key;
  return keys;
}

// What reading a file needs of the keys, without a pointer: the loader adjusts
// pointers in every process, and the pages they are in are then its own.
template <std::size_t kCount, std::size_t kSize>
struct PackedWords {
  std::array<std::uint16_t, 2 * kCount> ends{};  // Names, then domains.
  std::array<char, kSize> text{};
};

template <const auto& kTable>
consteval auto WordsOf() {
  constexpr std::size_t kCount = std::size(kTable);
  constexpr std::size_t kSize = [] {
    std::size_t size = 0;
    for (const auto& row : kTable)
      size += row.key.name.size() + row.key.domain.size();
    return size;
  }();
  static_assert(kSize <= std::numeric_limits<std::uint16_t>::max());
  PackedWords<kCount, kSize> words;
  std::size_t used = 0;
  const auto put = [&](std::size_t index, std::string_view word) {
    for (const char c : word) words.text[used++] = c;
    words.ends[index] = static_cast<std::uint16_t>(used);
  };
  for (std::size_t i = 0; i < kCount; ++i) put(i, kTable[i].key.name);
  for (std::size_t i = 0; i < kCount; ++i)
    put(kCount + i, kTable[i].key.domain);
  return words;
}

class SettingWords {
 public:
  template <std::size_t kCount, std::size_t kSize>
  // NOLINTNEXTLINE(google-explicit-constructor): a view, as std::span is.
  constexpr SettingWords(const PackedWords<kCount, kSize>& words)
      : ends_(words.ends), text_(words.text.data(), kSize) {}
  std::size_t size() const { return ends_.size() / 2; }
  std::string_view Name(std::size_t index) const { return Word(index); }
  std::string_view Domain(std::size_t index) const {
    return Word(size() + index);
  }

 private:
  std::string_view Word(std::size_t at) const {
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
    return {text_.data() + begin, ends_[at] - begin};
  }

  std::span<const std::uint16_t> ends_;
  std::string_view text_;
};

template <typename Target>
using SetFunction = bool (*)(std::string_view value, Target& target);

template <typename Target, std::size_t kCount>
constexpr std::array<SetFunction<Target>, kCount> SettersOf(
    const Setting<Target> (&table)[kCount]) {
  std::array<SetFunction<Target>, kCount> setters{};
  for (std::size_t i = 0; i < kCount; ++i) setters[i] = table[i].set;
  return setters;
}

// Sets what the rows of a table say.
template <typename Target>
class TableSink final : public SettingSink {
 public:
  TableSink(std::span<const SetFunction<Target>> setters, Target& target)
      : setters_(setters), target_(target) {}
  bool Set(std::size_t index, std::string_view value) override {
    return setters_[index](value, target_);
  }

 private:
  std::span<const SetFunction<Target>> setters_;
  Target& target_;
};

// What an error may show of the text.  In a file about credentials, anything
// but a key that is known may be one in the wrong place.
enum class Shows : std::uint8_t { kKeysAlone = 0, kWords };

// Gives every setting of the text to `sink`, in order.  kConfig, with
// "name:line: what, did you mean ..." as context.
Result<void> ParseSettings(std::string_view text, const std::string& name,
                           SettingWords words, SettingSink& sink,
                           Shows shows = Shows::kWords);

// The known name that `name` was most likely meant to be; empty if none is
// near.
std::string_view NearestName(std::string_view name,
                             std::span<const std::string_view> known);

// Without the blanks at both ends.
std::string_view Trim(std::string_view text);

// Decimal digits alone.
std::optional<int> ParseNumber(std::string_view text, int low, int high);

// "30", "30s", "15min", "1h", "1d".
std::optional<std::chrono::seconds> ParseDuration(std::string_view text);

// One of a few words.
template <typename Enum, std::size_t kCount>
bool SetChoice(
    std::string_view value, Enum& field,
    const std::array<std::pair<std::string_view, Enum>, kCount>& choices) {
  for (const auto& [word, choice] : choices) {
    if (word != value) continue;
    field = choice;
    return true;
  }
  return false;
}

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_SETTINGS_H_
