// SPDX-License-Identifier: Apache-2.0
//
// key_uri.cc - assembling the URI in wiping memory.

#include "core/session/key_uri.h"

#include <string>

#include "core/base/encoding.h"

namespace twofactor {
namespace {

std::string_view AlgorithmName(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return "SHA1";
    case HashAlgorithm::kSha256:
      return "SHA256";
    case HashAlgorithm::kSha512:
      return "SHA512";
  }
  return "";
}

std::string_view TypeName(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::kTotp:
      return "totp";
    case DeviceKind::kHotp:
      return "hotp";
  }
  return "";
}

}  // namespace

Secret KeyUri(const Device& device, const UserName& user,
              std::string_view issuer, Counter counter) {
  const std::string escaped_issuer = PercentEncode(issuer);
  std::string before = "otpauth://" + std::string(TypeName(device.kind)) + "/";
  if (!issuer.empty()) before += escaped_issuer + ":";
  before += PercentEncode(user.text()) + "?secret=";
  std::string after;
  if (!issuer.empty()) after += "&issuer=" + escaped_issuer;
  after += "&algorithm=";
  after += AlgorithmName(device.algorithm);
  after += "&digits=" + std::to_string(device.digits);
  if (device.kind == DeviceKind::kTotp)
    after += "&period=" + std::to_string(device.period.count());
  else
    after += "&counter=" + std::to_string(Number(counter));

  const Secret key = Base32Encode(device.key.Expose());
  return Joined({before, AsText(key.Expose()), after});
}

}  // namespace twofactor
