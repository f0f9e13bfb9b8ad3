// SPDX-License-Identifier: Apache-2.0
//
// secret_text.cc - growing without leaving the old bytes behind.

#include "core/base/secret_text.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace twofactor {

SecretText& SecretText::Append(std::string_view text) {
  if (text.empty()) return *this;
  if (text.size() > buffer_.size() - size_) {
    Secret larger(std::max<std::size_t>(256, 2 * (size_ + text.size())));
    if (size_ > 0)
      std::memcpy(larger.ExposeMutable().data(), buffer_.Expose().data(),
                  size_);
    buffer_ = std::move(larger);
  }
  std::memcpy(buffer_.ExposeMutable().data() + size_, text.data(), text.size());
  size_ += text.size();
  return *this;
}

Secret SecretText::Take() && {
  buffer_.Shrink(std::exchange(size_, 0));
  return std::move(buffer_);
}

}  // namespace twofactor
