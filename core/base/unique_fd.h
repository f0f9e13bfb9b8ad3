// SPDX-License-Identifier: Apache-2.0
//
// unique_fd.h - a file descriptor with one owner, closed by its destructor.

#ifndef TWOFACTOR_CORE_BASE_UNIQUE_FD_H_
#define TWOFACTOR_CORE_BASE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace twofactor {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  // Gives up ownership to whoever closes the descriptor from now on.
  int Release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  void Reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  int fd_ = -1;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_UNIQUE_FD_H_
