// SPDX-License-Identifier: Apache-2.0
//
// resource_limits.cc - setrlimit(2), never above what there was.

#include "delivery_helper/resource_limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace twofactor::delivery {
namespace {

struct Limit {
  decltype(RLIMIT_CPU) resource;
  rlim_t most;
};
constexpr Limit kLimits[] = {
    {RLIMIT_CPU, 30},              // Seconds.
    {RLIMIT_NPROC, 512},           // Of the user; the resolver needs a thread.
    {RLIMIT_FSIZE, 1 << 20},       // Bytes; a report, where stdout is a file.
    {RLIMIT_AS, rlim_t{1} << 30},  // Bytes.
    {RLIMIT_MEMLOCK, 0},           // Bytes.
};

}  // namespace

void LimitResources() {
  for (const Limit& limit : kLimits) {
    rlimit current{};
    if (getrlimit(limit.resource, &current) != 0) continue;
    const rlim_t most = std::min(limit.most, current.rlim_max);
    const rlimit wanted{most, most};
    setrlimit(limit.resource, &wanted);
  }
}

}  // namespace twofactor::delivery
