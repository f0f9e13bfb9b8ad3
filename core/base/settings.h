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

template <typename Target, std::size_t kCount>
constexpr std::array<ConfigKey, kCount> KeysOf(
    const Setting<Target> (&table)[kCount]) {
  std::array<ConfigKey, kCount> keys{};
  for (std::size_t i = 0; i < kCount; ++i) keys[i] = table[i].key;
  return keys;
}

// Sets what the rows of a table say.
template <typename Target>
class TableSink final : public SettingSink {
 public:
  TableSink(std::span<const Setting<Target>> table, Target& target)
      : table_(table), target_(target) {}
  bool Set(std::size_t index, std::string_view value) override {
    return table_[index].set(value, target_);
  }

 private:
  std::span<const Setting<Target>> table_;
  Target& target_;
};

// Gives every setting of the text to `sink`, in order.  kConfig, with
// "name:line: what, did you mean ..." as context.
Result<void> ParseSettings(std::string_view text, const std::string& name,
                           std::span<const ConfigKey> keys, SettingSink& sink);

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
