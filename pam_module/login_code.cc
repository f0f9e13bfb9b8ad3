// SPDX-License-Identifier: Apache-2.0
//
// login_code.cc - a walk over the text.

#include "pam_module/login_code.h"

#include <cstddef>

// From login.ld; without it both are null.
extern "C" {
[[gnu::weak,
  gnu::visibility("hidden")]] extern const char twofactor_login_begin[];
[[gnu::weak,
  gnu::visibility("hidden")]] extern const char twofactor_login_end[];
}

namespace twofactor {
namespace {
constexpr std::ptrdiff_t kCacheLine = 64;
}  // namespace

void FetchLoginCode() {
  for (const volatile char* at = twofactor_login_begin;
       at < twofactor_login_end; at += kCacheLine)
    static_cast<void>(*at);
}

}  // namespace twofactor
