// SPDX-License-Identifier: Apache-2.0
//
// fuzz_target.h - what every fuzz target is made of.
//
// A target defines Fuzz(), which must hold for any input: FUZZ_EXPECT aborts
// where it does not.

#ifndef TWOFACTOR_TESTS_FUZZ_FUZZ_TARGET_H_
#define TWOFACTOR_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/encoding.h"

#define FUZZ_EXPECT(condition)                                               \
  do {                                                                       \
    if (!(condition)) {                                                      \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
                   #condition);                                              \
      std::abort();                                                          \
    }                                                                        \
  } while (false)

namespace twofactor {

void Fuzz(Bytes input);

// Bytes of the input, taken from its front, zero when it is used up.
class FuzzInput {
 public:
  explicit FuzzInput(Bytes input) : rest_(input) {}
  std::uint8_t Byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  std::uint16_t Word() {
    const unsigned high = Byte();
    return static_cast<std::uint16_t>(high << 8 | Byte());
  }
  Bytes Take(std::size_t size) {
    const Bytes taken = rest_.first(size < rest_.size() ? size : rest_.size());
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  Bytes Rest() const { return rest_; }

 private:
  Bytes rest_;
};

}  // namespace twofactor

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

#endif  // TWOFACTOR_TESTS_FUZZ_FUZZ_TARGET_H_
