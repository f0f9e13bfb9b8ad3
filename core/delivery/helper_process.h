// SPDX-License-Identifier: Apache-2.0
//
// helper_process.h - runs a program of ours out of somebody else's process.
//
// MUSTs (docs/SECURITY.md):
//   1. The program runs as the user it is told, never as root, with an empty
//      environment, in a session of its own, within limits, and with no
//      descriptor but its three.
//   2. The host's descriptors, signal mask, dispositions and children are as
//      before when Run returns, and no SIGCHLD was sent: the child is cloned
//      without an exit signal.  As execve(2) would give it one, this child,
//      the supervisor, only waits for another, which runs the program.  It
//      reaps all of the program's group, also on a host that adopts orphans;
//      only what leaves that group, as a sendmail may that delivers later, is
//      such a host's.  So hosts that ignore SIGCHLD, or wait for any child,
//      see nothing of either.
//   3. Whatever the program does, Run returns at the deadline, and all of the
//      program's process group is dead by then.  Only what the kernel holds
//      even from SIGKILL is left to it, a second later.
//   4. When the host dies meanwhile, the program goes on: what it sends was
//      counted.  The supervisor then ends it, two seconds after the deadline.
//   5. Between clone(2) and execve(2) only system calls are made: the host may
//      have threads, and locks that nobody will ever open in the copy.

#ifndef TWOFACTOR_CORE_DELIVERY_HELPER_PROCESS_H_
#define TWOFACTOR_CORE_DELIVERY_HELPER_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <string>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace twofactor {

struct HelperCommand {
  std::string program;   // Absolute path.
  std::string argument;  // Its only one.
  uid_t user = 0;        // Neither may be 0.
  gid_t group = 0;
  std::chrono::milliseconds time{};  // That it may take.
  std::size_t max_output = 0;        // Bytes; above it, it is killed.
};

struct HelperEnd {
  enum class Reason : std::uint8_t {
    kKilled = 0,   // By a signal that was not ours.
    kExited,       // `code` is its status.
    kTooSlow,      // The deadline.
    kTooMuch,      // max_output.
    kNotBecome,    // It could not become the user.
    kNotExecuted,  // There is no such program, or it cannot run.
  };
  Reason reason = Reason::kKilled;
  int code = 0;
  std::string output;
};

// Runs the program with `input`, at most 4 KiB, on its stdin and collects its
// stdout.  kInvalid for root or a longer input, kIo when no process could be
// made.
Result<HelperEnd> RunHelper(const HelperCommand& command, Bytes input,
                            const Clock& clock);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_DELIVERY_HELPER_PROCESS_H_
