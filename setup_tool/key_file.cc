// SPDX-License-Identifier: Apache-2.0
//
// key_file.cc - reading base32.

#include "setup_tool/key_file.h"

#include <sys/stat.h>

#include <utility>

#include "core/base/encoding.h"
#include "setup_tool/command_text.h"
#include "setup_tool/output.h"
#include "setup_tool/stream.h"
#include "setup_tool/terminal_conversation.h"

namespace twofactor::tool {
namespace {

constexpr std::size_t kMaxKeyFileSize = 1024;

void WarnIfShared(int fd, const std::string& path) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  PrintWarning(path + " can be read by others: chmod 600 " + CommandWord(path));
}

Try<Secret> ReadText(const std::string& path, Interrupts& interrupts) {
  if (path == "-") {
    TerminalConversation conversation(interrupts);
    return AskLine(conversation, interrupts, "Key (base32): ", Echo::kOff);
  }
  ASSIGN_OR_RETURN(UniqueFd fd, OpenInput(path));
  WarnIfShared(fd.get(), path);
  ASSIGN_OR_RETURN(Secret text, ReadWhole(fd.get(), kMaxKeyFileSize, path));
  return text;
}

}  // namespace

Try<Secret> ReadKey(const std::string& path, Interrupts& interrupts) {
  ASSIGN_OR_RETURN(const Secret text, ReadText(path, interrupts));
  std::string_view line = AsText(text.Expose());
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  auto key = Base32Decode(line);
  if (!key || key->empty())
    return Refuse(ExitCode::kFailed, "the key is not base32",
                  "one line of the letters A to Z and the digits 2 to 7");
  return std::move(*key);
}

}  // namespace twofactor::tool
