// SPDX-License-Identifier: Apache-2.0
//
// account.cc - getpwnam_r(3), and folding.

#include "core/session/account.h"

#include <pwd.h>

#include <cerrno>
#include <memory>

namespace twofactor {
namespace {

constexpr std::size_t kFirstBufferSize = 1024;  // glibc's advice.
constexpr std::size_t kMaxBufferSize = 1024 * 1024;

// What getpwnam_r(3) says besides 0 for "no such user".
bool MeansUnknown(int error) {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF ||
         error == EPERM;
}

std::string Fold(std::string_view name, UserNameFolding folding) {
  std::string folded(name);
  if (folding == UserNameFolding::kLower)
    for (char& c : folded)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

}  // namespace

Result<Account> FindAccount(std::string_view name, const Config& config) {
  if (config.users == UserSource::kAny) {
    ASSIGN_OR_RETURN(UserName user,
                     UserName::Create(Fold(name, config.user_names)));
    return Account{std::move(user), AccountStatus::kUnknown};
  }

  ASSIGN_OR_RETURN(const UserName asked, UserName::Create(name));
  std::size_t size = kFirstBufferSize;
  auto buffer = std::make_unique_for_overwrite<char[]>(size);
  while (true) {
    passwd entry{};
    passwd* found = nullptr;
    const int error =
        getpwnam_r(asked.text().c_str(), &entry, buffer.get(), size, &found);
    if (error == ERANGE && size < kMaxBufferSize) {
      size *= 4;
      buffer = std::make_unique_for_overwrite<char[]>(size);
      continue;
    }
    if (error == EINTR) continue;
    if (found) {
      ASSIGN_OR_RETURN(UserName canonical, UserName::Create(found->pw_name));
      return Account{std::move(canonical), AccountStatus::kKnown};
    }
    if (MeansUnknown(error)) return Account{asked, AccountStatus::kUnknown};
    return FailErrno(ErrorCode::kIo, "name service", error);
  }
}

}  // namespace twofactor
