/* SPDX-License-Identifier: Apache-2.0
 *
 * host_state.c - reads the state of the calling process.
 */

#include "host_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static void Append(struct HostState* state, const char* format, ...)
    __attribute__((format(printf, 2, 3)));

static void Append(struct HostState* state, const char* format, ...) {
  const size_t used = strlen(state->text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(state->text + used, sizeof(state->text) - used, format, arguments);
  va_end(arguments);
}

static void AppendDescriptors(struct HostState* state) {
  for (int fd = 0; fd < 256; ++fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) continue;
    Append(state, "fd %d: inode %llu, flags %o, %d\n", fd,
           (unsigned long long)status.st_ino, (unsigned)fcntl(fd, F_GETFL),
           fcntl(fd, F_GETFD));
  }
}

static void AppendSignals(struct HostState* state) {
  sigset_t mask;
  sigset_t pending;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  sigpending(&pending);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) continue;
    Append(state, "signal %d: blocked %d, pending %d, handler %p, flags %x\n",
           number, sigismember(&mask, number), sigismember(&pending, number),
           action.sa_flags & SA_SIGINFO ? (void*)(size_t)action.sa_sigaction
                                        : (void*)(size_t)action.sa_handler,
           (unsigned)action.sa_flags);
  }
  stack_t stack;
  sigaltstack(NULL, &stack);
  Append(state, "signal stack: %p\n", stack.ss_sp);
}

static void AppendRest(struct HostState* state) {
  for (char** variable = environ; *variable; ++variable)
    Append(state, "environment: %s\n", *variable);
  Append(state, "locale: %s\n", setlocale(LC_ALL, NULL));
  char folder[4096];
  Append(state, "folder: %s\n", getcwd(folder, sizeof(folder)));
  const mode_t mask = umask(0);
  umask(mask);
  Append(state, "umask: %o\n", (unsigned)mask);
  for (int which = 0; which < (int)RLIM_NLIMITS; ++which) {
    struct rlimit limit;
    getrlimit((__rlimit_resource_t)which, &limit);
    Append(state, "limit %d: %llu %llu\n", which,
           (unsigned long long)limit.rlim_cur,
           (unsigned long long)limit.rlim_max);
  }
  const pid_t child = waitpid(-1, NULL, WNOHANG);
  Append(state, "children: %s\n",
         child < 0 && errno == ECHILD ? "none" : "some");
  uid_t real, effective, saved;
  getresuid(&real, &effective, &saved);
  Append(state, "ids: %u %u %u\n", real, effective, saved);
  struct itimerval timer;
  getitimer(ITIMER_REAL, &timer);
  Append(state, "timer: %ld\n", (long)timer.it_value.tv_sec);
  Append(state, "dumpable: %d, no new privileges: %d\n", prctl(PR_GET_DUMPABLE),
         prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static size_t CountMappings(size_t* resident) {
  size_t lines = 0;
  char buffer[4096];
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  for (ssize_t size; (size = read(fd, buffer, sizeof(buffer))) > 0;)
    for (ssize_t i = 0; i < size; ++i) lines += buffer[i] == '\n';
  close(fd);

  fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  const ssize_t size = read(fd, buffer, sizeof(buffer) - 1);
  buffer[size > 0 ? size : 0] = '\0';
  close(fd);
  unsigned long total = 0;
  unsigned long pages = 0;
  sscanf(buffer, "%lu %lu", &total, &pages);
  *resident = pages * (size_t)sysconf(_SC_PAGESIZE);
  return lines;
}

void ReadHostState(struct HostState* state) {
  state->text[0] = '\0';
  AppendDescriptors(state);
  AppendSignals(state);
  AppendRest(state);
  state->mappings = CountMappings(&state->resident);
  state->heap_in_use = mallinfo2().uordblks;
}
