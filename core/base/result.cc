// SPDX-License-Identifier: Apache-2.0
//
// result.cc - making errors, and the words that they are logged with.

#include "core/base/result.h"

#include <cstring>

namespace twofactor {

std::unexpected<Error> Fail(ErrorCode code, std::string context) {
  return std::unexpected(Error{code, std::move(context)});
}

std::unexpected<Error> Fail(ErrorCode code, const char* context) {
  return std::unexpected(Error{code, context});
}

std::unexpected<Error> FailErrno(ErrorCode code, const std::string& what,
                                 int errno_value) {
  char buffer[128];
  return Fail(code,
              what + ": " + strerror_r(errno_value, buffer, sizeof(buffer)));
}

const char* ErrorName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kUntrustedFile:
      return "untrusted_file";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kStoreMissing:
      return "store_missing";
    case ErrorCode::kNeedsRepair:
      return "needs_repair";
    case ErrorCode::kLockTimeout:
      return "lock_timeout";
    case ErrorCode::kCallerLimits:
      return "caller_limits";
    case ErrorCode::kReadOnly:
      return "read_only";
    case ErrorCode::kConfig:
      return "config";
    case ErrorCode::kInvalid:
      return "invalid";
    case ErrorCode::kExists:
      return "exists";
    case ErrorCode::kCapacity:
      return "capacity";
    case ErrorCode::kCrypto:
      return "crypto";
    case ErrorCode::kDelivery:
      return "delivery";
    case ErrorCode::kConversation:
      return "conversation";
  }
  return "internal";
}

}  // namespace twofactor
