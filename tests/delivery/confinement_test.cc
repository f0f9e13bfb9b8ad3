// SPDX-License-Identifier: Apache-2.0
//
// confinement_test.cc - what a helper that talks to the network is, seen from
// outside, and what one that was taken over could do.

#include "delivery_helper/confinement.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>
#include <sstream>
#include <thread>

#include "tests/delivery/delivery_host.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

constexpr long kFileModeAt2 = 452;  // fchmodat2(2), in newer headers.
constexpr uid_t kUser = 61099;      // _twofactor of private_host.sh.

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// --- from outside -----------------------------------------------------------

// A helper that is connected to a server which says nothing.
class HangingHelper {
 public:
  HangingHelper() {
    host_.ConfigureSmtp(2530);
    login_ = std::thread([this] {
      (void)ProcessCourier(host_.settings, SystemClock())
          .Send({.kind = MessageKind::kAddressCheck,
                 .address = "alice@example.org",
                 .user = "alice",
                 .code = Secret::CopyOf(AsBytes(kSentCode)),
                 .good_for = std::chrono::minutes(15)});
    });
    for (int tries = 0; tries < 400 && !IsConnected(); ++tries) usleep(20000);
    const std::string found = Run({"pgrep", "-u", "_twofactor"}).output;
    process_ = "/proc/" + found.substr(0, found.find('\n'));
  }
  ~HangingHelper() {
    Run({"pkill", "-KILL", "-u", "_twofactor"});
    login_.join();
  }
  HangingHelper(const HangingHelper&) = delete;
  HangingHelper& operator=(const HangingHelper&) = delete;

  bool IsConnected() const {
    // To port 2530, and established.
    return Contains(ReadFile("/proc/net/tcp"), ":09E2 01 ");
  }

  // The folder below /proc.
  const std::string& process() const { return process_; }
  std::string Of(const std::string& name) const {
    return ReadFile(process_ + "/" + name);
  }
  LogReader& log() { return host_.log(); }

 private:
  DeliveryHost host_;
  std::thread login_;
  std::string process_ = "/proc/none";
};

CASE(helper_that_talks_has_the_rights_of_its_user_and_no_others) {
  HangingHelper helper;
  const std::string status = helper.Of("status");
  EXPECT(helper.IsConnected(), "it does not talk: %s", status.c_str());
  for (const char* line :
       {"Uid:\t61099\t61099\t61099\t61099\n",
        "Gid:\t61099\t61099\t61099\t61099\n", "Groups:\t \n",
        "CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000000\n",
        "CapEff:\t0000000000000000\n", "CapAmb:\t0000000000000000\n",
        "NoNewPrivs:\t1\n"})
    EXPECT(Contains(status, line), "no %s in\n%s", line, status.c_str());
  if (!helper.log().Has({"event=confinement", "lacks=seccomp"}))
    EXPECT(Contains(status, "Seccomp:\t2\n"), "%s", status.c_str());
}

