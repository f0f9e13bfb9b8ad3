// SPDX-License-Identifier: Apache-2.0
//
// backup_code.cc - Crockford's base32 (https://www.crockford.com/base32.html),
// without its check symbol.

#include "core/factor/backup_code.h"

#include <algorithm>

#include "core/base/crypto.h"
#include "core/factor/code.h"

namespace twofactor {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kGroupSize = 4;

bool IsDigit(std::uint8_t c) { return c >= '0' && c <= '9'; }

bool DigitsAlone(Bytes code) { return std::ranges::all_of(code, IsDigit); }

// The character of the alphabet that was meant; NUL for none.
char Meant(char typed) {
  if (typed >= 'a' && typed <= 'z') typed = static_cast<char>(typed - 32);
  if (typed == 'O') return '0';
  if (typed == 'I' || typed == 'L') return '1';
  return kAlphabet.find(typed) == std::string_view::npos ? '\0' : typed;
}

}  // namespace

std::optional<Secret> BackupCodeFrom(Bytes entropy) {
  Secret code(kBackupCodeSize);
  for (std::size_t i = 0; i < kBackupCodeSize; ++i)
    code.ExposeMutable()[i] =
        static_cast<std::uint8_t>(kAlphabet[entropy[i] % kAlphabet.size()]);
  if (DigitsAlone(code.Expose())) return std::nullopt;
  return code;
}

Secret InGroups(Bytes code, char separator) {
  Secret text(code.size() + (code.size() - 1) / kGroupSize);
  std::size_t size = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (i > 0 && i % kGroupSize == 0)
      text.ExposeMutable()[size++] = static_cast<std::uint8_t>(separator);
    text.ExposeMutable()[size++] = code[i];
  }
  return text;
}

std::optional<Secret> ReadBackupCode(std::string_view typed) {
  Secret code(kBackupCodeSize);
  std::size_t size = 0;
  while (!typed.empty()) {
    if (SkipSeparator(typed)) continue;
    const char meant = Meant(typed.front());
    if (meant == '\0' || size == kBackupCodeSize) return std::nullopt;
    code.ExposeMutable()[size++] = static_cast<std::uint8_t>(meant);
    typed.remove_prefix(1);
  }
  if (size != kBackupCodeSize || DigitsAlone(code.Expose()))
    return std::nullopt;
  return code;
}

Result<CodeHash> HashCode(Bytes key, Bytes code) {
  CodeHash hash;
  RETURN_IF_ERROR(Hmac(HashAlgorithm::kSha256, key, code, hash));
  return hash;
}

Result<std::optional<std::size_t>> FindCode(Bytes key,
                                            std::span<const CodeHash> hashes,
                                            Bytes code) {
  ASSIGN_OR_RETURN(const CodeHash typed, HashCode(key, code));
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (ConstantTimeEqual(hashes[i], typed)) found = i;
  return found;
}

}  // namespace twofactor
