// SPDX-License-Identifier: Apache-2.0
//
// cxx_runtime.cc - three parts of libstdc++ that do not suit a guest in
// somebody else's process.
//
// Linked into the module in front of libstdc++.a, whose own are then left out.

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>

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

// libstdc++'s allocator takes 73 KB for exceptions without memory when the
// module is loaded: a system call and four fresh pages of every login.  The
// reserve here is static and untouched until malloc(3) fails.  sizeof of the
// header, __cxa_refcounted_exception, is part of the ABI.
namespace {

constexpr std::size_t kHeaderSize = 128;

struct Reserve {
  alignas(16) unsigned char memory[512];
  std::atomic_flag taken;
};
Reserve reserves[4];

void* TakeReserve(std::size_t size) {
  for (Reserve& reserve : reserves)
    if (size <= sizeof(reserve.memory) && !reserve.taken.test_and_set())
      return reserve.memory;
  return nullptr;
}

void Free(void* memory) {
  for (Reserve& reserve : reserves)
    if (memory == reserve.memory) return reserve.taken.clear();
  std::free(memory);
}

}  // namespace

extern "C" void* __cxa_allocate_exception(std::size_t size) noexcept {
  size += kHeaderSize;
  void* memory = std::malloc(size);
  if (!memory) memory = TakeReserve(size);
  if (!memory) std::terminate();
  std::memset(memory, 0, kHeaderSize);
  return static_cast<unsigned char*>(memory) + kHeaderSize;
}

extern "C" void __cxa_free_exception(void* object) noexcept {
  Free(static_cast<unsigned char*>(object) - kHeaderSize);
}

// Of std::exception_ptr and std::rethrow_exception, which nothing here uses.
extern "C" void* __cxa_allocate_dependent_exception() noexcept {
  std::terminate();
}
extern "C" void __cxa_free_dependent_exception(void*) noexcept {}

}  // namespace __cxxabiv1