CASE(helper_that_talks_has_nothing_of_the_login_process) {
  const int kept = open("/etc/shadow", O_RDONLY);  // Not close-on-exec.
  const HangingHelper helper;
  close(kept);
  EXPECT(helper.IsConnected(), "it does not talk");
  EXPECT(helper.Of("environ").empty(), "%s", helper.Of("environ").c_str());

  for (const auto& entry :
       std::filesystem::directory_iterator(helper.process() + "/fd")) {
    const int file = std::stoi(entry.path().filename());
    const std::string what = std::filesystem::read_symlink(entry.path());
    const bool fits = file == 2  ? what == "/dev/null"
                      : file < 2 ? what.starts_with("pipe:")
                                 : what.starts_with("socket:") ||
                                       what.starts_with("anon_inode:");
    EXPECT(fits, "%d is %s", file, what.c_str());
  }

  // After the name, which stands in parentheses.
  std::string stat = helper.Of("stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string state;
  pid_t parent = 0, group = 0, session = 0;
  int terminal = -1;
  fields >> state >> parent >> group >> session >> terminal;
  const pid_t self = std::stoi(stat);
  EXPECT(group == self && session == self && terminal == 0, "%s", stat.c_str());
}

CASE(helper_that_talks_is_limited) {
  const HangingHelper helper;
  EXPECT(helper.IsConnected(), "it does not talk");
  const std::string limits = helper.Of("limits");
  const struct {
    const char* name;
    std::uint64_t most;
  } rows[] = {{"Max core file size", 0},  {"Max cpu time", 30},
              {"Max open files", 256},    {"Max processes", 512},
              {"Max file size", 1 << 20}, {"Max address space", 1 << 30},
              {"Max locked memory", 0}};
  for (const auto& row : rows) {
    const auto at = limits.find(row.name);
    EXPECT(at != std::string::npos, "no %s in\n%s", row.name, limits.c_str());
    std::istringstream fields(limits.substr(at + std::strlen(row.name)));
    std::uint64_t soft = ~0ULL, hard = ~0ULL;
    fields >> soft >> hard;
    EXPECT(soft == row.most && hard == row.most, "%s\n%s", row.name,
           limits.c_str());
  }
}

// Programs that core dumps are piped to get them whatever the limit is.
CASE(helper_that_talks_is_dumped_by_nobody) {
  const HangingHelper helper;
  EXPECT(helper.IsConnected(), "it does not talk");
  struct stat memory {};
  // root's if, and only if, the process cannot be dumped: proc(5).
  EXPECT(stat((helper.process() + "/mem").c_str(), &memory) == 0, "no mem");
  EXPECT(memory.st_uid == 0, "it belongs to %u", memory.st_uid);
}

// --- from inside ------------------------------------------------------------

void SkipWithoutLandlock() {
  if (syscall(SYS_landlock_create_ruleset, nullptr, 0,
              LANDLOCK_CREATE_RULESET_VERSION) < 1)
    SkipProgram(std::string("this kernel has no Landlock: ") +
                std::strerror(errno));
}

void SkipWithoutFilter() {
#if !defined(__x86_64__) && !defined(__aarch64__)
  SkipProgram("system calls are filtered on x86-64 and arm64 only");
#endif
}

// `run` gets a folder of the user's, with "file" and "configured" in it, and
// returns 0 or the errno.
struct Attempt {
  const char* what;
  int free;      // What a process of the user gets.
  int confined;  // What it gets behind Confine().
  int (*run)(const std::string& folder);
};

int ErrnoOf(long result) { return result < 0 ? errno : 0; }

int Open(const std::string& path, int flags) {
  return ErrnoOf(open(path.c_str(), flags | O_CLOEXEC, 0600));
}

std::string OwnFolder(const TestHost& host) {
  const std::string folder = host.folder() + "/own";
  std::filesystem::remove_all(folder);
  mkdir(folder.c_str(), 0700);
  for (const std::string& name :
       {folder + "/file", folder + "/configured", std::string("/etc/own")})
    WriteFile(name, "text");
  Run({"chown", "-R", "_twofactor", folder, "/etc/own"});
  return folder;
}

pid_t neighbour = 0;

// Another process of the user: a helper of another login, say.
class Neighbour {
 public:
  Neighbour() {
    int ready[2];
    EXPECT(pipe(ready) == 0, "pipe");
    id_ = fork();
    if (id_ == 0) {
      if (setgroups(0, nullptr) != 0 || setresgid(kUser, kUser, kUser) != 0 ||
          setresuid(kUser, kUser, kUser) != 0)
        _exit(1);
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      close(ready[1]);
      while (true) pause();
    }
    // Only then may others of the user signal it.
    close(ready[1]);
    char none = 0;
    EXPECT(read(ready[0], &none, 1) == 0, "read");
    close(ready[0]);
    neighbour = id_;
  }
  ~Neighbour() {
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

 private:
  pid_t id_ = 0;
};

enum class As : std::uint8_t { kFree, kConfined };

int Outcome(const Attempt& attempt, As as, const std::string& folder) {
  const pid_t child = fork();
  if (child == 0) {
    if (setgroups(0, nullptr) != 0 || setresgid(kUser, kUser, kUser) != 0 ||
        setresuid(kUser, kUser, kUser) != 0)
      _exit(255);
    if (as == As::kConfined && !delivery::Confine({folder + "/configured"}))
      _exit(254);
    _exit(attempt.run(folder));
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void ExpectOutcomes(std::span<const Attempt> attempts) {
  const TestHost host;
  const Neighbour living;
  for (const Attempt& attempt : attempts) {
    const int free = Outcome(attempt, As::kFree, OwnFolder(host));
    EXPECT(free == attempt.free, "%s, free: %s", attempt.what,
           std::strerror(free));
    const int confined = Outcome(attempt, As::kConfined, OwnFolder(host));
    EXPECT(confined == attempt.confined, "%s, confined: %s", attempt.what,
           std::strerror(confined));
  }
}

CASE(confined_helper_reads_only_what_it_needs) {
  SkipWithoutLandlock();
  const Attempt attempts[] = {
      {"what is configured", 0, 0,
       [](const std::string& folder) {
         return Open(folder + "/configured", O_RDONLY);
       }},
      {"/etc", 0, 0,
       [](const std::string&) { return Open("/etc/passwd", O_RDONLY); }},
      {"/usr", 0, 0,
       [](const std::string&) { return Open("/usr/share", O_RDONLY); }},
      {"a file elsewhere", 0, EACCES,
       [](const std::string& folder) {
         return Open(folder + "/file", O_RDONLY);
       }},
      {"a folder elsewhere", 0, EACCES,
       [](const std::string& folder) { return Open(folder, O_RDONLY); }},
      {"/proc", 0, EACCES,
       [](const std::string&) { return Open("/proc/self/status", O_RDONLY); }},
      {"/dev", 0, EACCES,
       [](const std::string&) { return Open("/dev/zero", O_RDONLY); }},
  };
  ExpectOutcomes(attempts);
}

CASE(confined_helper_changes_no_folder) {
  SkipWithoutLandlock();
  const Attempt attempts[] = {
      {"mkdir", 0, EACCES,
       [](const std::string& folder) {
         return ErrnoOf(mkdir((folder + "/new").c_str(), 0700));
       }},
      {"mkfifo", 0, EACCES,
       [](const std::string& folder) {
         return ErrnoOf(mkfifo((folder + "/new").c_str(), 0700));
       }},
      {"symlink", 0, EACCES,
       [](const std::string& folder) {
         return ErrnoOf(symlink("/etc", (folder + "/new").c_str()));
       }},
      {"link", 0, EACCES,
       [](const std::string& folder) {
         return ErrnoOf(
             link((folder + "/file").c_str(), (folder + "/new").c_str()));
       }},
      {"rename", 0, EACCES,
       [](const std::string& folder) {
         return ErrnoOf(
             rename((folder + "/file").c_str(), (folder + "/new").c_str()));
       }},
      {"unlink", 0, EACCES,
       [](const std::string& folder) {
         return ErrnoOf(unlink((folder + "/configured").c_str()));
       }},
  };
  ExpectOutcomes(attempts);
}

CASE(confined_helper_opens_files_for_reading_alone) {
  SkipWithoutFilter();
  const Attempt attempts[] = {
      {"what is configured", 0, EPERM,
       [](const std::string& folder) {
         return Open(folder + "/configured", O_WRONLY);
       }},
      {"/etc", 0, EPERM,
       [](const std::string&) { return Open("/etc/own", O_RDWR); }},
      {"O_APPEND", 0, EPERM,
       [](const std::string& folder) {
         return Open(folder + "/file", O_WRONLY | O_APPEND);
       }},
      {"O_CREAT", 0, EPERM,
       [](const std::string& folder) {
         return Open(folder + "/new", O_RDONLY | O_CREAT);
       }},
      // Needs no file that is open for writing.
      {"O_TRUNC", 0, EPERM,
       [](const std::string& folder) {
         return Open(folder + "/configured", O_RDONLY | O_TRUNC);
       }},
      {"truncate", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(truncate((folder + "/configured").c_str(), 0));
       }},
      {"openat2", 0, ENOSYS,
       [](const std::string& folder) {
         const open_how how{.flags = O_WRONLY, .mode = 0, .resolve = 0};
         return ErrnoOf(syscall(SYS_openat2, AT_FDCWD,
                                (folder + "/configured").c_str(), &how,
                                sizeof(how)));
       }},
#ifdef SYS_open
      {"open", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(syscall(SYS_open, (folder + "/configured").c_str(),
                                O_RDONLY | O_TRUNC));
       }},
      {"creat", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(
             syscall(SYS_creat, (folder + "/configured").c_str(), 0600));
       }},
#endif
  };
  ExpectOutcomes(attempts);
}

// A credential may belong to the user whom the helper runs as.
CASE(confined_helper_changes_nothing_of_a_file_of_its_own) {
  SkipWithoutFilter();
  const Attempt attempts[] = {
      {"fchmodat", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(
             fchmodat(AT_FDCWD, (folder + "/configured").c_str(), 0666, 0));
       }},
      {"fchmod", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(
             fchmod(open((folder + "/configured").c_str(), O_RDONLY), 0666));
       }},
      {"fchmodat2", 0, EPERM,
       [](const std::string& folder) {
         const long result = syscall(kFileModeAt2, AT_FDCWD,
                                     (folder + "/configured").c_str(), 0666, 0);
         // Where the kernel has none, none is needed.
         return result < 0 && errno == ENOSYS ? 0 : ErrnoOf(result);
       }},
      {"fchownat", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(fchownat(AT_FDCWD, (folder + "/configured").c_str(),
                                 kUser, kUser, 0));
       }},
      {"fchown", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(fchown(open((folder + "/configured").c_str(), O_RDONLY),
                               kUser, kUser));
       }},
      {"utimensat", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(
             utimensat(AT_FDCWD, (folder + "/configured").c_str(), nullptr, 0));
       }},
