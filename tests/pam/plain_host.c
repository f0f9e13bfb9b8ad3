/* SPDX-License-Identifier: Apache-2.0
 *
 * plain_host.c - a host application as small as one can be: it logs in those
 * whom it is told to, and is told to make it hard for the module.
 *
 *   plain_host [OPTION...] STACK_FOLDER SERVICE <LOGINS
 *   plain_host -x COMMAND [ARGUMENT...]
 *
 * LOGINS has a line `USER ANSWER` for each login; each has its own pam_start
 * and pam_end.  Writes a line `RESULT PROMPTS` after each, unbuffered.
 *
 *   -r HOST        PAM_RHOST
 *   -u UID         real uid of the process; effective and saved stay 0
 *   -g READY,GATE  at the prompt, writes a byte to descriptor READY and then
 *                  waits until GATE has an end of file
 *   -f BYTES       RLIMIT_FSIZE while logging in
 *   -n COUNT       RLIMIT_NOFILE while logging in
 *   -p COUNT       RLIMIT_NOFILE before pam_start
 *   -s             lets a supervisor see every system call of pam_authenticate
 *                  (syscall_faults.h), and marks its end
 *   -x             becomes COMMAND, whose every system call a supervisor sees
 *   -m COUNT       fails that allocation of pam_authenticate, counted from 1
 *   -M COUNT       fails that one and all that follow
 *   -A             writes how many allocations pam_authenticate made instead
 *                  of PROMPTS
 *   -c COUNT       compares the state of the process at the beginning, and its
 *                  memory after COUNT logins, with those at the end; ends with
 *                  3 and says what differs
 */

#include "plain_host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <locale.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "host_state.h"

/* Memory may differ by this much after any number of logins. */
#define HEAP_SLACK_BYTES (16 * 1024)
#define RESIDENT_SLACK_BYTES (256 * 1024)
#define MAX_LOGINS 4096

static const char* remote_host;
static int ready_fd = -1;
static int gate_fd = -1;
static long file_size = -1;
static long file_count = -1;
static int supervised;

/* --- Allocations that fail ---------------------------------------------- */

static long allocations; /* Of pam_authenticate. */
static long failing;     /* 0: none */
static int failing_for_good;
static int counting;

#if !defined(__SANITIZE_ADDRESS__)
extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* old, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static int Fails(void) {
  if (!counting) return 0;
  ++allocations;
  const int fails = failing != 0 && (failing_for_good ? allocations >= failing
                                                      : allocations == failing);
  if (fails) errno = ENOMEM;
  return fails;
}

void* malloc(size_t size) { return Fails() ? NULL : __libc_malloc(size); }
void* calloc(size_t count, size_t size) {
  return Fails() ? NULL : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  return Fails() ? NULL : __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) {
  return Fails() ? NULL : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return Fails() ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void** result, size_t alignment, size_t size) {
  if (Fails()) return ENOMEM;
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : ENOMEM;
}
#endif

/* --- System calls that a supervisor sees -------------------------------- */

static void LetBeSupervised(void) {
  /* dup3 and exit_group are not the module's. */
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_dup3, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
  };
  const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]),
                                     filter};
  const int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (listener < 0 || dup3(listener, PLAIN_HOST_LISTENER, O_CLOEXEC) < 0)
    _exit(PLAIN_HOST_NO_FILTER);
}

static void MarkEnd(void) { prctl(PLAIN_HOST_END_MARK, 0, 0, 0, 0); }

/* --- A login ------------------------------------------------------------ */

struct Login {
  const char* user;
  const char* answer;
  int prompts;
};

static int Converse(int count, const struct pam_message** messages,
                    struct pam_response** responses, void* data) {
  struct Login* login = data;
  struct pam_response* replies = calloc((size_t)count, sizeof(*replies));
  if (!replies) return PAM_BUF_ERR;
  for (int i = 0; i < count; ++i) {
    if (messages[i]->msg_style != PAM_PROMPT_ECHO_ON &&
        messages[i]->msg_style != PAM_PROMPT_ECHO_OFF)
      continue;
    ++login->prompts;
    if (ready_fd >= 0) {
      char byte = '.';
      if (write(ready_fd, &byte, 1) != 1) _exit(6);
      while (read(gate_fd, &byte, 1) > 0) continue;
    }
    replies[i].resp = strdup(login->answer);
    if (!replies[i].resp) {
      free(replies);
      return PAM_BUF_ERR;
    }
  }
  *responses = replies;
  return PAM_SUCCESS;
}

static void SetLimit(__rlimit_resource_t which, long value) {
  struct rlimit limit;
  getrlimit(which, &limit);
  limit.rlim_cur = (rlim_t)value;
  if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  setrlimit(which, &limit);
}

