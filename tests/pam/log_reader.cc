// SPDX-License-Identifier: Apache-2.0
//
// log_reader.cc - a child that reads /dev/log, so that a test which forks and
// waits never keeps a login waiting for its log line.

#include "tests/pam/log_reader.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace twofactor::test {
namespace {

constexpr char kLogSocket[] = "/dev/log";
constexpr int kReceiveBuffer = 16 << 20;

sockaddr_un LogAddress() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, kLogSocket);
  return address;
}

[[noreturn]] void Read(int socket_fd, int file_fd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpriority(PRIO_PROCESS, 0, -20);
  for (;;) {
    char datagram[8193];
    const ssize_t size = recv(socket_fd, datagram, sizeof(datagram) - 1, 0);
    if (size < 0) continue;
    for (ssize_t i = 0; i < size; ++i)
      if (datagram[i] == '\n' || datagram[i] == '\0') datagram[i] = '?';
    datagram[size] = '\n';
    if (write(file_fd, datagram, static_cast<std::size_t>(size) + 1) < 0)
      _exit(1);
  }
}

bool HasWord(const std::string& line, const std::string& word) {
  for (std::size_t at = line.find(word); at != std::string::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || line[at - 1] == ' ') &&
        (end == line.size() || line[end] == ' '))
      return true;
  }
  return false;
}

std::vector<std::string> LinesOfFile(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

LogReader::LogReader(std::string path) : path_(std::move(path)) {
  unlink(kLogSocket);
  const int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer,
             sizeof(kReceiveBuffer));
  const sockaddr_un address = LogAddress();
  if (bind(socket_fd, reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0)
    std::perror("bind /dev/log"), std::abort();
  chmod(kLogSocket, 0666);
  const int file_fd =
      open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  process_ = fork();
  if (process_ == 0) Read(socket_fd, file_fd);
  close(socket_fd);
  close(file_fd);
}

LogReader::~LogReader() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  unlink(kLogSocket);
}

std::vector<std::string> LogReader::Lines() const {
  static int calls = 0;
  const std::string marker =
      "end-of-log-" + std::to_string(getpid()) + "-" + std::to_string(++calls);
  const int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = LogAddress();
  sendto(socket_fd, marker.data(), marker.size(), 0,
         reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  close(socket_fd);
  // Datagrams are read in the order in which they were sent.
  std::vector<std::string> all;
  for (;;) {
    all = LinesOfFile(path_);
    if (!all.empty() && all.back() == marker) break;
    usleep(2000);
  }
  std::vector<std::string> lines;
  for (std::size_t i = forgotten_; i < all.size(); ++i)
    if (!all[i].starts_with("end-of-log-")) lines.push_back(all[i]);
  return lines;
}

int LogReader::Count(std::initializer_list<std::string> words) const {
  int count = 0;
  for (const std::string& line : Lines()) {
    bool all = true;
    for (const std::string& word : words) all = all && HasWord(line, word);
    count += all;
  }
  return count;
}

std::string LogReader::Text() const {
  std::string text;
  for (const std::string& line : Lines()) text += "  log: " + line + "\n";
  return text;
}

void LogReader::Forget() {
  Lines();
  forgotten_ = LinesOfFile(path_).size();
}

}  // namespace twofactor::test
