// SPDX-License-Identifier: Apache-2.0
//
// replay.cc - runs a fuzz target over files, where there is no libFuzzer.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

int main(int count, char** arguments) {
  int files = 0;
  for (int i = 1; i < count; ++i)
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(arguments[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<char> content{std::istreambuf_iterator<char>(file), {}};
      std::vector<std::uint8_t> input(content.begin(), content.end());
      LLVMFuzzerTestOneInput(input.data(), input.size());
      // And what lies near it: cut, and with a byte changed.
      for (std::size_t size = 0;
           size < std::min<std::size_t>(input.size(), 512); ++size)
        LLVMFuzzerTestOneInput(input.data(), size);
      for (std::size_t at = 0; at < std::min<std::size_t>(input.size(), 512);
           ++at) {
        input[at] ^= 0x80;
        LLVMFuzzerTestOneInput(input.data(), input.size());
        input[at] ^= 0x80;
      }
      ++files;
    }
  std::printf("%d seeds\n", files);
  return files > 0 ? 0 : 1;
}
