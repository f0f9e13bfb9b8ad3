// SPDX-License-Identifier: Apache-2.0
//
// secret_text.h - text that grows and leaves no copy of itself behind.

#ifndef TWOFACTOR_CORE_BASE_SECRET_TEXT_H_
#define TWOFACTOR_CORE_BASE_SECRET_TEXT_H_

#include <string_view>

#include "core/base/secret.h"

namespace twofactor {

class SecretText {
 public:
  SecretText& Append(std::string_view text);
  SecretText& Append(const Secret& text) {
    return Append(AsText(text.Expose()));
  }

  Bytes Expose() const { return buffer_.Expose().first(size_); }
  std::size_t size() const { return size_; }

  // What was appended; this is empty then.
  Secret Take() &&;

 private:
  Secret buffer_;
  std::size_t size_ = 0;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_SECRET_TEXT_H_
