// SPDX-License-Identifier: Apache-2.0
//
// figures.h - time, quantiles, and giving up.

#ifndef TWOFACTOR_TESTS_BENCH_FIGURES_H_
#define TWOFACTOR_TESTS_BENCH_FIGURES_H_

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace bench {

[[noreturn]] inline void Die(const std::string& what) {
  std::fprintf(stderr, "login_cost: error: %s\n", what.c_str());
  std::exit(2);
}

// CLOCK_MONOTONIC.
inline std::int64_t Nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

inline std::int64_t Quantile(std::vector<std::int64_t> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(
      q * static_cast<double>(values.size() - 1) + 0.5)];
}

}  // namespace bench

#endif  // TWOFACTOR_TESTS_BENCH_FIGURES_H_
