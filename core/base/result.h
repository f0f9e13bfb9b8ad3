// SPDX-License-Identifier: Apache-2.0
//
// result.h - how a function says that it could not decide.
//
// A wrong code is a value; "could not decide" is an Error.  Both deny.

#ifndef TWOFACTOR_CORE_BASE_RESULT_H_
#define TWOFACTOR_CORE_BASE_RESULT_H_

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace twofactor {

enum class ErrorCode : std::uint8_t {
  kInternal = 0,   // A bug, or the kernel answered what it never should.
  kIo,             // A system call failed; the context names it and errno.
  kNotFound,       // Proven absent: the name does not exist in a good folder.
  kUntrustedFile,  // Wrong type, owner or mode, or a name that is a link.
  kCorrupt,        // Bytes that are not in the format, or fail their seal.
  kStoreMissing,   // Store, keys or realm absent, empty or foreign.
  kNeedsRepair,    // Secret file and lockout file disagree about the user.
  kLockTimeout,    // Another process held the user's lock for too long.
  kCallerLimits,   // The caller's resource limits forbid to record attempts.
  kReadOnly,       // EROFS, ENOSPC, EDQUOT or EIO: the disk takes no state.
  kConfig,         // Configuration missing, unreadable or invalid.
  kInvalid,        // An argument outside of its domain.
  kExists,         // What was to be created is there already.
  kCapacity,       // One more than the format or the limit holds.
  kCrypto,         // The cryptographic library could not compute.
  kDelivery,       // Nobody took the message that was to be sent.
  kConversation,   // The peer is gone, or no prompt can be shown.
};

// `context` is safe to log and to print: it never holds what a peer typed.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string context;
};

template <typename T>
using Result = std::expected<T, Error>;

// Out of line and cold, as is FailErrno: a login that works does not fetch the
// code of its failures.
[[gnu::cold]] std::unexpected<Error> Fail(ErrorCode code, std::string context);
[[gnu::cold]] std::unexpected<Error> Fail(ErrorCode code, const char* context);

// "what: strerror(errno_value)", for a system call that failed.
[[gnu::cold]] std::unexpected<Error> FailErrno(ErrorCode code,
                                               const std::string& what,
                                               int errno_value);

// Stable lower-case word for logs and --json, such as "needs_repair".
const char* ErrorName(ErrorCode code);

}  // namespace twofactor

#define TWOFACTOR_CONCAT_INNER_(a, b) a##b
#define TWOFACTOR_CONCAT_(a, b) TWOFACTOR_CONCAT_INNER_(a, b)

// Returns the error of `expression`, if it is one, from the current function.
#define RETURN_IF_ERROR(expression)                         \
  do {                                                      \
    if (auto result_ = (expression); !result_) [[unlikely]] \
      return std::unexpected(std::move(result_).error());   \
  } while (false)

// ASSIGN_OR_RETURN(auto fd, Open(...)): the value, or return its error.
#define ASSIGN_OR_RETURN(declaration, expression)                            \
  ASSIGN_OR_RETURN_INNER_(TWOFACTOR_CONCAT_(result_, __LINE__), declaration, \
                          expression)
#define ASSIGN_OR_RETURN_INNER_(result, declaration, expression) \
  auto result = (expression);                                    \
  if (!result) [[unlikely]]                                      \
    return std::unexpected(std::move(result).error());           \
  declaration = std::move(result).value()

#endif  // TWOFACTOR_CORE_BASE_RESULT_H_
