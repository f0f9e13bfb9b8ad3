// SPDX-License-Identifier: Apache-2.0
//
// resource_limits.h - what a helper that talks to the network may use up.

#ifndef TWOFACTOR_DELIVERY_HELPER_RESOURCE_LIMITS_H_
#define TWOFACTOR_DELIVERY_HELPER_RESOURCE_LIMITS_H_

namespace twofactor::delivery {

// For good: time, processes, files and memory of this process.  Not for one
// that runs sendmail, whose deliveries inherit what it has: what is too little
// for them loses mail that was taken.
void LimitResources();

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_RESOURCE_LIMITS_H_
