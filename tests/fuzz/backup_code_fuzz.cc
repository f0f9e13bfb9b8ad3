// SPDX-License-Identifier: Apache-2.0
//
// backup_code_fuzz.cc - what is read as a backup code has its canonical form,
// and reads as itself however it is written; the input as entropy makes one.

#include <algorithm>
#include <string>

#include "core/factor/backup_code.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void ExpectCanonical(const Secret& code) {
  const std::string_view text = AsText(code.Expose());
  FUZZ_EXPECT(text.size() == kBackupCodeSize);
  FUZZ_EXPECT(text.find_first_not_of(kAlphabet) == std::string_view::npos);
  FUZZ_EXPECT(text.find_first_not_of("0123456789") != std::string_view::npos);
  std::string shown(AsText(InGroups(code.Expose()).Expose()));
  for (int lower = 0; lower < 2; ++lower) {
    const auto again = ReadBackupCode(shown);
    FUZZ_EXPECT(again && AsText(again->Expose()) == text);
    for (char& c : shown)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
}

}  // namespace

void Fuzz(Bytes input) {
  if (const auto code = ReadBackupCode(AsText(input))) ExpectCanonical(*code);
  if (input.size() != kBackupCodeSize) return;
  if (const auto code = BackupCodeFrom(input)) ExpectCanonical(*code);
}

}  // namespace twofactor
