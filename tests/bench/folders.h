// SPDX-License-Identifier: Apache-2.0
//
// folders.h - the modules' files, and the disk that they are on.

#ifndef TWOFACTOR_TESTS_BENCH_FOLDERS_H_
#define TWOFACTOR_TESTS_BENCH_FOLDERS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bench {

// Puts the files of each first folder back into the second, and syncs the disk
// that all of them are on.
void Restore(const std::vector<std::pair<std::string, std::string>>& folders);

// Gives the folder further names until it has `wanted`.
void Fill(const std::string& folder, std::size_t wanted);

// Prints what an fdatasync(2) of one written page costs there.
void MeasureDisk(const std::string& folder);

}  // namespace bench

#endif  // TWOFACTOR_TESTS_BENCH_FOLDERS_H_
