// SPDX-License-Identifier: Apache-2.0
//
// progress_bar.cc - drawing it.

#include "setup_tool/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace twofactor::tool {
namespace {

constexpr std::size_t kCells = 40;
constexpr std::chrono::milliseconds kInterval{100};

}  // namespace

std::string ProgressText(std::size_t done, std::size_t total) {
  const std::size_t filled =
      total == 0 ? kCells : kCells * std::min(done, total) / total;
  return "[" + std::string(filled, '#') + std::string(kCells - filled, '.') +
         "]  " + std::to_string(done) + "/" + std::to_string(total);
}

ProgressBar::ProgressBar(std::size_t total, const Clock& clock)
    : total_(total),
      clock_(clock),
      visibility_(isatty(STDERR_FILENO) ? Visibility::kHidden
                                        : Visibility::kNever) {}

void ProgressBar::Advance(std::size_t done) {
  if (visibility_ == Visibility::kNever) return;
  const auto now = clock_.Monotonic();
  if (now < next_draw_ && done < total_) return;
  next_draw_ = now + kInterval;
  std::string line = "\r" + ProgressText(done, total_) + "\033[K";
  std::fputs(line.c_str(), stderr);
  visibility_ = Visibility::kDrawn;
}

void ProgressBar::Hide() {
  if (visibility_ != Visibility::kDrawn) return;
  std::fputs("\r\033[K", stderr);
  visibility_ = Visibility::kHidden;
  next_draw_ = {};
}

}  // namespace twofactor::tool
