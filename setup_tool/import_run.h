// SPDX-License-Identifier: Apache-2.0
//
// import_run.h - one run of an import: users one by one, each reported, and
// counted for the summary and the exit code.

#ifndef TWOFACTOR_SETUP_TOOL_IMPORT_RUN_H_
#define TWOFACTOR_SETUP_TOOL_IMPORT_RUN_H_

#include <functional>
#include <string>

#include "setup_tool/foreign_file.h"
#include "setup_tool/host.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {

// Whether anything is written.
enum class Rehearsal : std::uint8_t { kDryRun = 0, kForReal = 1 };

class ImportRun {
 public:
  // `from` names the module, for the log.  `clear` makes room for a line on the
  // terminal.
  ImportRun(Host& host, const Invocation& invocation, Rehearsal rehearsal,
            const char* from, std::function<void()> clear)
      : host_(host),
        format_(invocation.format),
        rehearsal_(rehearsal),
        from_(from),
        clear_(std::move(clear)) {}

  // Takes over all that `path` holds of the user, or nothing.
  Try<void> Take(const UserName& user, const std::string& path,
                 ForeignRecord record);

  // Names what failed on stderr, in JSON also on stdout, and counts it.  `line`
  // is 0 where it is not about one.
  Try<void> ReportFailure(const std::string& path, std::size_t line,
                          const std::string& user, const std::string& reason);
  void CountAbsent() { ++absent_; }

  // "2 imported, ..." on stderr.
  void Summarize() const;
  ExitCode exit_code() const;

 private:
  struct Done;

  Try<Done> Change(const UserName& user, const ForeignRecord& record);
  void Log(const UserName& user, const Done& done) const;
  Try<void> Report(const UserName& user, const std::string& path,
                   const Done& done, const ForeignRecord& record);

  Host& host_;
  Format format_;
  Rehearsal rehearsal_;
  const char* from_;
  std::function<void()> clear_;
  std::size_t imported_ = 0;
  std::size_t updated_ = 0;
  std::size_t here_ = 0;
  std::size_t failed_ = 0;
  std::size_t absent_ = 0;
};

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_IMPORT_RUN_H_
