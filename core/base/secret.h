// SPDX-License-Identifier: Apache-2.0
//
// secret.h - bytes that must not outlive their use: keys, codes, answers.
//
// A Secret can be moved and never copied by accident; its memory is wiped when
// it is destroyed.  Whoever reads it says so with the word Expose, which grep
// finds.  A Secret is never printed, logged, put into an Error or into PAM
// data.

#ifndef TWOFACTOR_CORE_BASE_SECRET_H_
#define TWOFACTOR_CORE_BASE_SECRET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

#include "core/base/bytes.h"

namespace twofactor {

class Secret {
 public:
  Secret() = default;
  // `size` bytes of zero.
  explicit Secret(std::size_t size)
      : bytes_(size ? std::make_unique<std::uint8_t[]>(size) : nullptr),
        capacity_(size),
        size_(size) {}
  static Secret CopyOf(Bytes bytes) {
    Secret copy(bytes.size());
    if (!bytes.empty())
      std::memcpy(copy.bytes_.get(), bytes.data(), bytes.size());
    return copy;
  }

  Secret(Secret&& other) noexcept { Swap(other); }
  Secret& operator=(Secret&& other) noexcept {
    Secret old(std::move(other));
    Swap(old);
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() {
    if (bytes_) explicit_bzero(bytes_.get(), capacity_);
  }

  Bytes Expose() const { return {bytes_.get(), size_}; }
  MutableBytes ExposeMutable() { return {bytes_.get(), size_}; }

  // Forgets the bytes from `size` on; they stay in memory until the wipe.
  void Shrink(std::size_t size) {
    if (size < size_) size_ = size;
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  void Swap(Secret& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(capacity_, other.capacity_);
    std::swap(size_, other.size_);
  }

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

// The parts in a row.
inline Secret Joined(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  Secret joined(size);
  std::size_t at = 0;
  for (std::string_view part : parts) {
    if (!part.empty())
      std::memcpy(joined.ExposeMutable().data() + at, part.data(), part.size());
    at += part.size();
  }
  return joined;
}

// A secret of a size known to the compiler, on the stack.
template <std::size_t kSize>
class SecretArray {
 public:
  SecretArray() = default;
  SecretArray(const SecretArray&) = delete;
  SecretArray& operator=(const SecretArray&) = delete;
  ~SecretArray() { explicit_bzero(bytes_.data(), kSize); }

  Bytes Expose() const { return bytes_; }
  MutableBytes ExposeMutable() { return bytes_; }

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_SECRET_H_