static int LogIn(struct Login* login, const char* stacks, const char* service) {
  const struct pam_conv conversation = {Converse, login};
  pam_handle_t* handle = NULL;
  int result =
      pam_start_confdir(service, login->user, &conversation, stacks, &handle);
  if (result != PAM_SUCCESS) return result;
  if (remote_host) pam_set_item(handle, PAM_RHOST, remote_host);

  struct rlimit old_size;
  struct rlimit old_count;
  getrlimit(RLIMIT_FSIZE, &old_size);
  getrlimit(RLIMIT_NOFILE, &old_count);
  if (file_size >= 0) SetLimit(RLIMIT_FSIZE, file_size);
  if (file_count >= 0) SetLimit(RLIMIT_NOFILE, file_count);
  if (supervised) LetBeSupervised();
  counting = 1;
  result = pam_authenticate(handle, 0);
  counting = 0;
  if (supervised) MarkEnd();
  setrlimit(RLIMIT_FSIZE, &old_size);
  setrlimit(RLIMIT_NOFILE, &old_count);

  pam_end(handle, result);
  return result;
}

/* --- The program -------------------------------------------------------- */

static void Differ(const char* before, const char* after) {
  while (*before && *before == *after) ++before, ++after;
  fprintf(stderr, "before: %.200s\nafter: %.200s\n", before, after);
}

/* Of memory, only what grows login after login counts. */
static int CompareStates(const struct HostState* first,
                         const struct HostState* before,
                         const struct HostState* after) {
  int differences = 0;
  if (strcmp(first->text, after->text) != 0) {
    Differ(first->text, after->text);
    ++differences;
  }
  fprintf(stderr, "heap %zu -> %zu, resident %zu -> %zu, mappings %zu -> %zu\n",
          before->heap_in_use, after->heap_in_use, before->resident,
          after->resident, before->mappings, after->mappings);
  if (after->heap_in_use > before->heap_in_use + HEAP_SLACK_BYTES)
    fprintf(stderr, "the heap grew\n"), ++differences;
  if (after->resident > before->resident + RESIDENT_SLACK_BYTES)
    fprintf(stderr, "resident memory grew\n"), ++differences;
  if (after->mappings > before->mappings + 1)
    fprintf(stderr, "mappings grew\n"), ++differences;
  return differences;
}

/* Things that a module could overwrite and a comparison would notice. */
static void MakeOwnState(void) {
  setlocale(LC_ALL, "C.UTF-8");
  setenv("HOST_VARIABLE", "kept", 1);
  umask(027);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR2);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  openlog("plain_host", LOG_PID | LOG_NDELAY, LOG_LOCAL3);
}

int main(int argc, char** argv) {
  long compare_after = -1;
  int tell_allocations = 0;
  long files_before_start = -1;
  uid_t real_uid = 0;
  for (int option;
       (option = getopt(argc, argv, "r:u:g:f:n:p:sxm:M:Ac:")) != -1;) {
    switch (option) {
      case 'r':
        remote_host = optarg;
        break;
      case 'u':
        real_uid = (uid_t)atoi(optarg);
        break;
      case 'g':
        if (sscanf(optarg, "%d,%d", &ready_fd, &gate_fd) != 2) return 2;
        break;
      case 'f':
        file_size = atol(optarg);
        break;
      case 'n':
        file_count = atol(optarg);
        break;
      case 'p':
        files_before_start = atol(optarg);
        break;
      case 's':
        supervised = 1;
        break;
      case 'x':
        LetBeSupervised();
        execv(argv[optind], argv + optind);
        _exit(127);
      case 'm':
        failing = atol(optarg);
        break;
      case 'M':
        failing = atol(optarg);
        failing_for_good = 1;
        break;
      case 'A':
        tell_allocations = 1;
        break;
      case 'c':
        compare_after = atol(optarg);
        break;
      default:
        return 2;
    }
  }
  if (argc - optind != 2) return 2;
  const char* stacks = argv[optind];
  const char* service = argv[optind + 1];

  static struct Login logins[MAX_LOGINS];
  int count = 0;
  static char line[2048];
  while (count < MAX_LOGINS && fgets(line, sizeof(line), stdin)) {
    line[strcspn(line, "\n")] = '\0';
    char* answer = strchr(line, ' ');
    if (!answer) return 2;
    *answer++ = '\0';
    logins[count].user = strdup(line);
    logins[count].answer = strdup(answer);
    ++count;
  }

  static struct HostState first;
  static struct HostState before;
  static struct HostState after;
  if (compare_after >= 0) MakeOwnState();
  if (real_uid && setresuid(real_uid, 0, 0) != 0) return 4;
  if (files_before_start >= 0) SetLimit(RLIMIT_NOFILE, files_before_start);

  if (compare_after >= 0) ReadHostState(&first);
  int denied = 0;
  for (int i = 0; i < count; ++i) {
    if (i == compare_after) ReadHostState(&before);
    const int result = LogIn(&logins[i], stacks, service);
    denied += result != PAM_SUCCESS;
    char text[64];
    const int size =
        snprintf(text, sizeof(text), "%d %ld\n", result,
                 tell_allocations ? allocations : (long)logins[i].prompts);
    if (write(STDOUT_FILENO, text, (size_t)size) != size) return 6;
  }
  if (compare_after < 0) return denied != 0;
  ReadHostState(&after);
  syslog(LOG_NOTICE, "host=done");
  return CompareStates(&first, &before, &after) ? 3 : 0;
}
