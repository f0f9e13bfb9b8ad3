// SPDX-License-Identifier: Apache-2.0
//
// config.cc - one table of keys, and a strict reader of lines.
//
//   file  = *line
//   line  = *blank [ comment / key *blank "=" *blank value ] *blank LF
//   value = text without control characters, or the same in double quotes,
//           which keep blanks at its ends
//   A comment starts with "#" and fills a line of its own.

#include "core/session/config.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/base/encoding.h"
#include "core/store/login_state.h"
#include "core/store/secure_file.h"

namespace twofactor {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxFileSize = 64 * 1024;
constexpr std::size_t kMaxLineSize = 1024;
constexpr std::string_view kBlanks = " \t";

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

// Each reader of a value returns false when the value is not in the domain.
using SetValue = bool (*)(std::string_view value, Config& config);

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

bool SetNumber(std::string_view value, int low, int high, int& field) {
  const auto number = ParseNumber(value, low, high);
  if (number) field = *number;
  return number.has_value();
}

// "5 / 15min"
bool SetRate(std::string_view value, RateLimit& field) {
  const auto slash = value.find('/');
  if (slash == std::string_view::npos) return false;
  const auto failures =
      ParseNumber(Trim(value.substr(0, slash)), 1, kMaxRecentFailures);
  const auto window = ParseDuration(Trim(value.substr(slash + 1)));
  if (!failures || !window || *window > std::chrono::days(1)) return false;
  field = {*failures, *window};
  return true;
}

bool HasCapital(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Words of small letters, digits, '_', '-', '.', '~'; at least one.  Linux-PAM
// folds service names to lower case, so others would never match.
bool SetWords(std::string_view value, std::vector<std::string>& field) {
  std::vector<std::string> words;
  while (!(value = Trim(value)).empty()) {
    const auto end = std::min(value.find_first_of(kBlanks), value.size());
    const std::string_view word = value.substr(0, end);
    if (PercentEncode(word) != word || HasCapital(word)) return false;
    words.emplace_back(word);
    value.remove_prefix(end);
  }
  field = std::move(words);
  return !field.empty();
}

bool SetFolder(std::string_view value, std::string& field) {
  if (!value.starts_with('/') || value.size() < 2 || value.ends_with('/'))
    return false;
  field = value;
  return true;
}

bool SetText(std::string_view value, std::size_t max_size, std::string& field) {
  if (value.size() > max_size) return false;
  field = value;
  return true;
}

struct Setting {
  ConfigKey key;
  SetValue set;
};

constexpr Setting kSettings[] = {
    {{"second_factor", "required", "required | optional",
      "Whether users who are not enrolled are denied, or not asked."},
     [](std::string_view value, Config& config) {
       return SetChoice(
           value, config.second_factor,
           std::to_array<std::pair<std::string_view, SecondFactor>>(
               {{"required", SecondFactor::kRequired},
                {"optional", SecondFactor::kOptional}}));
     }},
    {{"services", "sshd login su sudo", "PAM service names in lower case",
      "Where a second factor is asked for; elsewhere the module stands aside."},
     [](std::string_view value, Config& config) {
       return SetWords(value, config.services);
     }},
    {{"users", "system", "system | any",
      "Whether only users that the name service knows can have records, or any "
      "name that the host application asks about (VPN, RADIUS)."},
     [](std::string_view value, Config& config) {
       return SetChoice(
           value, config.users,
           std::to_array<std::pair<std::string_view, UserSource>>(
               {{"system", UserSource::kSystem}, {"any", UserSource::kAny}}));
     }},
    {{"user_names", "exact", "exact | lower",
      "With users = any, whether names are taken as they are or in lower "
      "case."},
     [](std::string_view value, Config& config) {
       return SetChoice(
           value, config.user_names,
           std::to_array<std::pair<std::string_view, UserNameFolding>>(
               {{"exact", UserNameFolding::kExact},
                {"lower", UserNameFolding::kLower}}));
     }},
    {{"prompt", "\"Verification code: \"", "text of at most 200 bytes",
      "What the user is asked; scripts match it, screen readers read it."},
     [](std::string_view value, Config& config) {
       return !value.empty() && SetText(value, 200, config.prompt);
     }},
    {{"echo", "yes", "yes | no", "Whether what is typed at the prompt shows."},
     [](std::string_view value, Config& config) {
       return SetChoice(value, config.echo,
                        std::to_array<std::pair<std::string_view, Echo>>(
                            {{"yes", Echo::kOn}, {"no", Echo::kOff}}));
     }},
    {{"totp_window", "1", "0..2 steps",
      "How many time steps to either side of now a code may be off."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 0, kMaxWindow, config.totp_tolerance.window);
     }},
    {{"totp_drift", "2", "0..2 steps",
      "How far the window may follow a device whose clock is off."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 0, kMaxDrift, config.totp_tolerance.max_drift);
     }},
    {{"verify_limit", "5 / 15min", "1..20 / time up to 1d",
      "Wrong codes of one user from one source."},
     [](std::string_view value, Config& config) {
       return SetRate(value, config.verify_limits.source);
     }},
    {{"verify_limit_strangers", "20 / 15min", "1..20 / time up to 1d",
      "Wrong codes of one user from all sources without a success in the last "
      "30 days."},
     [](std::string_view value, Config& config) {
       return SetRate(value, config.verify_limits.strangers);
     }},
    {{"verify_limit_month", "100", "1..255 failures in 30 days",
      "Wrong codes of one budget before only a few a day remain."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 1, kMaxFailuresPerDay,
                        config.verify_limits.failures_per_30_days);
     }},
    {{"verify_limit_day", "5", "1..100 failures a day", "The few that remain."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 1, 100, config.verify_limits.failures_per_day);
     }},
    {{"hotp_look_ahead", "10", "1..10 codes",
      "How many codes ahead of the last one a token may be; at most 4 where "
      "the user has other devices."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 1, kMaxLookAhead, config.hotp_look_ahead);
     }},
    {{"hotp_resync_reach", "100", "1..1000 codes",
      "How many codes ahead two codes in a row bring a token in step again."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 1, kMaxResyncReach, config.hotp_resync_reach);
     }},
    {{"backup_codes", "10", "1..32 codes", "How many backup codes a set has."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 1, kMaxCodesInSet, config.backup_codes);
     }},
    {{"backup_limit", "10 / 1h", "1..20 / time up to 1d",
      "Wrong backup and bypass codes of one user."},
     [](std::string_view value, Config& config) {
       return SetRate(value, config.backup_limit);
     }},
    {{"recovery", "off", "off | on",
      "Whether the word recover at the prompt sends a code to the user's "
      "recovery "
      "address, with which a new device can be enrolled."},
     [](std::string_view value, Config& config) {
       return SetChoice(value, config.recovery,
                        std::to_array<std::pair<std::string_view, Recovery>>(
                            {{"off", Recovery::kOff}, {"on", Recovery::kOn}}));
     }},
    {{"recovery_limit", "3 / 24h", "1..20 / time up to 1d",
      "Recovery codes that are sent to one user."},
     [](std::string_view value, Config& config) {
       return SetRate(value, config.recovery_limit);
     }},
    {{"issuer", "\"\"", "text of at most 64 bytes; empty: the host's name",
      "What authenticator apps show beside the user's name."},
     [](std::string_view value, Config& config) {
       return SetText(value, 64, config.issuer);
     }},
    {{"totp_algorithm", "sha1", "sha1 | sha256 | sha512",
      "Hash of new devices; many authenticator apps know only sha1."},
     [](std::string_view value, Config& config) {
       return SetChoice(
           value, config.totp_parameters.algorithm,
           std::to_array<std::pair<std::string_view, HashAlgorithm>>(
               {{"sha1", HashAlgorithm::kSha1},
                {"sha256", HashAlgorithm::kSha256},
                {"sha512", HashAlgorithm::kSha512}}));
     }},
    {{"totp_digits", "6", "6..8", "Digits of a code of new devices."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 6, 8, config.totp_parameters.digits);
     }},
    {{"totp_period", "30s", "15s..5min", "Time step of new devices."},
     [](std::string_view value, Config& config) {
       const auto period = ParseDuration(value);
       if (!period || *period < seconds(15) || *period > seconds(300))
         return false;
       config.totp_parameters.period = *period;
       return true;
     }},
    {{"totp_key_bytes", "20", "16..64 bytes", "Size of keys of new devices."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 16, 64, config.totp_key_bytes);
     }},
    {{"keys_folder", "/etc/twofactor", "absolute path",
      "Where the keyring and the master keys are."},
     [](std::string_view value, Config& config) {
       return SetFolder(value, config.paths.keys);
     }},
    {{"state_folder", "/var/lib/twofactor", "absolute path",
      "Where records are."},
     [](std::string_view value, Config& config) {
       return SetFolder(value, config.paths.state);
     }},
    {{"runtime_folder", "/run/twofactor", "absolute path",
      "Where login state goes while the disk takes no writes."},
     [](std::string_view value, Config& config) {
       return SetFolder(value, config.paths.runtime);
     }},
};
constexpr std::size_t kSettingCount = std::size(kSettings);