#ifdef SYS_chmod
      {"chmod", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(
             syscall(SYS_chmod, (folder + "/configured").c_str(), 0666));
       }},
      {"chown", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(syscall(SYS_chown, (folder + "/configured").c_str(),
                                kUser, kUser));
       }},
      {"lchown", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(syscall(SYS_lchown, (folder + "/configured").c_str(),
                                kUser, kUser));
       }},
      {"utime", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(
             syscall(SYS_utime, (folder + "/configured").c_str(), nullptr));
       }},
      {"utimes", 0, EPERM,
       [](const std::string& folder) {
         return ErrnoOf(
             syscall(SYS_utimes, (folder + "/configured").c_str(), nullptr));
       }},
#endif
      // Not every file system has attributes, so the answer is no-such-one.
      {"removexattr", ENODATA, EPERM,
       [](const std::string& folder) {
         const int answer = ErrnoOf(
             removexattr((folder + "/configured").c_str(), "user.none"));
         return answer == ENOTSUP ? ENODATA : answer;
       }},
      {"setxattr", ENODATA, EPERM,
       [](const std::string& folder) {
         const int answer =
             ErrnoOf(setxattr((folder + "/configured").c_str(), "user.none", "",
                              0, XATTR_REPLACE));
         return answer == ENOTSUP ? ENODATA : answer;
       }},
  };
  ExpectOutcomes(attempts);
}

