// SPDX-License-Identifier: Apache-2.0
//
// cxx_runtime.cc - two parts of libstdc++ that do not suit a guest in somebody
// else's process.
//
// Linked into the module in front of libstdc++.a, whose own are then left out.

#include <cstdlib>

// libstdc++'s handler prints the demangled name of a lost exception: 50 KB of
// code, and a write to the host's stderr.  The guard in module.cc loses none.
namespace __gnu_cxx {

void __verbose_terminate_handler() { std::abort(); }

}  // namespace __gnu_cxx

// libstdc++'s are in dynamic thread-local storage, which ld.so allocates when
// the first exception is thrown: out of memory it ends the process instead.
// Static storage is there from the start.  The layout is that of the Itanium
// C++ ABI, exception handling, §2.2.2.
namespace __cxxabiv1 {

struct __cxa_eh_globals {
  void* caught_exceptions;
  unsigned int uncaught_exceptions;
};

namespace {
[[gnu::tls_model("initial-exec")]] thread_local __cxa_eh_globals globals;
}  // namespace

extern "C" __cxa_eh_globals* __cxa_get_globals() noexcept { return &globals; }
extern "C" __cxa_eh_globals* __cxa_get_globals_fast() noexcept {
  return &globals;
}

}  // namespace __cxxabiv1
