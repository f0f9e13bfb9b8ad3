// SPDX-License-Identifier: Apache-2.0
//
// paths.cc - from user names to file names and back.

#include "core/store/paths.h"

#include "core/base/crypto.h"
#include "core/base/encoding.h"

namespace twofactor {
namespace {

constexpr std::size_t kMaxEncodedSize = 200;
constexpr std::string_view kHashPrefix = "%h";
constexpr std::string_view kNobody = "%";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";

bool StandsForItself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

}  // namespace

Result<std::string> RecordFileName(const UserName& user) {
  if (user == UserName::Nobody()) return std::string(kNobody);
  std::string name;
  for (char c : user.text()) {
    if (StandsForItself(c) && !(c == '.' && name.empty())) {
      name.push_back(c);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    name.push_back('%');
    name.push_back(kUpperHex[byte >> 4]);
    name.push_back(kUpperHex[byte & 15]);
  }
  if (name.size() <= kMaxEncodedSize) return name;
  ASSIGN_OR_RETURN(const Sha256Digest digest, Sha256(AsBytes(user.text())));
  return std::string(kHashPrefix) + HexEncode(digest);
}

std::optional<UserName> UserOfFileName(std::string_view file_name) {
  std::string user;
  for (std::size_t i = 0; i < file_name.size(); ++i) {
    if (file_name[i] != '%') {
      user.push_back(file_name[i]);
      continue;
    }
    std::uint8_t byte = 0;
    if (!HexDecode(file_name.substr(i + 1, 2), {&byte, 1})) return std::nullopt;
    user.push_back(static_cast<char>(byte));
    i += 2;
  }
  auto name = UserName::Create(user);
  if (!name) return std::nullopt;
  // Only the one spelling that we write: no two files are the same user.
  auto canonical = RecordFileName(*name);
  if (!canonical || *canonical != file_name) return std::nullopt;
  return *name;
}

bool IsHashedFileName(std::string_view file_name) {
  Sha256Digest digest;
  return file_name.starts_with(kHashPrefix) &&
         HexDecode(file_name.substr(kHashPrefix.size()), digest) &&
         file_name.substr(kHashPrefix.size()) == HexEncode(digest);
}

}  // namespace twofactor
