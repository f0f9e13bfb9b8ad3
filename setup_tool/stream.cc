// SPDX-License-Identifier: Apache-2.0
//
// stream.cc - read(2) and write(2) until all is done.

#include "setup_tool/stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace twofactor::tool {

std::unexpected<Failure> RefuseErrno(const std::string& what) {
  const char* why = std::strerror(errno);
  return Refuse(ExitCode::kFailed, what + ": " + why, "");
}

Try<void> WriteWhole(int fd, Bytes bytes, const std::string& name) {
  while (!bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return RefuseErrno("cannot write " + name);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Try<Secret> ReadWhole(int fd, std::size_t limit, const std::string& name) {
  Secret buffer(std::min<std::size_t>(limit + 1, 64 * 1024));
  std::size_t size = 0;
  while (true) {
    ssize_t got =
        read(fd, buffer.ExposeMutable().data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return RefuseErrno("cannot read " + name);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > limit)
      return Refuse(ExitCode::kFailed,
                    name + " has more than " + std::to_string(limit) + " bytes",
                    "");
    if (size < buffer.size()) continue;
    Secret larger(std::min(limit + 1, 2 * buffer.size()));
    std::memcpy(larger.ExposeMutable().data(), buffer.Expose().data(), size);
    buffer = std::move(larger);
  }
  buffer.Shrink(size);
  return buffer;
}

Try<UniqueFd> OpenInput(const std::string& path) {
  UniqueFd fd(path == "-"
                  ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                  : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return RefuseErrno("cannot open " + path);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0)
    return RefuseErrno("cannot examine " + path);
  if (S_ISDIR(status.st_mode))
    return Refuse(ExitCode::kFailed, path + " is a folder", "");
  return fd;
}

}  // namespace twofactor::tool
