// SPDX-License-Identifier: Apache-2.0
//
// import_oath.cc - twofactor import oath: the users file of pam_oath.
//
// Trust: the file is root's; its lines may hold any bytes.

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "setup_tool/foreign_record.h"
#include "setup_tool/guarded_file.h"
#include "setup_tool/import_run.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/oath_line.h"
#include "setup_tool/progress_bar.h"
#include "setup_tool/subject.h"

namespace twofactor::tool {
namespace {

constexpr std::size_t kMaxUsersFileSize = 16 * 1024 * 1024;

// All lines of one user.
struct UsersLines {
  UserName user;
  std::string name;
  ForeignRecord record;
};

class ImportOath final : public Verb {
 public:
  void Describe(OptionList& options) override {
    options.Argument("FILE", file_, "pam_oath's usersfile=, /etc/users.oath");
    user_.AddOption(options);
    options.Flag("--drop-pins", drop_pins_,
                 "take lines with a PIN, and let the code alone be enough");
    options.Flag("--dry-run", dry_run_, "say what would be done, and do not");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    if (!file_)
      return Refuse(ExitCode::kUsage, "the file is missing",
                    "twofactor import oath /etc/users.oath");
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    std::optional<UserName> only;
    if (user_.given()) {
      ASSIGN_OR_RETURN(const std::string name, user_.Name());
      ASSIGN_OR_RETURN(only, ExistingUser(name, host.config));
    }
    ASSIGN_OR_RETURN(const Secret content,
                     ReadRootsFile(*file_, kMaxUsersFileSize));
    return Import(host, invocation, only, AsText(content.Expose()));
  }

 private:
  Try<ExitCode> Import(Host& host, const Invocation& invocation,
                       const std::optional<UserName>& only,
                       std::string_view text) {
    Interrupts interrupts;
    std::optional<ProgressBar> bar;
    ImportRun run(host, invocation,
                  dry_run_ ? Rehearsal::kDryRun : Rehearsal::kForReal, "oath",
                  [&bar] {
                    if (bar) bar->Hide();
                  });
    ASSIGN_OR_RETURN(auto users, Users(host, only, text, run));
    if (only && users.empty() && run.exit_code() == ExitCode::kDone)
      return Refuse(ExitCode::kNotFound,
                    *file_ + " has no line of " + only->text(), "");
    bar.emplace(users.size(), host.clock);
    auto imported = ImportEach(users, interrupts, *bar, run);
    bar->Hide();
    run.Summarize();
    if (!imported) {
      Failure failure = std::move(imported).error();
      failure.hint = "run it again to go on: it does nothing twice";
      return std::unexpected(std::move(failure));
    }
    return run.exit_code();
  }

  // Bad lines are reported and left out.
  Try<std::vector<UsersLines>> Users(const Host& host,
                                     const std::optional<UserName>& only,
                                     std::string_view text, ImportRun& run) {
    ASSIGN_OR_RETURN(const Moment moment, host.clock.Now());
    std::vector<UsersLines> users;
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      std::string name;
      auto read = ReadLine(host, only, line, number, moment.now, users, name);
      if (!read)
        RETURN_IF_ERROR(
            run.ReportFailure(*file_, number, name, read.error().message));
    }
    return users;
  }

  // `name` is set as soon as it is known whose line it is.
  Try<void> ReadLine(const Host& host, const std::optional<UserName>& only,
                     std::string_view text, std::size_t number, UnixTime now,
                     std::vector<UsersLines>& users, std::string& name) const {
    ASSIGN_OR_RETURN(OathLine line, ParseOathLine(text));
    if (line.kind == OathLine::Kind::kNothing) return {};
    name = line.user;
    auto user = ExistingUser(name, host.config);
    if (only && (!user || *user != *only)) return {};
    if (!user) return std::unexpected(std::move(user).error());
    ForeignRecord added;
    auto taken = AddOathDevice(
        std::move(line), number,
        drop_pins_ ? PinChoice::kDrop : PinChoice::kRefuse, now, added);
    if (!taken) return Refuse(ExitCode::kFailed, taken.error().reason, "");
    UsersLines& lines = LinesOf(*user, name, users);
    for (ForeignDevice& device : added.devices)
      lines.record.devices.push_back(std::move(device));
    for (Finding& finding : added.findings)
      lines.record.findings.push_back(std::move(finding));
    return {};
  }

  static UsersLines& LinesOf(const UserName& user, const std::string& name,
                             std::vector<UsersLines>& users) {
    const auto found = std::ranges::find(users, user, &UsersLines::user);
    if (found != users.end()) return *found;
    return users.emplace_back(UsersLines{user, name, {}});
  }

  Try<void> ImportEach(std::vector<UsersLines>& users, Interrupts& interrupts,
                       ProgressBar& bar, ImportRun& run) const {
    std::size_t done = 0;
    for (UsersLines& lines : users) {
      RETURN_IF_ERROR(interrupts.Check());
      auto taken = run.Take(lines.user, *file_, std::move(lines.record));
      if (!taken)
        RETURN_IF_ERROR(
            run.ReportFailure(*file_, 0, "", taken.error().message));
      bar.Advance(++done);
    }
    return {};
  }

  std::optional<std::string> file_;
  UserChoice user_;
  bool drop_pins_ = false;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeImportOath() {
  return std::make_unique<ImportOath>();
}

}  // namespace twofactor::tool
