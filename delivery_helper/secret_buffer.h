// SPDX-License-Identifier: Apache-2.0
//
// secret_buffer.h - a text that grows and leaves nothing behind in the heap.

#ifndef TWOFACTOR_DELIVERY_HELPER_SECRET_BUFFER_H_
#define TWOFACTOR_DELIVERY_HELPER_SECRET_BUFFER_H_

#include <cstring>
#include <string_view>
#include <utility>

#include "core/base/secret.h"

namespace twofactor::delivery {

class SecretBuffer {
 public:
  SecretBuffer& Add(std::string_view text) {
    if (text.size() > bytes_.size() - size_) Grow(text.size());
    if (!text.empty())
      std::memcpy(bytes_.ExposeMutable().data() + size_, text.data(),
                  text.size());
    size_ += text.size();
    return *this;
  }
  SecretBuffer& Add(const Secret& text) { return Add(AsText(text.Expose())); }

  std::size_t size() const { return size_; }

  // What was added; nothing can be added any more.
  Secret Finish() && {
    bytes_.Shrink(size_);
    return std::move(bytes_);
  }

 private:
  void Grow(std::size_t more) {
    Secret larger(2 * (size_ + more) + 256);
    if (size_ > 0)
      std::memcpy(larger.ExposeMutable().data(), bytes_.Expose().data(), size_);
    bytes_ = std::move(larger);
  }

  Secret bytes_;
  std::size_t size_ = 0;
};

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_SECRET_BUFFER_H_
