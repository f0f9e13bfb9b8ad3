// SPDX-License-Identifier: Apache-2.0
//
// audit_log.h - the one way into the system log.
//
// One datagram of key=value words a line, to /dev/log, under an identity of
// our own: the host's openlog(3) stays as it is, and no syslog(3) of a first
// login is paid for.  Without a log daemon lines are lost, logins go on.
//
// Trust: values may hold any bytes.  A value that is not a plain word is put
// in quotes; quote, backslash, control characters and ill-formed UTF-8 become
// \xNN, so no value can start a line or a word.

#ifndef TWOFACTOR_CORE_BASE_AUDIT_LOG_H_
#define TWOFACTOR_CORE_BASE_AUDIT_LOG_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace twofactor {

// The severities of RFC 5424 §6.2.1 that we use; the facility is authpriv.
enum class Severity : std::uint8_t {
  kAlert = 1,
  kError = 3,
  kWarning = 4,
  kNotice = 5,
  kInfo = 6,
  kDebug = 7,
};

class LogLine {
 public:
  // LogLine("login").Add("user", name).Send(Severity::kNotice) writes
  // `event=login user=alice`.
  explicit LogLine(std::string_view event) { Add("event", event); }

  LogLine& Add(std::string_view key, std::string_view value);
  LogLine& Add(std::string_view key, std::int64_t value);

  void Send(Severity severity) const;

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// The program that lines are sent as: "pam_twofactor" until a front says
// otherwise.  `name` must outlive the process.
void SetLogIdentity(const char* name);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_BASE_AUDIT_LOG_H_
