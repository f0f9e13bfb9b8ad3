// SPDX-License-Identifier: Apache-2.0
//
// audit_log_test.cc - no value can forge a line or a word, and the datagram is
// what a log daemon expects.

#include "core/base/audit_log.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/base/unique_fd.h"
#include "tests/unit/child_process.h"
#include "tests/unit/expect.h"
#include "tests/unit/mount_namespace.h"

using namespace twofactor;
using namespace std::string_view_literals;

namespace {

std::string LineWith(std::string_view value) {
  return LogLine("e").Add("k", value).text();
}

void plain_words_stand_for_themselves() {
  for (const char* word : {"alice", "sshd", "192.0.2.7", "2001:db8::/64", "a_b",
                           "a-b", "a+b@c", "/dev/pts/0", "0"})
    ExpectEqual(LineWith(word), std::string("event=e k=") + word);
}

void values_are_quoted_and_escaped() {
  struct {
    std::string_view value;
    std::string_view quoted;
  } const rows[] = {
      {"", "\"\""},
      {"two words", "\"two words\""},
      {"a=b", "\"a=b\""},
      {"\"", "\"\\x22\""},
      {"\\", "\"\\x5c\""},
      {"\\x0a", "\"\\x5cx0a\""},
      {"a\nevent=login user=root", "\"a\\x0aevent=login user=root\""},
      {"\r\t\x1B[2J", "\"\\x0d\\x09\\x1b[2J\""},
      {"\x7F", "\"\\x7f\""},
      {"a\0b"sv, "\"a\\x00b\""},
      {"Zo\xC3\xAB", "\"Zo\xC3\xAB\""},
      {"\xC3", "\"\\xc3\""},
      {"Zo\xC3\xAB\xFF", "\"Zo\\xc3\\xab\\xff\""},
      {"\xC2\x9B"
       "2J",
       "\"\\xc2\\x9b2J\""},  // CSI as a C1 control.
  };
  for (const auto& row : rows)
    ExpectEqual(LineWith(row.value), "event=e k=" + std::string(row.quoted));
}

void numbers_stand_for_themselves() {
  ExpectEqual(LogLine("e").Add("n", 0).Add("m", -5).text(), "event=e n=0 m=-5");
  ExpectEqual(LogLine("e").Add("n", INT64_MIN).text(),
              "event=e n=-9223372036854775808");
}

void long_values_are_cut() {
  const std::string line = LineWith(std::string(1'000'000, 'a'));
  Expect(line.size() < 2000);
  // Cut in the middle of a character: still escaped whole.
  std::string umlauts;
  for (int i = 0; i < 1000; ++i) umlauts += "\xC3\xAB";
  for (const std::string& value : {umlauts, "x" + umlauts}) {
    const std::string cut = LineWith(value);
    Expect(IsPrintableUtf8(cut));
    Expect(cut.size() < 2000);
  }
}

// A log daemon at /dev/log of a mount namespace.
class LogDaemon {
 public:
  LogDaemon() : mount_("/dev", "mode=755") {
    socket_ = UniqueFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, "/dev/log");
    Expect(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                sizeof(address)) == 0);
  }
  // The next datagram, "" when there is none.
  std::string Receive() {
    char buffer[8192];
    const ssize_t size = recv(socket_.get(), buffer, sizeof(buffer), 0);
    return {buffer, size > 0 ? static_cast<std::size_t>(size) : 0};
  }

 private:
  TemporaryMount mount_;
  UniqueFd socket_;
};

int CountOfOpenFiles() {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) ++count;
  return count;
}

void line_reaches_the_log_daemon_as_one_datagram() {
  InChild([] {
    EnterPrivateMounts();
    LogDaemon daemon;
    const int open_files = CountOfOpenFiles();
    LogLine("login").Add("user", "a\nb").Send(Severity::kNotice);
    // authpriv is facility 10 (RFC 5424 §6.2.1): 10 * 8 + 5.
    ExpectEqual(daemon.Receive(), "<85>pam_twofactor[" +
                                      std::to_string(getpid()) +
                                      "]: event=login user=\"a\\x0ab\"");
    ExpectEqual(daemon.Receive(), "");
    ExpectEqual(CountOfOpenFiles(), open_files);
  });
}

void severity_and_identity_stand_in_the_datagram() {
  InChild([] {
    EnterPrivateMounts();
    LogDaemon daemon;
    SetLogIdentity("twofactor");
    LogLine("x").Send(Severity::kAlert);
    ExpectEqual(daemon.Receive(),
                "<81>twofactor[" + std::to_string(getpid()) + "]: event=x");
    LogLine("x").Send(Severity::kDebug);
    ExpectContains(daemon.Receive(), "<87>twofactor[");
  });
}

void without_a_log_daemon_nothing_happens() {
  InChild([] {
    EnterPrivateMounts();
    TemporaryMount no_log("/dev", "mode=755");
    const int open_files = CountOfOpenFiles();
    LogLine("x").Send(Severity::kAlert);
    ExpectEqual(CountOfOpenFiles(), open_files);
  });
}

void daemon_that_does_not_read_cannot_stop_a_login() {
  InChild([] {
    EnterPrivateMounts();
    LogDaemon daemon;
    // More than any socket's queue holds (net.unix.max_dgram_qlen).
    int queued = 0;
    for (int i = 0; i < 20; ++i) LogLine("x").Send(Severity::kInfo);
    while (!daemon.Receive().empty()) ++queued;
    Expect(queued > 0 && queued <= 20);
  });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(plain_words_stand_for_themselves),
      EXPECT_TEST(values_are_quoted_and_escaped),
      EXPECT_TEST(numbers_stand_for_themselves),
      EXPECT_TEST(long_values_are_cut),
      EXPECT_TEST(line_reaches_the_log_daemon_as_one_datagram),
      EXPECT_TEST(severity_and_identity_stand_in_the_datagram),
      EXPECT_TEST(without_a_log_daemon_nothing_happens),
      EXPECT_TEST(daemon_that_does_not_read_cannot_stop_a_login),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
