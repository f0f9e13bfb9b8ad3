// SPDX-License-Identifier: Apache-2.0
//
// progress_bar.h - how far a long run has come, on a terminal's last line.

#ifndef TWOFACTOR_SETUP_TOOL_PROGRESS_BAR_H_
#define TWOFACTOR_SETUP_TOOL_PROGRESS_BAR_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "core/base/clock.h"

namespace twofactor::tool {

// Draws to stderr if that is a terminal, ten times a second at most; nothing
// otherwise.
class ProgressBar {
 public:
  ProgressBar(std::size_t total, const Clock& clock);
  ~ProgressBar() { Hide(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void Advance(std::size_t done);
  // Makes room for a line of text; the next Advance draws the bar again.
  void Hide();

 private:
  enum class Visibility { kNever, kHidden, kDrawn };

  std::size_t total_;
  const Clock& clock_;
  std::chrono::milliseconds next_draw_{};
  Visibility visibility_;
};

// "[#####.....]  512/1024"
std::string ProgressText(std::size_t done, std::size_t total);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_PROGRESS_BAR_H_
