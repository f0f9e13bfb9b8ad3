// SPDX-License-Identifier: Apache-2.0
//
// key_file.cc - reading base32.

#include "setup_tool/key_file.h"

#include <sys/stat.h>

#include <optional>
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

Try<Secret> ReadText(const std::string& path, KeyText text_form,
                     Interrupts& interrupts) {
  if (path == "-") {
    TerminalConversation conversation(interrupts);
    return AskLine(
        conversation, interrupts,
        text_form == KeyText::kHex ? "Key (hex): " : "Key (base32): ",
        Echo::kOff);
  }
  ASSIGN_OR_RETURN(UniqueFd fd, OpenInput(path));
  WarnIfShared(fd.get(), path);
  ASSIGN_OR_RETURN(Secret text, ReadWhole(fd.get(), kMaxKeyFileSize, path));
  return text;
}

std::optional<Secret> HexKey(std::string_view line) {
  Secret key(line.size() / 2);
  if (!HexDecode(line, key.ExposeMutable())) return std::nullopt;
  return key;
}

}  // namespace

Try<Secret> ReadKey(const std::string& path, KeyText text_form,
                    Interrupts& interrupts) {
  ASSIGN_OR_RETURN(const Secret text, ReadText(path, text_form, interrupts));
  std::string_view line = AsText(text.Expose());
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  auto key = text_form == KeyText::kHex ? HexKey(line) : Base32Decode(line);
  if (key && !key->empty()) return std::move(*key);
  if (text_form == KeyText::kHex)
    return Refuse(ExitCode::kFailed, "the key is not hex",
                  "one line of pairs of 0 to 9 and a to f");
  return Refuse(ExitCode::kFailed, "the key is not base32",
                "one line of the letters A to Z and the digits 2 to 7; "
                "--hex says that it is hex");
}

}  // namespace twofactor::tool
