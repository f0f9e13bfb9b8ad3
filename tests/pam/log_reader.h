// SPDX-License-Identifier: Apache-2.0
//
// log_reader.h - stands in for the log daemon of a private host.

#ifndef TWOFACTOR_TESTS_PAM_LOG_READER_H_
#define TWOFACTOR_TESTS_PAM_LOG_READER_H_

#include <sys/types.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace twofactor::test {

// A process that binds /dev/log and keeps every datagram.  One at a time.
class LogReader {
 public:
  // Datagrams are appended to `path`, a line each.
  explicit LogReader(std::string path);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // Every datagram that was sent before this call, oldest first.
  std::vector<std::string> Lines() const;

  // How many of Lines() hold every one of `words`, such as "user=alice".  A
  // word counts when it stands between spaces or ends.
  int Count(std::initializer_list<std::string> words) const;
  bool Has(std::initializer_list<std::string> words) const {
    return Count(words) > 0;
  }

  // All lines as one text, to print when a test fails.
  std::string Text() const;

  // Later calls only tell of what comes after this one.
  void Forget();

 private:
  std::string path_;
  pid_t process_;
  std::size_t forgotten_ = 0;
};

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_PAM_LOG_READER_H_
