// SPDX-License-Identifier: Apache-2.0
//
// confinement.cc - prctl(2), Landlock, seccomp(2).

#include "delivery_helper/confinement.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "core/base/audit_log.h"
#include "core/base/unique_fd.h"
#include "delivery_helper/resource_limits.h"

namespace twofactor::delivery {
namespace {

void LogLack(const char* what) {
  LogLine("confinement")
      .Add("lacks", what)
      .Add("error", errno)
      .Send(Severity::kInfo);
}

// Folders that names are looked up with, and certificates; then files that may
// be links to anywhere, as resolv.conf is with NetworkManager or connman: rules
// are made for what a link leads to.
constexpr const char* kReadable[] = {
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/nscd",
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ssl/openssl.cnf",
};

bool AllowReading(int rules, const char* path) {
  const UniqueFd folder(open(path, O_PATH | O_CLOEXEC));
  if (!folder) return true;  // What is not there need not be read.
  landlock_path_beneath_attr rule{};
  rule.allowed_access =
      LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
  rule.parent_fd = folder.get();
  if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule,
              0) == 0)
    return true;
  // A file can only have rights of files.
  rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
  return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
                 &rule, 0) == 0;
}

bool ForbidFiles(const std::vector<std::string>& files) {
  landlock_ruleset_attr handled{};
  // All that the first version of Landlock knows.
  handled.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  const UniqueFd rules(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0)));
  if (!rules) return false;
  for (const char* path : kReadable)
    if (!AllowReading(rules.get(), path)) return false;
  for (const std::string& path : files)
    if (!path.empty() && !AllowReading(rules.get(), path.c_str())) return false;
  return syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
}

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

#define REFUSE(call)                                                           \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1), \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

// The libc does without it.
#define REFUSE_AS_UNKNOWN(call)                                                \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1), \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)

// Numbers that headers of this age may lack; they are the same everywhere.
constexpr std::uint32_t kProcessMadvise = 440;
constexpr std::uint32_t kFileModeAt2 = 452;  // fchmodat2(2)
constexpr std::uint32_t kSetXattrAt = 463;
constexpr std::uint32_t kRemoveXattrAt = 466;
constexpr std::uint32_t kFileSetAttr = 469;

// But where the argument is the process itself, by its id or as 0.
#define REFUSE_BUT_ON(process, call, argument)                                 \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 5), \
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                       \
               offsetof(seccomp_data, args[argument])),                        \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, process, 2, 0),                      \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),                            \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),                    \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

#define REFUSE_WITH(call, argument, value)                                     \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4), \
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                       \
               offsetof(seccomp_data, args[argument])),                        \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),                        \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),                    \
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))

// Landlock, as far as it is asked, lets O_TRUNC empty a file that is opened for
// reading.
#define REFUSE_BUT_FOR_READING(call, flags)                                    \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4), \
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[flags])), \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_ACCMODE | O_CREAT | O_TRUNC, 0,   \
               1),                                                             \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),                    \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

bool ForbidCalls() {
  if (kArchitecture == 0) {
    errno = ENOSYS;
    return false;
  }
  // As who it is sent signals here, and it does not fork any more.
  const auto self = static_cast<std::uint32_t>(getpid());
  sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
#if defined(__x86_64__)
    // Numbers of x32.
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    REFUSE(SYS_fork),
    REFUSE(SYS_vfork),
    REFUSE(SYS_creat),
    REFUSE_BUT_FOR_READING(SYS_open, 1),
    REFUSE(SYS_chmod),
    REFUSE(SYS_chown),
    REFUSE(SYS_lchown),
    REFUSE(SYS_utime),
    REFUSE(SYS_utimes),
    REFUSE(SYS_futimesat),
#endif
    REFUSE_BUT_FOR_READING(SYS_openat, 2),
    REFUSE_AS_UNKNOWN(SYS_openat2),  // Its flags cannot be seen.
    REFUSE(SYS_truncate),
    // Nor does Landlock keep what else a file's owner may do to it.
    REFUSE(SYS_fchmod),
    REFUSE(SYS_fchmodat),
    REFUSE(kFileModeAt2),
    REFUSE(SYS_fchown),
    REFUSE(SYS_fchownat),
    REFUSE(SYS_utimensat),
    REFUSE(SYS_setxattr),
    REFUSE(SYS_lsetxattr),
    REFUSE(SYS_fsetxattr),
    REFUSE(kSetXattrAt),
    REFUSE(SYS_removexattr),
    REFUSE(SYS_lremovexattr),
    REFUSE(SYS_fremovexattr),
    REFUSE(kRemoveXattrAt),
    REFUSE(kFileSetAttr),
    REFUSE(SYS_execve),
    REFUSE(SYS_execveat),
    REFUSE(SYS_ptrace),
    REFUSE(SYS_process_vm_readv),
    REFUSE(SYS_process_vm_writev),
    REFUSE(kProcessMadvise),
    REFUSE(SYS_pidfd_getfd),
    // Other processes of the same user: helpers of other logins.
    REFUSE(SYS_kill),
    REFUSE(SYS_tkill),
    REFUSE_BUT_ON(self, SYS_tgkill, 0),
    REFUSE(SYS_rt_sigqueueinfo),
    REFUSE(SYS_rt_tgsigqueueinfo),
    REFUSE(SYS_pidfd_send_signal),
    // Whom a file sends a signal, which may be any.
    REFUSE_WITH(SYS_fcntl, 1, F_SETOWN),
    REFUSE_WITH(SYS_fcntl, 1, F_SETOWN_EX),
    REFUSE_WITH(SYS_ioctl, 1, FIOSETOWN),
    REFUSE_WITH(SYS_ioctl, 1, SIOCSPGRP),
    REFUSE_BUT_ON(self, SYS_prlimit64, 0),
    REFUSE(SYS_setsid),
    REFUSE(SYS_setpgid),
    REFUSE(SYS_unshare),
    REFUSE(SYS_setns),
    REFUSE(SYS_mount),
    REFUSE(SYS_bpf),
    REFUSE(SYS_perf_event_open),
    REFUSE(SYS_userfaultfd),
    REFUSE(SYS_io_uring_setup),
    REFUSE(SYS_keyctl),
    REFUSE(SYS_add_key),
    REFUSE(SYS_request_key),
    // Nor can those of clone3(2); with clone(2), threads alone.
    REFUSE_AS_UNKNOWN(SYS_clone3),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof(filter) / sizeof(filter[0]), filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

}  // namespace

bool Confine(const std::vector<std::string>& files) {
  LimitResources();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if (!ForbidFiles(files)) LogLack("landlock");
  if (!ForbidCalls()) LogLack("seccomp");
  return true;
}

}  // namespace twofactor::delivery
