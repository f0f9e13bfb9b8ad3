// SPDX-License-Identifier: Apache-2.0
//
// interrupts.cc - blocked signals behind a signalfd(2).

#include "setup_tool/interrupts.h"

#include <sys/signalfd.h>
#include <unistd.h>

namespace twofactor::tool {

Interrupts::Interrupts() {
  sigset_t stopping;
  sigemptyset(&stopping);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    sigaddset(&stopping, signal);
  sigprocmask(SIG_BLOCK, &stopping, &before_);
  fd_ = UniqueFd(signalfd(-1, &stopping, SFD_CLOEXEC | SFD_NONBLOCK));
  // Without it nobody could stop us: let signals strike as they always do.
  if (!fd_) sigprocmask(SIG_SETMASK, &before_, nullptr);
}

Interrupts::~Interrupts() {
  // One that arrives after the work is done must not kill us before we say so.
  while (fd_ && Requested()) {
    requested_ = false;
  }
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupts::Requested() {
  signalfd_siginfo info;
  if (fd_ && read(fd_.get(), &info, sizeof(info)) == sizeof(info))
    requested_ = true;
  return requested_;
}

}  // namespace twofactor::tool
