// SPDX-License-Identifier: Apache-2.0
//
// code_records.h - users with tokens and sets of codes that a case knows.

#ifndef TWOFACTOR_TESTS_PAM_CODE_RECORDS_H_
#define TWOFACTOR_TESTS_PAM_CODE_RECORDS_H_

#include <cstdint>
#include <string>

#include "tests/pam/test_host.h"

namespace twofactor::test {

inline constexpr int kBackupCodes = 32;
inline constexpr int kBypassUses = 100;

// A user with one HOTP token whose next counter is 0, kBackupCodes backup codes
// and a bypass for kBypassUses logins.
void EnrollCodes(TestHost& host, const std::string& user);

// The code of any user's token.
std::string TokenCode(std::uint64_t counter);
// Any user's; 0..kBackupCodes-1.
std::string BackupCode(int number);
std::string BypassCode();
// One that no user has.
std::string WrongBackupCode(int which);

// What is spent: the token's next counter, and how many codes are left.
std::uint64_t NextCounter(const TestHost& host, const std::string& user);
int BackupCodesLeft(const TestHost& host, const std::string& user);
int BypassUsesLeft(const TestHost& host, const std::string& user);

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_PAM_CODE_RECORDS_H_
