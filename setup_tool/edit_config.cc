// SPDX-License-Identifier: Apache-2.0
//
// edit_config.cc - twofactor edit-config: as visudo, edits a copy and installs
// it only when it is good.
//
// While it runs it holds a lock on the file, so that a second editor is told
// to wait.  What is checked is what is installed: the text is read once, and
// written to a fresh file that replaces the old one.
//
// Trust: the copy lies in the configuration's folder, which is root's.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "core/session/config.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/config_text.h"
#include "setup_tool/editor.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/new_file.h"
#include "setup_tool/output.h"
#include "setup_tool/stream.h"
#include "setup_tool/terminal_conversation.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

constexpr std::size_t kMaxConfigSize = 64 * 1024;
constexpr mode_t kNewConfigMode = 0644;

// The configuration as it was, and the lock on it.
struct Original {
  UniqueFd fd;  // Holds the lock.
  std::string text;
  mode_t mode = kNewConfigMode;
};

Try<std::string> ReadText(int fd, const std::string& path) {
  ASSIGN_OR_RETURN(const Secret text, ReadWhole(fd, kMaxConfigSize, path));
  return std::string(AsText(text.Expose()));
}

Try<void> CreateIfMissing(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0 || errno != ENOENT) return {};
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(path + ".new"));
  RETURN_IF_ERROR(file.Write(AsBytes(DefaultConfigText())));
  RETURN_IF_ERROR(file.KeepAs(path, kNewConfigMode));
  return {};
}

Try<Original> LockOriginal(const std::string& path) {
  RETURN_IF_ERROR(CreateIfMissing(path));
  Original original;
  original.fd = UniqueFd(open(
      path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!original.fd) return RefuseErrno("cannot open " + path);
  struct stat opened {};
  struct stat named {};
  if (fstat(original.fd.get(), &opened) != 0)
    return RefuseErrno("cannot examine " + path);
  if (!S_ISREG(opened.st_mode))
    return Refuse(ExitCode::kUndecided, path + " is not a regular file", "");
  const bool locked = flock(original.fd.get(), LOCK_EX | LOCK_NB) == 0;
  // Replaced while we came: somebody else has just finished.
  if (!locked || stat(path.c_str(), &named) != 0 ||
      named.st_ino != opened.st_ino || named.st_dev != opened.st_dev)
    return Refuse(ExitCode::kFailed, path + " is being edited by another",
                  "try again when that is done, see: lslocks");
  original.mode = opened.st_mode & 0755;  // Else nobody could log in.
  ASSIGN_OR_RETURN(original.text, ReadText(original.fd.get(), path));
  return original;
}

enum class Reply { kEdit, kQuit };

Try<Reply> AskWhatNow() {
  Interrupts interrupts;
  TerminalConversation conversation(interrupts);
  while (true) {
    ASSIGN_OR_RETURN(
        const Secret line,
        AskLine(conversation, interrupts,
                "(e)dit again, or e(x)it without saving? ", Echo::kOn));
    const std::string_view answer = AsText(line.Expose());
    if (answer == "e") return Reply::kEdit;
    if (answer == "x") return Reply::kQuit;
  }
}

// The copy that is edited.  An editor may put another file in its place.
class WorkingCopy {
 public:
  static Try<WorkingCopy> Create(const std::string& config_path,
                                 const std::string& text) {
    WorkingCopy copy(config_path + ".edit");
    unlink(
        copy.path_.c_str());  // Left by one that was killed; we have the lock.
    ASSIGN_OR_RETURN(NewFile file, NewFile::Create(copy.path_));
    RETURN_IF_ERROR(file.Write(AsBytes(text)));
    RETURN_IF_ERROR(file.Keep());
    return copy;
  }
  WorkingCopy(WorkingCopy&& other) noexcept
      : path_(std::exchange(other.path_, "")) {}
  WorkingCopy& operator=(WorkingCopy&&) = delete;
  ~WorkingCopy() {
    if (!path_.empty()) unlink(path_.c_str());
  }

  Try<std::string> Edit() const {
    RETURN_IF_ERROR(RunEditor(path_));
    UniqueFd fd(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
                                        O_NONBLOCK | O_NOCTTY));
    if (!fd) return RefuseErrno("cannot read what was edited");
    return ReadText(fd.get(), path_);
  }

 private:
  explicit WorkingCopy(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

class EditConfig final : public Verb {
 public:
  void Describe(OptionList&) override {}

  Try<ExitCode> Run(const Invocation& invocation) override {
    const std::string& path = invocation.config_path;
    ASSIGN_OR_RETURN(const Original original, LockOriginal(path));
    ASSIGN_OR_RETURN(const WorkingCopy copy,
                     WorkingCopy::Create(path, original.text));
    ASSIGN_OR_RETURN(const auto text, EditUntilGood(path, copy));
    if (!text)
      return Refuse(ExitCode::kFailed, path + " was left as it was", "");
    if (*text == original.text) {
      Print(EscapeForTerminal(path) + ": unchanged\n");
      return ExitCode::kDone;
    }
    RETURN_IF_ERROR(Install(path, *text, original.mode));
    AdminLine("config_edited").Add("file", path).Send(Severity::kNotice);
    Print(EscapeForTerminal(path) + ": installed\n");
    return ExitCode::kDone;
  }

 private:
  // Empty when the administrator gives up.
  static Try<std::optional<std::string>> EditUntilGood(
      const std::string& path, const WorkingCopy& copy) {
    while (true) {
      ASSIGN_OR_RETURN(std::string text, copy.Edit());
      Config config;
      auto parsed = ParseConfig(text, path, config);
      if (parsed) return text;
      PrintFailure(Failure(ExitCode::kUndecided, parsed.error().context, ""));
      ASSIGN_OR_RETURN(const Reply reply, AskWhatNow());
      if (reply == Reply::kQuit) return std::nullopt;
    }
  }

  static Try<void> Install(const std::string& path, const std::string& text,
                           mode_t mode) {
    const std::string fresh = path + ".new";
    unlink(fresh.c_str());  // As above.
    ASSIGN_OR_RETURN(NewFile file, NewFile::Create(fresh));
    RETURN_IF_ERROR(file.Write(AsBytes(text)));
    RETURN_IF_ERROR(file.KeepAs(path, mode));
    return {};
  }
};

}  // namespace

std::unique_ptr<Verb> MakeEditConfig() {
  return std::make_unique<EditConfig>();
}

}  // namespace twofactor::tool
