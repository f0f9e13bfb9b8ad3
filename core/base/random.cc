// SPDX-License-Identifier: Apache-2.0
//
// random.cc - getrandom(2).

#include "core/base/random.h"

#include <sys/random.h>

#include <cerrno>

namespace twofactor {

Result<void> FillRandom(MutableBytes output) {
  while (!output.empty()) {
    ssize_t got = getrandom(output.data(), output.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return FailErrno(ErrorCode::kIo, "getrandom", errno);
    output = output.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<std::uint64_t> RandomId() {
  std::uint8_t bytes[8];
  std::uint64_t id = 0;
  while (id == 0) {
    RETURN_IF_ERROR(FillRandom(bytes));
    id = ByteReader(bytes).U64();
  }
  return id;
}

}  // namespace twofactor
