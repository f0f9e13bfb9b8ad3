// SPDX-License-Identifier: Apache-2.0
//
// config.cc - one table of keys; core/base/settings.h reads the lines.

#include "core/session/config.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

#include "core/base/encoding.h"
#include "core/delivery/address.h"
#include "core/delivery/request.h"
#include "core/store/login_state.h"
#include "core/store/secure_file.h"

namespace twofactor {
namespace {

using std::chrono::seconds;

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

bool SetPath(std::string_view value, std::string& field) {
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

constexpr Setting<Config> kSettings[] = {
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
    {{"delivered_codes", "email sms", "off | email | sms | email sms",
      "By which ways a login may ask for a code, of those that this host has."},
     [](std::string_view value, Config& config) {
       return SetChoice(
           value, config.delivered_codes,
           std::to_array<std::pair<std::string_view, DeliveredCodes>>(
               {{"off", {false, false}},
                {"email", {true, false}},
                {"sms", {false, true}},
                {"email sms", {true, true}}}));
     }},
    {{"send_limit", "3 / 30min", "1..20 / time up to 1d",
      "Codes that are sent to one user by one way; there is a minute between "
      "two of them."},
     [](std::string_view value, Config& config) {
       return SetRate(value, config.send_limit);
     }},
    {{"codes_per_day", "1000", "1..1000000 codes",
      "Codes that this host sends in a day (UTC), those of recovery among "
      "them."},
     [](std::string_view value, Config& config) {
       return SetNumber(value, 1, 1'000'000, config.codes_per_day);
     }},
    {{"notices", "off", "off | on",
      "Whether users are told by mail of what happens to their second factor; "
      "twofactor flush-notices has to be run for it."},
     [](std::string_view value, Config& config) {
       return SetChoice(value, config.notices,
                        std::to_array<std::pair<std::string_view, Notices>>(
                            {{"off", Notices::kOff}, {"on", Notices::kOn}}));
     }},
    {{"notices_to", "\"\"", "address; empty: nobody else",
      "An administrators' address that every notice goes to, too."},
     [](std::string_view value, Config& config) {
       if (!value.empty() && !IsEmailAddress(value)) return false;
       return SetText(value, kMaxAddressSize, config.notices_to);
     }},
    {{"delivery_timeout", "20s", "1s..60s",
      "How long sending a code may take."},
     [](std::string_view value, Config& config) {
       const auto time = ParseDuration(value);
       if (!time || *time > kMaxDeliveryTime) return false;
       config.delivery.time = *time;
       return true;
     }},
    {{"delivery_config", kDeliveryConfigPath, "absolute path",
      "How codes leave this host; without the file nothing is sent."},
     [](std::string_view value, Config& config) {
       return SetPath(value, config.delivery.config);
     }},
    {{"delivery_helper", TWOFACTOR_DELIVERY_HELPER, "absolute path",
      "The program that sends codes, as the system user _twofactor."},
     [](std::string_view value, Config& config) {
       return SetPath(value, config.delivery.helper);
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
       return SetPath(value, config.paths.keys);
     }},
    {{"state_folder", "/var/lib/twofactor", "absolute path",
      "Where records are."},
     [](std::string_view value, Config& config) {
       return SetPath(value, config.paths.state);
     }},
    {{"runtime_folder", "/run/twofactor", "absolute path",
      "Where login state goes while the disk takes no writes."},
     [](std::string_view value, Config& config) {
       return SetPath(value, config.paths.runtime);
     }},
};
constexpr auto kKeys = KeysOf(kSettings);
constexpr auto kWords = WordsOf<kSettings>();
constexpr auto kSetters = SettersOf(kSettings);

Result<void> LoadFile(int folder, const std::string& file,
                      const std::string& shown, Config& config) {
  auto text =
      ReadFileAt(folder, file, kMaxSettingsFileSize, Privacy::kRootWritable);
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

Result<void> ParseConfig(std::string_view text, const std::string& name,
                         Config& config) {
  TableSink<Config> sink(kSetters, config);
  return ParseSettings(text, name, kWords, sink);
}

Result<Config> LoadConfig(const std::string& path) {
  Config config;
  RETURN_IF_ERROR(LoadFile(AT_FDCWD, path, path, config));
  RETURN_IF_ERROR(LoadDropIns(path + ".d", config));
  return config;
}

}  // namespace twofactor
