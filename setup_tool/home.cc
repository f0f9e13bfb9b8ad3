// SPDX-License-Identifier: Apache-2.0
//
// home.cc - getpwnam_r(3), getpwent(3), getgrouplist(3).

#include "setup_tool/home.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "setup_tool/command_text.h"

namespace twofactor::tool {
namespace {

constexpr std::size_t kMaxBufferSize = 1024 * 1024;
constexpr int kMaxGroups = 65536;  // NGROUPS_MAX of Linux.

Home HomeOf(const passwd& entry) {
  return {entry.pw_name, entry.pw_uid, {entry.pw_gid}, entry.pw_dir};
}

std::unexpected<Failure> NoAnswer(int error) {
  return Refuse(
      ExitCode::kUndecided,
      std::string("the name service does not answer: ") + std::strerror(error),
      "getent passwd");
}

Try<void> FindGroups(Home& home) {
  const gid_t own = home.groups.front();
  int count = 64;
  while (true) {
    home.groups.resize(static_cast<std::size_t>(count));
    const int asked = count;
    if (getgrouplist(home.user.c_str(), own, home.groups.data(), &count) >= 0)
      break;
    if (count <= asked || count > kMaxGroups)
      return Refuse(ExitCode::kUndecided,
                    "the groups of " + home.user + " cannot be found",
                    "id " + CommandWord(home.user));
  }
  home.groups.resize(static_cast<std::size_t>(count));
  return {};
}

}  // namespace

Try<Home> FindHome(const std::string& user) {
  std::vector<char> buffer(4096);
  while (true) {
    passwd entry{};
    passwd* found = nullptr;
    const int error =
        getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (error == EINTR) continue;
    if (error == ERANGE && buffer.size() < kMaxBufferSize) {
      buffer.resize(4 * buffer.size());
      continue;
    }
    if (found) {
      Home home = HomeOf(*found);
      RETURN_IF_ERROR(FindGroups(home));
      return home;
    }
    if (error != 0 && error != ENOENT && error != ESRCH) return NoAnswer(error);
    return Refuse(ExitCode::kNotFound, "there is no user " + user,
                  "getent passwd " + CommandWord(user));
  }
}

Try<std::vector<Home>> AllHomes() {
  std::vector<Home> homes;
  setpwent();
  while (true) {
    errno = 0;
    const passwd* entry = getpwent();
    if (!entry && errno == EINTR) continue;
    if (!entry) break;
    homes.push_back(HomeOf(*entry));
  }
  const int error = errno;
  endpwent();
  if (error != 0 && error != ENOENT) return NoAnswer(error);
  return homes;
}

}  // namespace twofactor::tool
