// SPDX-License-Identifier: Apache-2.0
//
// config_text.cc - from the core's table of keys, and from a Config.

#include "setup_tool/config_text.h"

#include "setup_tool/device_report.h"

namespace twofactor::tool {
namespace {

void WriteLimit(JsonWriter& json, const char* key, const RateLimit& limit) {
  json.Key(key)
      .BeginObject()
      .Member("failures", limit.failures)
      .Member("window_seconds", limit.window.count())
      .EndObject();
}

void WritePolicy(JsonWriter& json, const Config& config) {
  const bool optional = config.second_factor == SecondFactor::kOptional;
  const bool any = config.users == UserSource::kAny;
  const bool lower = config.user_names == UserNameFolding::kLower;
  json.Member("second_factor", optional ? "optional" : "required");
  json.Key("services").BeginArray();
  for (const std::string& service : config.services) json.Value(service);
  json.EndArray()
      .Member("users", any ? "any" : "system")
      .Member("user_names", lower ? "lower" : "exact")
      .Member("prompt", config.prompt)
      .Member("echo", config.echo == Echo::kOn ? "yes" : "no");
}

void WriteLimits(JsonWriter& json, const Config& config) {
  const VerifyLimits& limits = config.verify_limits;
  json.Member("totp_window", config.totp_tolerance.window)
      .Member("totp_drift", config.totp_tolerance.max_drift);
  WriteLimit(json, "verify_limit", limits.source);
  WriteLimit(json, "verify_limit_strangers", limits.strangers);
  json.Member("verify_limit_month", limits.failures_per_30_days)
      .Member("verify_limit_day", limits.failures_per_day);
}

}  // namespace

std::string DefaultConfigText() {
  std::string text =
      "# twofactor.conf - see twofactor.conf(5).  Each key is shown at its "
      "default.\n"
      "# Check it with: twofactor check-config\n";
  for (const ConfigKey& key : ConfigKeys()) {
    text.append("\n# ").append(key.meaning);
    text.append("\n# ").append(key.domain);
    text.append("\n#").append(key.name).append(" = ");
    text.append(key.default_value).append("\n");
  }
  return text;
}

void WriteConfig(JsonWriter& json, const Config& config) {
  json.BeginObject();
  WritePolicy(json, config);
  WriteLimits(json, config);
  json.Member("issuer", config.issuer)
      .Member("totp_algorithm", AlgorithmName(config.totp_parameters.algorithm))
      .Member("totp_digits", config.totp_parameters.digits)
      .Member("totp_period", config.totp_parameters.period.count())
      .Member("totp_key_bytes", config.totp_key_bytes)
      .Member("keys_folder", config.paths.keys)
      .Member("state_folder", config.paths.state)
      .Member("runtime_folder", config.paths.runtime)
      .EndObject();
}

}  // namespace twofactor::tool
