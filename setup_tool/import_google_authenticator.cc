// SPDX-License-Identifier: Apache-2.0
//
// import_google_authenticator.cc - twofactor import google-authenticator.
//
// Trust: the files are the users'.  They are read as those users, never as
// root, unless root owns them.

#include <optional>
#include <utility>

#include "setup_tool/foreign_record.h"
#include "setup_tool/google_authenticator_file.h"
#include "setup_tool/guarded_file.h"
#include "setup_tool/home.h"
#include "setup_tool/import_run.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/output.h"
#include "setup_tool/progress_bar.h"
#include "setup_tool/subject.h"
#include "setup_tool/users_own_file.h"

namespace twofactor::tool {
namespace {

constexpr char kModule[] = "google-authenticator";
constexpr char kFileName[] = ".google_authenticator";

struct PathParts {
  std::string folder;
  std::string name;
};

PathParts PartsOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {path.substr(0, std::max<std::size_t>(slash, 1)),
          path.substr(slash + 1)};
}

// What a user's file says, or which line of it is wrong.
std::expected<ForeignRecord, LineError> Understand(const Secret& content,
                                                   const Host& host,
                                                   UnixTime now) {
  ASSIGN_OR_RETURN(GoogleAuthenticatorFile file,
                   ParseGoogleAuthenticatorFile(AsText(content.Expose())));
  return RecordOf(std::move(file), host.config, now);
}

class ImportGoogleAuthenticator final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    options.Flag("--all-homes", all_homes_,
                 "import everybody who has the file in the home folder");
    options.Text("--file", "FILE", file_,
                 "read FILE instead of ~/.google_authenticator");
    options.Flag("--dry-run", dry_run_, "say what would be done, and do not");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    if (all_homes_ && (user_.given() || file_))
      return Refuse(ExitCode::kUsage,
                    "--all-homes goes with neither --user nor --file",
                    "twofactor import google-authenticator --help");
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    return all_homes_ ? ImportAll(host, invocation)
                      : ImportOne(host, invocation);
  }

 private:
  Rehearsal rehearsal() const {
    return dry_run_ ? Rehearsal::kDryRun : Rehearsal::kForReal;
  }

  Try<ExitCode> ImportOne(Host& host, const Invocation& invocation) {
    Interrupts interrupts;
    ASSIGN_OR_RETURN(const std::string name, user_.Name());
    ASSIGN_OR_RETURN(const UserName user, ExistingUser(name, host.config));
    std::string path;
    ASSIGN_OR_RETURN(const Secret content, ContentOf(host, user, path));
    ASSIGN_OR_RETURN(const Moment moment, host.clock.Now());
    auto record = Understand(content, host, moment.now);
    if (!record)
      return Refuse(ExitCode::kFailed,
                    path + ":" + std::to_string(record.error().line) + ": " +
                        record.error().reason,
                    "twofactor enroll totp --user NAME gives a new device");
    RETURN_IF_ERROR(interrupts.Check());
    ImportRun run(host, invocation, rehearsal(), kModule, [] {});
    RETURN_IF_ERROR(run.Take(user, path, std::move(*record)));
    if (dry_run_) PrintNote("nothing was changed");
    return ExitCode::kDone;
  }

  Try<Secret> ContentOf(const Host& host, const UserName& user,
                        std::string& path) const {
    if (file_) {
      path = *file_;
      ASSIGN_OR_RETURN(const uid_t owner, OwnerOf(path));
      if (owner == 0) return ReadRootsFile(path, kMaxOwnFileSize);
      ASSIGN_OR_RETURN(const Home home, FindHome(user.text()));
      if (owner != home.uid)
        return std::unexpected(FaultOf(path, FileFault::kOwner, 0));
      const PathParts parts = PartsOf(path);
      return Present(path,
                     ReadAsUser(home, parts.folder, parts.name, host.clock));
    }
    ASSIGN_OR_RETURN(const Home home, FindHome(user.text()));
    path = home.path + "/" + kFileName;
    return Present(path, ReadAsUser(home, home.path, kFileName, host.clock));
  }

  static Try<Secret> Present(const std::string& path,
                             Try<std::optional<Secret>> content) {
    if (!content) return std::unexpected(std::move(content).error());
    if (!*content) return std::unexpected(FaultOf(path, FileFault::kAbsent, 0));
    return std::move(**content);
  }

  Try<ExitCode> ImportAll(Host& host, const Invocation& invocation) {
    ASSIGN_OR_RETURN(const auto homes, AllHomes());
    Interrupts interrupts;
    ProgressBar bar(homes.size(), host.clock);
    ImportRun run(host, invocation, rehearsal(), kModule,
                  [&bar] { bar.Hide(); });
    auto imported = ImportEach(host, homes, interrupts, bar, run);
    bar.Hide();
    run.Summarize();
    if (!imported) {
      Failure failure = std::move(imported).error();
      failure.hint = "run it again to go on: it does nothing twice";
      return std::unexpected(std::move(failure));
    }
    return run.exit_code();
  }

  static Try<void> ImportEach(const Host& host, const std::vector<Home>& homes,
                              Interrupts& interrupts, ProgressBar& bar,
                              ImportRun& run) {
    std::size_t done = 0;
    for (const Home& home : homes) {
      RETURN_IF_ERROR(interrupts.Check());
      const std::string path = home.path + "/" + kFileName;
      std::size_t line = 0;
      if (auto imported = ImportHome(host, home, path, run, line); !imported)
        RETURN_IF_ERROR(
            run.ReportFailure(path, line, home.user, imported.error().message));
      bar.Advance(++done);
    }
    return {};
  }

  // `line` is set where a line is to blame.
  static Try<void> ImportHome(const Host& host, const Home& listed,
                              const std::string& path, ImportRun& run,
                              std::size_t& line) {
    ASSIGN_OR_RETURN(const Home home, FindHome(listed.user));
    // Whoever logs in under the name is the first one that has it.
    if (home.uid != listed.uid || home.path != listed.path)
      return Refuse(ExitCode::kFailed,
                    "another user of that name goes before, in " + home.path,
                    "");
    ASSIGN_OR_RETURN(const auto content,
                     ReadAsUser(home, home.path, kFileName, host.clock));
    if (!content) {
      run.CountAbsent();
      return {};
    }
    ASSIGN_OR_RETURN(const UserName user, ExistingUser(home.user, host.config));
    ASSIGN_OR_RETURN(const Moment moment, host.clock.Now());
    auto record = Understand(*content, host, moment.now);
    if (!record) {
      line = record.error().line;
      return Refuse(ExitCode::kFailed, record.error().reason, "");
    }
    return run.Take(user, path, std::move(*record));
  }

  UserChoice user_;
  bool all_homes_ = false;
  std::optional<std::string> file_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeImportGoogleAuthenticator() {
  return std::make_unique<ImportGoogleAuthenticator>();
}

}  // namespace twofactor::tool
