// SPDX-License-Identifier: Apache-2.0
//
// delivery_host.h - a host that sends codes, and servers that take them.

#ifndef TWOFACTOR_TESTS_DELIVERY_DELIVERY_HOST_H_
#define TWOFACTOR_TESTS_DELIVERY_DELIVERY_HOST_H_

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/delivery/process_courier.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {

inline constexpr char kSentCode[] = "7K3M-9QXP-T2WA";

class DeliveryHost : public TestHost {
 public:
  // Certificates and servers are made once a program, at the first host.
  DeliveryHost();

  // Writes twofactor-delivery.conf.
  void Configure(const std::string& lines);
  // Mail by SMTP with all that a good server asks for, to `port`.
  void ConfigureSmtp(int port, const std::string& more = {});
  // Text messages by the preset `name`.
  void ConfigureSms(const std::string& name, const std::string& more = {});

  // What twofactor.conf says of delivery.
  std::string DeliveryLines() const;

  // Enrolls an address as an administrator does who vouches for it.
  void EnrollAddress(const std::string& kind, const std::string& address,
                     const std::string& user = "alice") const;

  // Runs `program` in the place of the helper: a shell script.
  void PretendHelper(const std::string& script);

  // Sends kSentCode, and checks that this process is as before.  When no
  // report could be had, the error is its text, at stage kInternal.
  DeliveryReport Deliver(const std::string& address,
                         Detail detail = Detail::kOutcome);

  // The file that the servers share.
  static std::string Shared(const std::string& name);
  std::string FileOf(const std::string& name) const {
    return folder() + "/" + name;
  }
  // Writes a file with a mode.
  std::string Put(const std::string& name, std::string_view content,
                  unsigned mode) const;

  DeliverySettings settings;
};

// Logs `user` in, who types `word`, in a process that is killed while the mail
// server keeps the helper waiting: its address begins with "slow@".  What is
// left of it then gets the signal that systemd sends when a login was a unit.
void DieWhileSending(const TestHost& host, const std::string& user,
                     const std::string& word);

// Waits for a file, for 10 s.
void AwaitFile(const std::string& path);
// The mail that comes in the end.
std::string AwaitMail();

// The code in the newest mail, and in the one text message for alice.
std::string MailedCode();
std::string TextedCode();

// Expects the stage, and a part of the text.
void ExpectReport(const DeliveryReport& report, Stage stage,
                  std::string_view part, const char* row);

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_DELIVERY_DELIVERY_HOST_H_
