// SPDX-License-Identifier: Apache-2.0
//
// host_process.h - what the program that starts PAM has done before, and what a
// login leaves in it.

#ifndef TWOFACTOR_TESTS_BENCH_HOST_PROCESS_H_
#define TWOFACTOR_TESTS_BENCH_HOST_PROCESS_H_

#include <set>
#include <string>

namespace bench {

// Loads libcrypto.so.3 and uses it, as sshd has.
void UseLibcrypto();

// Looks up a user, as sshd has.
void UseNameService();

// What of this process is in memory, in KiB, but for the program itself.
struct Memory {
  long resident = 0;
  long unshared = 0;  // Of these, what can be no other process's.
};
Memory MeasureMemory();

// Paths of what the loader has loaded.
std::set<std::string> SharedObjects();

}  // namespace bench

#endif  // TWOFACTOR_TESTS_BENCH_HOST_PROCESS_H_
