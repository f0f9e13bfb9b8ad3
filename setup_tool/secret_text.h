// SPDX-License-Identifier: Apache-2.0
//
// secret_text.h - text with a key in it, put together in memory that is wiped.

#ifndef TWOFACTOR_SETUP_TOOL_SECRET_TEXT_H_
#define TWOFACTOR_SETUP_TOOL_SECRET_TEXT_H_

#include <string_view>

#include "core/base/secret.h"

namespace twofactor::tool {

class SecretText {
 public:
  SecretText& Append(std::string_view text);
  SecretText& Append(const Secret& text) {
    return Append(AsText(text.Expose()));
  }

  Bytes Expose() const { return buffer_.Expose().first(size_); }
  std::size_t size() const { return size_; }

 private:
  Secret buffer_;
  std::size_t size_ = 0;
};

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_SECRET_TEXT_H_
