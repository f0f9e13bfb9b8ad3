// SPDX-License-Identifier: Apache-2.0
//
// bounded_list.h - a list whose capacity is part of a file format.

#ifndef TWOFACTOR_CORE_BASE_BOUNDED_LIST_H_
#define TWOFACTOR_CORE_BASE_BOUNDED_LIST_H_

#include <algorithm>
#include <array>
#include <cstddef>

namespace twofactor {

template <typename T, std::size_t kCapacity>
class BoundedList {
 public:
  // False, and nothing changes, when the list is full.
  [[nodiscard]] bool Add(const T& item) {
    if (full()) return false;
    items_[size_++] = item;
    return true;
  }
  void RemoveAt(std::size_t index) {
    std::move(begin() + index + 1, end(), begin() + index);
    --size_;
  }
  void Clear() { size_ = 0; }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == kCapacity; }
  static constexpr std::size_t capacity() { return kCapacity; }

  T* begin() { return items_.data(); }
  T* end() { return items_.data() + size_; }
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + size_; }
  T& operator[](std::size_t index) { return items_[index]; }
  const T& operator[](std::size_t index) const { return items_[index]; }

  friend bool operator==(const BoundedList& a, const BoundedList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<T, kCapacity> items_{};
  std::size_t size_ = 0;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_BOUNDED_LIST_H_
