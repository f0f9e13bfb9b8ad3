// SPDX-License-Identifier: Apache-2.0
//
// audit_log.cc - datagrams to /dev/log (RFC 3164 §4.1, without the time stamp,
// which the log daemon puts in: §4.3.2).

#include "core/base/audit_log.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/encoding.h"
#include "core/base/unique_fd.h"

namespace twofactor {
namespace {

constexpr char kSocketPath[] = "/dev/log";
constexpr int kFacility = 10 << 3;  // authpriv
constexpr std::size_t kMaxValueSize = 400;
constexpr int kMaxWaitMs = 100;

const char* identity = "pam_twofactor";

bool IsPlainWord(std::string_view value) {
  if (value.empty()) return false;
  for (char c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                       c == '-' || c == ':' || c == '/' || c == '@' || c == '+';
    if (!plain) return false;
  }
  return true;
}

void AppendEscaped(std::string& text, std::string_view value) {
  const bool printable = IsPrintableUtf8(value);
  for (char c : value) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\' || byte < 0x20 || byte == 0x7F ||
        (byte >= 0x80 && !printable)) {
      text += "\\x";
      text += HexEncode({&byte, 1});
    } else {
      text.push_back(c);
    }
  }
}

void SendDatagram(const std::string& datagram) {
  UniqueFd socket_fd(
      socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_fd) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  __builtin_memcpy(address.sun_path, kSocketPath, sizeof(kSocketPath));
  for (int tries = 0; tries < 2; ++tries) {
    if (sendto(socket_fd.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address),
               sizeof(address)) >= 0)
      return;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return;
    // A log daemon that does not keep up gets a moment; a login never hangs.
    pollfd writable{socket_fd.get(), POLLOUT, 0};
    poll(&writable, 1, kMaxWaitMs);
  }
}

}  // namespace

LogLine& LogLine::Add(std::string_view key, std::string_view value) {
  if (!text_.empty()) text_.push_back(' ');
  text_ += key;
  text_.push_back('=');
  if (value.size() > kMaxValueSize) value = value.substr(0, kMaxValueSize);
  if (IsPlainWord(value)) {
    text_ += value;
    return *this;
  }
  text_.push_back('"');
  AppendEscaped(text_, value);
  text_.push_back('"');
  return *this;
}

LogLine& LogLine::Add(std::string_view key, std::int64_t value) {
  return Add(key, std::to_string(value));
}

void LogLine::Send(Severity severity) const {
  SendDatagram("<" + std::to_string(kFacility | static_cast<int>(severity)) +
               ">" + identity + "[" + std::to_string(getpid()) + "]: " + text_);
}

void SetLogIdentity(const char* name) { identity = name; }

}  // namespace twofactor
