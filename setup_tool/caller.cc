// SPDX-License-Identifier: Apache-2.0
//
// caller.cc - uid, login uid, and sudo's word for it.

#include "setup_tool/caller.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "setup_tool/command_text.h"
#include "setup_tool/stream.h"

namespace twofactor::tool {
namespace {

constexpr std::string_view kUnsetLoginUid = "4294967295";

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 10 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Empty when the name service has no name for it.
Try<std::string> NameOfRealUid() {
  std::vector<char> buffer(64 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  int error =
      getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0 && found == nullptr)
    return Refuse(ExitCode::kUndecided,
                  "the name service could not say who runs this",
                  "name the user: --user NAME");
  return found == nullptr ? std::string() : std::string(found->pw_name);
}

std::optional<std::string> KernelLoginUid() {
  auto fd = OpenInput("/proc/self/loginuid");
  if (!fd) return std::nullopt;
  auto text = ReadWhole(fd->get(), 32, "/proc/self/loginuid");
  if (!text) return std::nullopt;
  std::string uid(AsText(text->Expose()));
  if (!IsNumber(uid) || uid == kUnsetLoginUid) return std::nullopt;
  return uid;
}

}  // namespace

Try<void> RequireAccess(const Invocation& invocation, Access access) {
  if (access == Access::kAnybody) return {};
  if (getuid() == 0 && geteuid() == 0) return {};
  std::string command = "sudo twofactor " + invocation.verb;
  if (access == Access::kRootForUser) {
    auto name = NameOfRealUid();
    command += " --user ";
    command += name && !name->empty() ? CommandWord(*name) : "NAME";
  }
  return Refuse(ExitCode::kFailed,
                "only root can do this: twofactor " + invocation.verb, command);
}

Try<std::string> CallerName() {
  ASSIGN_OR_RETURN(std::string name, NameOfRealUid());
  if (name.empty())
    return Refuse(ExitCode::kUsage, "the caller's uid has no name",
                  "name the user: --user NAME");
  const char* sudo_user = std::getenv("SUDO_USER");
  if (sudo_user != nullptr && name != sudo_user)
    return Refuse(
        ExitCode::kUsage,
        "under sudo it is not clear who is meant, " + name + " or " + sudo_user,
        "say it: --user " + CommandWord(sudo_user));
  return name;
}

std::string ResponsibleUid() {
  if (auto uid = KernelLoginUid()) return *uid;
  const char* sudo_uid = std::getenv("SUDO_UID");
  if (sudo_uid != nullptr && IsNumber(sudo_uid)) return sudo_uid;
  return std::to_string(getuid());
}

}  // namespace twofactor::tool
