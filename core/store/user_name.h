// SPDX-License-Identifier: Apache-2.0
//
// user_name.h - the name that a record is kept under.
//
// Trust: names come from the peer, by way of PAM and the name service.  A
// UserName is 1 to 255 bytes without NUL and may otherwise be any bytes;
// paths.h makes it safe on disk, audit_log.h in a log line.

#ifndef TWOFACTOR_CORE_STORE_USER_NAME_H_
#define TWOFACTOR_CORE_STORE_USER_NAME_H_

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace twofactor {

class UserName {
 public:
  static constexpr std::size_t kMaxSize = 255;

  // kInvalid when empty, too long, or with a NUL in it.
  static Result<UserName> Create(std::string_view name) {
    if (name.empty()) return Fail(ErrorCode::kInvalid, "an empty user name");
    if (name.size() > kMaxSize)
      return Fail(ErrorCode::kInvalid, "a user name above 255 bytes");
    if (name.find('\0') != std::string_view::npos)
      return Fail(ErrorCode::kInvalid, "a user name with a NUL byte");
    return UserName(name);
  }

  // The record that stands in for users who have none: it is read, judged and
  // written like theirs would be, and lets nobody in.
  static UserName Nobody() { return UserName(""); }

  const std::string& text() const { return text_; }
  friend bool operator==(const UserName&, const UserName&) = default;

 private:
  explicit UserName(std::string_view name) : text_(name) {}
  std::string text_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_USER_NAME_H_
