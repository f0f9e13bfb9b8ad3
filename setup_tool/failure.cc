// SPDX-License-Identifier: Apache-2.0
//
// failure.cc - which command helps against which error of the core.

#include "setup_tool/failure.h"

#include "setup_tool/command_text.h"

namespace twofactor::tool {
namespace {

ExitCode ExitCodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
      return ExitCode::kNotFound;
    case ErrorCode::kInvalid:
    case ErrorCode::kExists:
    case ErrorCode::kCapacity:
    case ErrorCode::kConversation:
      return ExitCode::kFailed;
    case ErrorCode::kInternal:
    case ErrorCode::kIo:
    case ErrorCode::kUntrustedFile:
    case ErrorCode::kCorrupt:
    case ErrorCode::kStoreMissing:
    case ErrorCode::kNeedsRepair:
    case ErrorCode::kLockTimeout:
    case ErrorCode::kCallerLimits:
    case ErrorCode::kReadOnly:
    case ErrorCode::kConfig:
    case ErrorCode::kCrypto:
    case ErrorCode::kDelivery:
      return ExitCode::kUndecided;
  }
  return ExitCode::kUndecided;
}

// For an error about `user`, as it is typed in a command.
std::string HintFor(ErrorCode code, const std::string& user) {
  switch (code) {
    case ErrorCode::kStoreMissing:
      return "mount the disk that holds it, or restore it from a backup; on "
             "a new host: twofactor init";
    case ErrorCode::kNeedsRepair:
      return "restore the secret file if it is gone, else: twofactor repair " +
             user;
    case ErrorCode::kCorrupt:
      return "twofactor list, then: twofactor repair " + user;
    case ErrorCode::kUntrustedFile:
      return "compare type, owner and mode with FILES in: man twofactor";
    case ErrorCode::kConfig:
      return "twofactor edit-config";
    case ErrorCode::kReadOnly:
      return "make room or mount it writable, see: df -h, findmnt";
    case ErrorCode::kLockTimeout:
      return "another process holds the lock, try again or see: lslocks";
    case ErrorCode::kCallerLimits:
      return "raise the limits of this shell, see: ulimit -a";
    case ErrorCode::kNotFound:
      return "twofactor list";
    case ErrorCode::kInvalid:
      return "twofactor --help";
    case ErrorCode::kExists:
    case ErrorCode::kCapacity:
      return "twofactor status " + user;
    case ErrorCode::kConversation:
      return "run it in a terminal, or see --help for what it reads instead";
    case ErrorCode::kInternal:
    case ErrorCode::kIo:
    case ErrorCode::kCrypto:
    case ErrorCode::kDelivery:
      return "journalctl -t twofactor";
  }
  return "";
}

// For an error about a file, or the store as a whole.
std::string GeneralHint(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
    case ErrorCode::kExists:
      return "check the name, or choose another one";
    case ErrorCode::kCapacity:
      return "";
    case ErrorCode::kInternal:
    case ErrorCode::kIo:
    case ErrorCode::kUntrustedFile:
    case ErrorCode::kCorrupt:
    case ErrorCode::kStoreMissing:
    case ErrorCode::kNeedsRepair:
    case ErrorCode::kLockTimeout:
    case ErrorCode::kCallerLimits:
    case ErrorCode::kReadOnly:
    case ErrorCode::kConfig:
    case ErrorCode::kInvalid:
    case ErrorCode::kCrypto:
    case ErrorCode::kDelivery:
    case ErrorCode::kConversation:
      break;
  }
  return HintFor(code, "USER");
}

}  // namespace

Failure::Failure(const Error& error)
    : exit_code(ExitCodeOf(error.code)),
      message(error.context),
      hint(GeneralHint(error.code)) {}

Failure FailureAbout(const UserName& user, const Error& error) {
  return Failure(ExitCodeOf(error.code), user.text() + ": " + error.context,
                 HintFor(error.code, CommandWord(user.text())));
}

std::unexpected<Failure> Interrupted() {
  return Refuse(ExitCode::kInterrupted, "interrupted", "");
}

}  // namespace twofactor::tool
