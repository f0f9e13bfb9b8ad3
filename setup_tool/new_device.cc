// SPDX-License-Identifier: Apache-2.0
//
// new_device.cc - options, over the configuration, over the defaults.

#include "setup_tool/new_device.h"

#include <array>
#include <string_view>
#include <utility>

#include "core/base/encoding.h"
#include "setup_tool/choice.h"
#include "setup_tool/host.h"

namespace twofactor::tool {
namespace {

constexpr std::array<std::pair<std::string_view, HashAlgorithm>, 3>
    kAlgorithms = {{{"sha1", HashAlgorithm::kSha1},
                    {"sha256", HashAlgorithm::kSha256},
                    {"sha512", HashAlgorithm::kSha512}}};
constexpr std::size_t kMaxIssuerSize = 64;

}  // namespace

void NewDevice::Describe(OptionList& options) {
  const bool is_token = kind_ == DeviceKind::kHotp;
  options.Text("--name", "LABEL", label_,
               std::string("what to call the device ") +
                   (is_token ? "[token]" : "[phone]"));
  options.Text("--issuer", "TEXT", issuer_,
               "what the app shows beside the user [the host's name]");
  options.Text("--algorithm", "sha1|sha256|sha512", algorithm_,
               "hash of the codes");
  options.Number("--digits", "6|7|8", digits_, "length of the codes");
  if (is_token) {
    options.Number("--counter", "NUMBER", counter_,
                   "the counter of its next code [0]");
    return;
  }
  options.Number("--period", "SECONDS", period_,
                 "how long a code lasts, 15 to 300");
}

Try<TotpParameters> NewDevice::Parameters(const Config& config) const {
  TotpParameters parameters = config.totp_parameters;
  if (algorithm_) {
    ASSIGN_OR_RETURN(parameters.algorithm,
                     Choose("--algorithm", *algorithm_, kAlgorithms));
  }
  if (digits_) parameters.digits = *digits_;
  if (period_) parameters.period = std::chrono::seconds(*period_);
  return parameters;
}

Try<Counter> NewDevice::First() const {
  const int first = counter_.value_or(0);
  if (first < 0)
    return Refuse(ExitCode::kUsage, "--counter is not below zero",
                  "twofactor enroll hotp --help");
  return Counter{static_cast<std::uint64_t>(first)};
}

Try<std::string> ChooseIssuer(const std::optional<std::string>& given,
                              const Config& config) {
  std::string issuer = given.value_or(config.issuer);
  if (issuer.empty()) issuer = HostName();
  if (issuer.size() > kMaxIssuerSize || !IsPrintableUtf8(issuer) ||
      issuer.find(':') != std::string::npos)
    return Refuse(ExitCode::kUsage,
                  "the issuer is not UTF-8 of at most 64 bytes without a colon",
                  "--issuer TEXT, or issuer = TEXT in: twofactor edit-config");
  return issuer;
}

Try<std::string> NewDevice::Issuer(const Config& config) const {
  return ChooseIssuer(issuer_, config);
}

bool IsUnusual(const TotpParameters& parameters) {
  return parameters != TotpParameters{};
}

}  // namespace twofactor::tool
