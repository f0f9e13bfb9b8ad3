// SPDX-License-Identifier: Apache-2.0
//
// fuzz_entry.cc - what libFuzzer calls.

#include <vector>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  // A copy, so that a read past the end of the input is one past the heap's.
  const std::vector<std::uint8_t> input(data, data + size);
  twofactor::Fuzz(input);
  return 0;
}
