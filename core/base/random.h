// SPDX-License-Identifier: Apache-2.0
//
// random.h - the only source of entropy: the kernel's generator.

#ifndef TWOFACTOR_CORE_BASE_RANDOM_H_
#define TWOFACTOR_CORE_BASE_RANDOM_H_

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace twofactor {

// Fills `output` from getrandom(2), which blocks until the generator has been
// seeded.  An error leaves `output` unusable.
Result<void> FillRandom(MutableBytes output);

// A 64-bit identifier that is never zero.
Result<std::uint64_t> RandomId();

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_RANDOM_H_
