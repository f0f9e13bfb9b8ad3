// SPDX-License-Identifier: Apache-2.0
//
// main.cc - twofactor: sets up and administers second factors.
//
// Trust: the command line and the environment are the caller's, who is root
// for everything that changes anything.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "core/base/audit_log.h"
#include "setup_tool/command_line.h"
#include "setup_tool/exit_code.h"

namespace {

// Closed standard descriptors would be given to the next file that is opened.
void OccupyStandardDescriptors() {
  int fd = 0;
  do {
    fd = open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= 2);
  if (fd > 2) close(fd);
}

void PrepareProcess() {
  OccupyStandardDescriptors();
  umask(0077);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);  // It would hold keys.
  std::signal(SIGPIPE, SIG_IGN);     // A failed write is an error, not an end.
  std::setlocale(LC_CTYPE, "");      // Which characters the terminal shows.
  twofactor::SetLogIdentity("twofactor");
}

}  // namespace

int main(int argc, char** argv) {
  PrepareProcess();
  try {
    return twofactor::tool::RunCommandLine(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "twofactor: error: %s\n", error.what());
    return static_cast<int>(twofactor::tool::ExitCode::kFailed);
  }
}
