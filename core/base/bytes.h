// SPDX-License-Identifier: Apache-2.0
//
// bytes.h - views of bytes, and the strict big-endian reader and writer that
// every binary format of ours is made with.
//
// Trust: a ByteReader's input may be any bytes.  It never reads past the end;
// the first field that does not fit makes it fail for good, and what it
// returns from then on is zero.

#ifndef TWOFACTOR_CORE_BASE_BYTES_H_
#define TWOFACTOR_CORE_BASE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace twofactor {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class ByteReader {
 public:
  explicit ByteReader(Bytes input) : rest_(input) {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Unsigned(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Unsigned(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Unsigned(4)); }
  std::uint64_t U64() { return Unsigned(8); }

  // The next `size` bytes, or an empty view when fewer are left.
  Bytes Take(std::size_t size) {
    if (size > rest_.size()) failed_ = true;
    if (failed_) return {};
    Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  // Every field was there and nothing is left.
  bool Finished() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::uint64_t Unsigned(std::size_t size) {
    std::uint64_t value = 0;
    for (std::uint8_t byte : Take(size)) value = value << 8 | byte;
    return value;
  }

  Bytes rest_;
  bool failed_ = false;
};

// Writes into a buffer of the caller's; what does not fit is dropped and
// remembered.
class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes output) : output_(output) {}

  void U8(std::uint8_t value) { Unsigned(value, 1); }
  void U16(std::uint16_t value) { Unsigned(value, 2); }
  void U32(std::uint32_t value) { Unsigned(value, 4); }
  void U64(std::uint64_t value) { Unsigned(value, 8); }
  void Put(Bytes bytes) {
    if (bytes.size() > output_.size() - size_) overflowed_ = true;
    if (overflowed_) return;
    if (!bytes.empty())
      std::memcpy(output_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  std::size_t size() const { return size_; }
  bool overflowed() const { return overflowed_; }

 private:
  void Unsigned(std::uint64_t value, std::size_t size) {
    std::uint8_t bytes[8];
    for (std::size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    Put({bytes, size});
  }

  MutableBytes output_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_BYTES_H_