CASE(confined_helper_reaches_no_other_process) {
  SkipWithoutFilter();
  const Attempt attempts[] = {
      {"kill", 0, EPERM,
       [](const std::string&) { return ErrnoOf(kill(neighbour, 0)); }},
      {"tkill", 0, EPERM,
       [](const std::string&) {
         return ErrnoOf(syscall(SYS_tkill, neighbour, 0));
       }},
      {"tgkill", 0, EPERM,
       [](const std::string&) {
         return ErrnoOf(syscall(SYS_tgkill, neighbour, neighbour, 0));
       }},
      // abort(3) and the libc's threads need it.
      {"tgkill of its own", 0, 0,
       [](const std::string&) {
         return ErrnoOf(syscall(SYS_tgkill, getpid(), gettid(), 0));
       }},
      {"rt_sigqueueinfo", 0, EPERM,
       [](const std::string&) {
         siginfo_t what{};
         what.si_code = SI_QUEUE;
         return ErrnoOf(syscall(SYS_rt_sigqueueinfo, neighbour, 0, &what));
       }},
      {"rt_tgsigqueueinfo", 0, EPERM,
       [](const std::string&) {
         siginfo_t what{};
         what.si_code = SI_QUEUE;
         return ErrnoOf(
             syscall(SYS_rt_tgsigqueueinfo, neighbour, neighbour, 0, &what));
       }},
      {"pidfd_send_signal", 0, EPERM,
       [](const std::string&) {
         const long process = syscall(SYS_pidfd_open, neighbour, 0);
         return ErrnoOf(syscall(SYS_pidfd_send_signal, process, 0, nullptr, 0));
       }},
      {"F_SETOWN", 0, EPERM,
       [](const std::string&) {
         return ErrnoOf(
             fcntl(socket(AF_UNIX, SOCK_STREAM, 0), F_SETOWN, neighbour));
       }},
      {"F_SETOWN_EX", 0, EPERM,
       [](const std::string&) {
         const f_owner_ex owner{F_OWNER_PID, neighbour};
         return ErrnoOf(
             fcntl(socket(AF_UNIX, SOCK_STREAM, 0), F_SETOWN_EX, &owner));
       }},
      {"FIOSETOWN", 0, EPERM,
       [](const std::string&) {
         return ErrnoOf(
             ioctl(socket(AF_UNIX, SOCK_STREAM, 0), FIOSETOWN, &neighbour));
       }},
      {"SIOCSPGRP", 0, EPERM,
       [](const std::string&) {
         return ErrnoOf(
             ioctl(socket(AF_UNIX, SOCK_STREAM, 0), SIOCSPGRP, &neighbour));
       }},
      {"other calls of fcntl", 0, 0,
       [](const std::string&) {
         return ErrnoOf(fcntl(socket(AF_UNIX, SOCK_STREAM, 0), F_GETFL));
       }},
      {"prlimit", 0, EPERM,
       [](const std::string&) {
         rlimit limits{};
         return ErrnoOf(prlimit(neighbour, RLIMIT_CPU, nullptr, &limits));
       }},
      {"prlimit of its own", 0, 0,
       [](const std::string&) {
         rlimit limits{};
         return ErrnoOf(getrlimit(RLIMIT_NOFILE, &limits));
       }},
      {"ptrace", 0, EPERM,
       [](const std::string&) { return ErrnoOf(ptrace(PTRACE_TRACEME)); }},
      // Of itself, as other rules of the host's may forbid the rest.
      {"pidfd_getfd", 0, EPERM,
       [](const std::string&) {
         const long process = syscall(SYS_pidfd_open, getpid(), 0);
         return ErrnoOf(syscall(SYS_pidfd_getfd, process, 0, 0));
       }},
      {"process_vm_readv", 0, EPERM,
       [](const std::string&) {
         char from = 1;
         char to = 0;
         const iovec local{&to, 1};
         const iovec remote{&from, 1};
         return ErrnoOf(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
       }},
      {"process_vm_writev", 0, EPERM,
       [](const std::string&) {
         char from = 1;
         char to = 0;
         const iovec local{&from, 1};
         const iovec remote{&to, 1};
         return ErrnoOf(process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
       }},
  };
  ExpectOutcomes(attempts);
}

CASE(confined_helper_makes_threads_and_no_processes) {
  SkipWithoutFilter();
  const Attempt attempts[] = {
      {"a thread", 0, 0,
       [](const std::string&) {
         std::thread([] {}).join();
         return 0;
       }},
      {"fork", 0, EPERM,
       [](const std::string&) {
         const pid_t child = fork();
         if (child == 0) _exit(0);
         return ErrnoOf(child);
       }},
      {"execve", ENOENT, EPERM,
       [](const std::string&) {
         return ErrnoOf(execl("/nonexistent", "x", nullptr));
       }},
      {"setsid", 0, EPERM,
       [](const std::string&) { return ErrnoOf(setsid()); }},
      {"setpgid", 0, EPERM,
       [](const std::string&) { return ErrnoOf(setpgid(0, 0)); }},
  };
  ExpectOutcomes(attempts);
}

// Mail over a name of /etc/hosts, to a server whom a CA of the system's signed.
void ConfigureBySystem(DeliveryHost& host) {
  host.Configure(
      "email = smtp\nemail_from = host@example.org\nemail_template = " +
      host.FileOf("email.txt") +
      "\nsmtp_server = gateway.test\nsmtp_port = 2525\nsmtp_user = host\n"
      "smtp_password_file = " +
      host.FileOf("password") + "\n");
}

constexpr char kBundle[] = "/etc/ssl/certs/ca-certificates.crt";

// As NetworkManager has it with resolv.conf, and others with certificates.
CASE(confined_helper_reads_what_the_systems_files_are_links_to) {
  DeliveryHost host;
  ConfigureBySystem(host);
  const struct {
    const char* file;
    std::string content;
    std::string linked;
  } rows[] = {
      {kBundle, ReadFile(host.Shared("ca.pem")), host.FileOf("bundle")},
      {"/etc/hosts", ReadFile("/etc/hosts"), host.FileOf("hosts")},
      {"/etc/nsswitch.conf", ReadFile("/etc/nsswitch.conf"),
       host.FileOf("names")},
  };
  for (const auto& row : rows) {
    host.Put(std::filesystem::path(row.linked).filename(), row.content, 0644);
    unlink(row.file);
    EXPECT(symlink(row.linked.c_str(), row.file) == 0, "%s", row.file);
    ExpectReport(host.Deliver("alice@example.org"), Stage::kDone, "", row.file);
  }
}

// The folder of certificates has links, too, which the helper follows only to
// where it may read.
CASE(confined_helper_itself_reads_nothing_else) {
  SkipWithoutLandlock();
  DeliveryHost host;
  ConfigureBySystem(host);
  unlink(kBundle);
  WriteFile(kBundle, ReadFile(host.Shared("foreign.crt")));
  chmod(kBundle, 0644);
  std::string hash =
      Run({"openssl", "x509", "-noout", "-hash", "-in", host.Shared("ca.pem")})
          .output;
  hash.resize(std::min(hash.find('\n'), hash.size()));
  const std::string link = "/etc/ssl/certs/" + hash + ".0";
  const struct {
    std::string file;
    Stage stage;
  } rows[] = {{"/etc/ca.of.this.test", Stage::kDone},
              {host.FileOf("ca.of.this.test"), Stage::kTls}};
  for (const auto& row : rows) {
    WriteFile(row.file, ReadFile(host.Shared("ca.pem")));
    chmod(row.file.c_str(), 0644);
    unlink(link.c_str());
    EXPECT(symlink(row.file.c_str(), link.c_str()) == 0, "symlink");
    ExpectReport(host.Deliver("alice@example.org"), row.stage, "",
                 row.file.c_str());
  }
}

}  // namespace
