// SPDX-License-Identifier: Apache-2.0
//
// bounded_text.h - a text whose capacity is part of a file format.

#ifndef TWOFACTOR_CORE_BASE_BOUNDED_TEXT_H_
#define TWOFACTOR_CORE_BASE_BOUNDED_TEXT_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace twofactor {

// At most `kCapacity` bytes, at most 255.
template <std::size_t kCapacity>
class BoundedText {
 public:
  static_assert(kCapacity <= 255);

  BoundedText() = default;
  // Of a text that is too long, what fits without cutting a character of UTF-8.
  explicit BoundedText(std::string_view text) {
    std::size_t size = text.size();
    if (size > kCapacity)
      for (size = kCapacity; size > 0 && (text[size] & 0xC0) == 0x80;) --size;
    if (size > 0) std::memcpy(bytes_.data(), text.data(), size);
    size_ = static_cast<std::uint8_t>(size);
  }

  std::string_view text() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  static constexpr std::size_t capacity() { return kCapacity; }

  friend bool operator==(const BoundedText& a, const BoundedText& b) {
    return a.text() == b.text();
  }

 private:
  std::array<char, kCapacity> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_BOUNDED_TEXT_H_
