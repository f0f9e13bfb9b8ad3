// SPDX-License-Identifier: Apache-2.0
//
// qr_output.cc - what the terminal can show, and image files.

#include "setup_tool/qr_output.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "setup_tool/choice.h"
#include "setup_tool/output.h"
#include "setup_tool/qr_image.h"

namespace twofactor::tool {
namespace {

using Target = QrOutput::Target;

constexpr std::array<std::pair<std::string_view, Target>, 6> kTargets = {
    {{"utf8", Target::kUtf8},
     {"ansi", Target::kAnsi},
     {"ascii", Target::kAscii},
     {"svg:FILE", Target::kSvg},
     {"png:FILE", Target::kPng},
     {"none", Target::kNone}}};

// Columns of the terminal on stdout; empty when it is none.
std::optional<int> TerminalColumns() {
  if (!isatty(STDOUT_FILENO)) return std::nullopt;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return 80;
  return size.ws_col;
}

bool TerminalIsUtf8() {
  return std::string_view(nl_langinfo(CODESET)) == "UTF-8";
}

bool TerminalHasColours() {
  const char* type = std::getenv("TERM");
  return type != nullptr && *type != '\0' && std::string_view(type) != "dumb";
}

}  // namespace

void QrOutput::Describe(OptionList& options) {
  options.Text("--qr", "utf8|ansi|ascii|svg:FILE|png:FILE|none", choice_,
               "how to show the QR code [as the terminal can]");
  options.Flag("--invert", invert_, "swap the QR code's black and white");
}

Try<void> QrOutput::Parse() {
  if (!choice_) return {};
  const std::string_view choice = *choice_;
  for (auto [prefix, target] :
       {std::pair{"svg:", Target::kSvg}, std::pair{"png:", Target::kPng}}) {
    if (!choice.starts_with(prefix) || choice.size() == 4) continue;
    target_ = target;
    path_ = choice.substr(4);
    return {};
  }
  ASSIGN_OR_RETURN(target_, Choose("--qr", choice, kTargets));
  if (is_file())
    return Refuse(ExitCode::kUsage, "--qr needs the name of a file",
                  "--qr png:/root/phone.png");
  return {};
}

std::optional<QrStyle> QrOutput::StyleFor(const QrCode& code) const {
  const std::optional<int> columns = TerminalColumns();
  QrStyle style = QrStyle::kUtf8;
  if (target_ == Target::kAutomatic) {
    if (!columns) return std::nullopt;
    if (!TerminalHasColours())
      style = QrStyle::kAscii;
    else if (!TerminalIsUtf8())
      style = QrStyle::kAnsi;
  } else if (target_ == Target::kAnsi) {
    style = QrStyle::kAnsi;
  } else if (target_ == Target::kAscii) {
    style = QrStyle::kAscii;
  }
  if (!columns || QrColumns(code, style) <= *columns) return style;
  PrintNote("the terminal has " + std::to_string(*columns) +
            " columns, a QR code needs " +
            std::to_string(QrColumns(code, style)) +
            ": widen it, use --qr png:FILE, or type the key");
  return std::nullopt;
}

Try<void> QrOutput::Draw(Bytes uri) const {
  if (target_ == Target::kNone || is_file()) return {};
  ASSIGN_OR_RETURN(const QrCode code, QrCode::Encode(uri));
  const std::optional<QrStyle> style = StyleFor(code);
  if (!style) return {};
  RETURN_IF_ERROR(PrintSecret(DrawQr(code, *style, polarity())));
  return {};
}

Try<NewFile> QrOutput::WriteFile(Bytes uri) const {
  ASSIGN_OR_RETURN(const QrCode code, QrCode::Encode(uri));
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(path_));
  if (target_ == Target::kSvg) {
    RETURN_IF_ERROR(file.Write(SvgOf(code, polarity()).Expose()));
  } else {
    ASSIGN_OR_RETURN(const Secret png, PngOf(code, polarity()));
    RETURN_IF_ERROR(file.Write(png.Expose()));
  }
  return file;
}

}  // namespace twofactor::tool
