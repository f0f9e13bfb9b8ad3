// SPDX-License-Identifier: Apache-2.0
//
// log_reader.cc - a log daemon that reads and forgets, so that every module
// pays for its log lines and the machine's journal stays as it is.
//
//   log_reader SOCKET

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (argc != 2 || std::strlen(argv[1]) >= sizeof(address.sun_path)) {
    std::fputs("usage: log_reader SOCKET\n", stderr);
    return 2;
  }
  std::strcpy(address.sun_path, argv[1]);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  umask(0111);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address),
                     sizeof(address)) != 0) {
    std::perror(argv[1]);
    return 1;
  }
  char line[8192];
  while (recv(fd, line, sizeof(line), 0) >= 0) {
  }
  return 1;
}
