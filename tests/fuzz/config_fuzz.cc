// SPDX-License-Identifier: Apache-2.0
//
// config_fuzz.cc - any text is a configuration within its domain, or refused
// with its line in one printable line.

#include "core/session/config.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {
namespace {

void ExpectWithinDomain(const Config& config) {
  FUZZ_EXPECT(!config.services.empty());
  for (const std::string& service : config.services)
    FUZZ_EXPECT(!service.empty() && IsPrintableUtf8(service) &&
                service.find('/') == std::string::npos);
  FUZZ_EXPECT(!config.prompt.empty() && config.prompt.size() <= 200);
  FUZZ_EXPECT(IsPrintableUtf8(config.prompt));
  FUZZ_EXPECT(config.issuer.size() <= 64 && IsPrintableUtf8(config.issuer));
  FUZZ_EXPECT(config.totp_tolerance.window >= 0 &&
              config.totp_tolerance.window <= kMaxWindow);
  FUZZ_EXPECT(config.totp_tolerance.max_drift >= 0 &&
              config.totp_tolerance.max_drift <= kMaxDrift);
  for (const RateLimit& limit :
       {config.verify_limits.source, config.verify_limits.strangers})
    FUZZ_EXPECT(limit.failures >= 1 && limit.failures <= 20 &&
                limit.window > std::chrono::seconds(0) &&
                limit.window <= std::chrono::days(1));
  FUZZ_EXPECT(config.verify_limits.failures_per_30_days >= 1);
  FUZZ_EXPECT(config.verify_limits.failures_per_day >= 1);
  FUZZ_EXPECT(ValidateTotp(
      config.totp_parameters,
      Secret(static_cast<std::size_t>(config.totp_key_bytes)).Expose()));
  for (const std::string& path :
       {config.paths.keys, config.paths.state, config.paths.runtime})
    FUZZ_EXPECT(path.starts_with('/') && path.find('\0') == std::string::npos);
}

}  // namespace

void Fuzz(Bytes input) {
  Config config;
  const auto parsed = ParseConfig(AsText(input), "fuzz.conf", config);
  if (parsed) {
    ExpectWithinDomain(config);
    return;
  }
  FUZZ_EXPECT(parsed.error().code == ErrorCode::kConfig);
  const std::string& context = parsed.error().context;
  FUZZ_EXPECT(context.starts_with("fuzz.conf:"));
  FUZZ_EXPECT(context.size() < 400);
  FUZZ_EXPECT(IsPrintableUtf8(context));
}

}  // namespace twofactor
