// SPDX-License-Identifier: Apache-2.0
//
// config.h - twofactor.conf: what the administrator has settled for the host.
//
// Trust: the files are root's; everything about them is checked all the same.
// Nothing is guessed: a key, value or line that is not understood refuses the
// whole configuration with file, line, and the nearest known key, and a login
// without a good configuration is denied.

#ifndef TWOFACTOR_CORE_SESSION_CONFIG_H_
#define TWOFACTOR_CORE_SESSION_CONFIG_H_

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/settings.h"
#include "core/delivery/delivery_settings.h"
#include "core/factor/totp.h"
#include "core/store/enrollment.h"
#include "core/store/paths.h"

namespace twofactor {

enum class SecondFactor : std::uint8_t {
  kRequired = 0,  // Who is not enrolled is denied.
  kOptional = 1,  // Who is proven not to be enrolled is not asked.
};

// Which names can have records.
enum class UserSource : std::uint8_t {
  kSystem = 0,  // Those that the name service (NSS) knows.
  kAny = 1,     // Any that the host application asks about (VPN, RADIUS).
};

enum class UserNameFolding : std::uint8_t { kExact = 0, kLower = 1 };

enum class Echo : std::uint8_t { kOn = 0, kOff = 1 };

// Whether somebody who lost all devices may get a code by email at the prompt.
enum class Recovery : std::uint8_t { kOff = 0, kOn = 1 };

// By which ways codes may be sent at a login.
struct DeliveredCodes {
  bool email = true;
  bool sms = true;

  bool Have(Address::Kind kind) const {
    return kind == Address::Kind::kSms ? sms : email;
  }
  friend bool operator==(const DeliveredCodes&,
                         const DeliveredCodes&) = default;
};

// Whether users are told by mail of what happens to their second factor.
enum class Notices : std::uint8_t { kOff = 0, kOn = 1 };

// At most `failures` in any `window`.
struct RateLimit {
  int failures = 0;
  std::chrono::seconds window{};

  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

// What throttle.h enforces.
struct VerifyLimits {
  RateLimit source{5, std::chrono::minutes(15)};
  RateLimit strangers{20, std::chrono::minutes(15)};
  int failures_per_30_days = 100;  // Of one budget; beyond it ...
  int failures_per_day = 5;        // ... so many a day.
};

struct Config {
  SecondFactor second_factor = SecondFactor::kRequired;
  std::vector<std::string> services{"sshd", "login", "su", "sudo"};
  UserSource users = UserSource::kSystem;
  UserNameFolding user_names = UserNameFolding::kExact;

  std::string prompt = "Verification code: ";
  Echo echo = Echo::kOn;

  TotpTolerance totp_tolerance;
  VerifyLimits verify_limits;

  int hotp_look_ahead = 10;     // Of a token that is the only device; else 4.
  int hotp_resync_reach = 100;  // Counters that two codes in a row may skip.
  int backup_codes = 10;        // That a set is made of.
  RateLimit backup_limit{10, std::chrono::hours(1)};

  Recovery recovery = Recovery::kOff;
  RateLimit recovery_limit{3, std::chrono::hours(24)};

  DeliveredCodes delivered_codes;
  RateLimit send_limit{3, std::chrono::minutes(30)};  // Of one user and way.
  int codes_per_day = 1000;                           // Of the host.

  Notices notices = Notices::kOff;
  std::string notices_to;  // An administrators' address; empty: none.

  DeliverySettings delivery;

  // What `twofactor enroll totp` gives to new devices.
  std::string issuer;  // Empty: the host's name at enrollment.
  TotpParameters totp_parameters;
  int totp_key_bytes = 20;  // RFC 4226 §4 R6 recommends 160 bits.

  StorePaths paths;
};

// The keys of twofactor.conf.
std::span<const ConfigKey> ConfigKeys();

// Reads `path` and then `path`.d/*.conf in the order of their names; later
// settings win.  kConfig, with "file:line: what, did you mean ..." as context.
Result<Config> LoadConfig(const std::string& path);

// Applies the text of one file to `config`.  `name` is for error messages.
Result<void> ParseConfig(std::string_view text, const std::string& name,
                         Config& config);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_CONFIG_H_