constexpr auto kKeys = [] {
  std::array<ConfigKey, kSettingCount> keys{};
  for (std::size_t i = 0; i < kSettingCount; ++i) keys[i] = kSettings[i].key;
  return keys;
}();

std::array<std::string_view, kSettingCount> Names() {
  std::array<std::string_view, kSettingCount> names{};
  for (std::size_t i = 0; i < kSettingCount; ++i)
    names[i] = kSettings[i].key.name;
  return names;
}

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

// A word of the file for an error message, or a stand-in for what is none.
std::string Shown(std::string_view word) {
  if (word.size() > 64 || !IsPrintableUtf8(word)) return "(unprintable)";
  return "\"" + std::string(word) + "\"";
}

// What is wrong with a line; empty when nothing is.
using Complaint = std::string;

Complaint ApplyValue(const Setting& setting, std::string_view value,
                     Config& config) {
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
    value = value.substr(1, value.size() - 2);
  if (setting.set(value, config)) return {};
  return "bad value " + Shown(value) + " for " + std::string(setting.key.name) +
         " (" + std::string(setting.key.domain) + ")";
}

Complaint UnknownKey(std::string_view key) {
  Complaint complaint = "unknown key " + Shown(key);
  const std::string_view near = NearestName(key, Names());
  if (!near.empty())
    complaint += ", did you mean \"" + std::string(near) + "\"";
  return complaint;
}

