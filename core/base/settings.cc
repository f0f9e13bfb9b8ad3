// SPDX-License-Identifier: Apache-2.0
//
// settings.cc - lines, keys and values.

#include "core/base/settings.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/base/encoding.h"

namespace twofactor {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxLineSize = 1024;

// Levenshtein's distance.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// A word of the file for an error message, or a stand-in for what is none, with
// `before` in front; nothing when no words are shown.
[[gnu::cold]] std::string Shown(const char* before, std::string_view word,
                                Shows shows) {
  if (shows == Shows::kKeysAlone) return {};
  if (word.size() > 64 || !IsPrintableUtf8(word))
    return std::string(before) + "(unprintable)";
  return before + ("\"" + std::string(word) + "\"");
}

// What is wrong with a line; empty when nothing is.
using Complaint = std::string;

[[gnu::cold]] Complaint UnknownKey(std::string_view key, SettingWords words,
                                   Shows shows) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < words.size(); ++i) names.push_back(words.Name(i));
  Complaint complaint = "unknown key" + Shown(" ", key, shows);
  const std::string_view near = NearestName(key, names);
  if (!near.empty())
    complaint += ", did you mean \"" + std::string(near) + "\"";
  return complaint;
}

Complaint ApplyValue(SettingWords words, std::size_t index,
                     std::string_view value, SettingSink& sink, Shows shows) {
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
    value = value.substr(1, value.size() - 2);
  if (sink.Set(index, value)) return {};
  return "bad value" + Shown(" ", value, shows) + " for " +
         std::string(words.Name(index)) + " (" +
         std::string(words.Domain(index)) + ")";
}

// Applies one line; `seen` remembers which keys this file has set.
Complaint ApplyLine(std::string_view line, SettingWords words,
                    std::vector<bool>& seen, SettingSink& sink, Shows shows) {
  if (line.size() > kMaxLineSize) return "a line above 1024 bytes";
  for (char c : line)
    if (c == '\t' ? false : static_cast<unsigned char>(c) < 0x20)
      return c == '\r' ? "a carriage return; lines end with a line feed alone"
                       : "a control character";
  line = Trim(line);
  if (line.empty() || line.starts_with('#')) return {};
  if (line.starts_with('[')) return "unknown section" + Shown(" ", line, shows);
  const auto equals = line.find('=');
  if (equals == std::string_view::npos)
    return "no \"=\"" +
           Shown(" after ", line.substr(0, line.find_first_of(kBlanks)), shows);
  const std::string_view key = Trim(line.substr(0, equals));
  std::size_t index = 0;
  while (index < words.size() && words.Name(index) != key) ++index;
  if (index == words.size()) return UnknownKey(key, words, shows);
  if (seen[index])
    return "key \"" + std::string(key) + "\" stands twice in this file";
  seen[index] = true;
  const std::string_view value = Trim(line.substr(equals + 1));
  if (!IsPrintableUtf8(value))
    return "a value that is no UTF-8 or holds a control character";
  return ApplyValue(words, index, value, sink, shows);
}

}  // namespace

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<int> ParseNumber(std::string_view text, int low, int high) {
  int number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() ||
      text.starts_with('-') || number < low || number > high)
    return std::nullopt;
  return number;
}

std::optional<seconds> ParseDuration(std::string_view text) {
  const auto unit_at =
      std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = ParseNumber(text.substr(0, unit_at), 1, 1'000'000);
  if (!number) return std::nullopt;
  const std::string_view unit = text.substr(unit_at);
  if (unit.empty() || unit == "s") return seconds(*number);
  if (unit == "min") return std::chrono::minutes(*number);
  if (unit == "h") return std::chrono::hours(*number);
  if (unit == "d") return std::chrono::days(*number);
  return std::nullopt;
}

std::string_view NearestName(std::string_view name,
                             std::span<const std::string_view> known) {
  constexpr std::size_t kMaxSizeCompared = 64;
  if (name.size() > kMaxSizeCompared) return {};
  std::string_view nearest;
  std::size_t nearest_distance = name.size() / 3 + 2;
  for (std::string_view candidate : known) {
    const std::size_t distance = EditDistance(name, candidate);
    if (distance >= nearest_distance) continue;
    nearest = candidate;
    nearest_distance = distance;
  }
  return nearest;
}

Result<void> ParseSettings(std::string_view text, const std::string& name,
                           SettingWords words, SettingSink& sink, Shows shows) {
  std::vector<bool> seen(words.size());
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const Complaint complaint =
        ApplyLine(text.substr(0, end), words, seen, sink, shows);
    if (!complaint.empty())
      return Fail(ErrorCode::kConfig,
                  name + ":" + std::to_string(number) + ": " + complaint);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace twofactor
