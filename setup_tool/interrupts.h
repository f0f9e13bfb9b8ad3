// SPDX-License-Identifier: Apache-2.0
//
// interrupts.h - Ctrl-C, and signals that ask to stop, as something to look at
// between two steps rather than something that strikes in the middle of one.

#ifndef TWOFACTOR_SETUP_TOOL_INTERRUPTS_H_
#define TWOFACTOR_SETUP_TOOL_INTERRUPTS_H_

#include <csignal>

#include "core/base/unique_fd.h"
#include "setup_tool/failure.h"

namespace twofactor::tool {

// While it lives SIGINT, SIGTERM, SIGHUP and SIGQUIT wait.  One at a time.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Whether one has arrived; from then on always.
  bool Requested();

  // kInterrupted when one has arrived.
  Try<void> Check() {
    if (Requested()) return Interrupted();
    return {};
  }

  // For poll(2): readable when one has arrived.
  int fd() const { return fd_.get(); }

 private:
  sigset_t before_;
  UniqueFd fd_;
  bool requested_ = false;
};

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_INTERRUPTS_H_