// Applies one line; `seen` remembers which keys this file has set.
Complaint ApplyLine(std::string_view line,
                    std::array<bool, kSettingCount>& seen, Config& config) {
  if (line.size() > kMaxLineSize) return "a line above 1024 bytes";
  for (char c : line)
    if (c == '\t' ? false : static_cast<unsigned char>(c) < 0x20)
      return c == '\r' ? "a carriage return; lines end with a line feed alone"
                       : "a control character";
  line = Trim(line);
  if (line.empty() || line.starts_with('#')) return {};
  if (line.starts_with('[')) return "unknown section " + Shown(line);
  const auto equals = line.find('=');
  if (equals == std::string_view::npos)
    return "no \"=\" after " +
           Shown(line.substr(0, line.find_first_of(kBlanks)));
  const std::string_view key = Trim(line.substr(0, equals));
  const auto found = std::ranges::find(
      kSettings, key, [](const Setting& setting) { return setting.key.name; });
  if (found == std::end(kSettings)) return UnknownKey(key);
  const auto index = static_cast<std::size_t>(found - std::begin(kSettings));
  if (std::exchange(seen[index], true))
    return "key \"" + std::string(key) + "\" stands twice in this file";
  const std::string_view value = Trim(line.substr(equals + 1));
  if (!IsPrintableUtf8(value))
    return "a value that is no UTF-8 or holds a control character";
  return ApplyValue(kSettings[index], value, config);
}

Result<void> LoadFile(int folder, const std::string& file,
                      const std::string& shown, Config& config) {
  auto text = ReadFileAt(folder, file, kMaxFileSize, Privacy::kRootWritable);
  if (!text) return Fail(ErrorCode::kConfig, text.error().context);
  return ParseConfig(AsText(text->Expose()), shown, config);
}

Result<void> LoadDropIns(const std::string& path, Config& config) {
  auto folder = OpenFolder(path, Privacy::kRootWritable);
  if (!folder && folder.error().code == ErrorCode::kNotFound) return {};
  if (!folder) return Fail(ErrorCode::kConfig, folder.error().context);
  auto names = NamesIn(folder->get());
  if (!names) return Fail(ErrorCode::kConfig, names.error().context);
  for (const std::string& name : *names)
    if (name.ends_with(".conf"))
      RETURN_IF_ERROR(LoadFile(folder->get(), name, path + "/" + name, config));
  return {};
}

}  // namespace

std::span<const ConfigKey> ConfigKeys() { return kKeys; }

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

Result<void> ParseConfig(std::string_view text, const std::string& name,
                         Config& config) {
  std::array<bool, kSettingCount> seen{};
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const Complaint complaint = ApplyLine(text.substr(0, end), seen, config);
    if (!complaint.empty())
      return Fail(ErrorCode::kConfig,
                  name + ":" + std::to_string(number) + ": " + complaint);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

Result<Config> LoadConfig(const std::string& path) {
  Config config;
  RETURN_IF_ERROR(LoadFile(AT_FDCWD, path, path, config));
  RETURN_IF_ERROR(LoadDropIns(path + ".d", config));
  return config;
}

}  // namespace twofactor
