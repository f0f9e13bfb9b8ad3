// SPDX-License-Identifier: Apache-2.0
//
// pam_calls.cc - a PAM module that makes the system calls of pam_twofactor's
// login with a wrong code, or their like, and computes nothing: what such a
// login costs at least.  For scripts/bench only.
//
//   pam_calls.so FOLDER   the folder that the bench enrolled in

#include <fcntl.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace {

constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
constexpr std::size_t kLineSize = 148;  // Of the line in the log.

char content[3 * 4096];
struct stat status;

int Open(int folder, const char* name, int flags) {
  const int file = openat(folder, name, flags | kFlags);
  if (file >= 0) fstat(file, &status);
  return file;
}

int OpenFolder(int folder, const char* name) {
  return Open(folder, name, O_RDONLY | O_DIRECTORY);
}

void Read(int folder, const char* name) {
  const int file = Open(folder, name, O_RDONLY);
  [[maybe_unused]] const auto size =
      read(file, content, static_cast<std::size_t>(status.st_size));
  close(file);
}

void LookUp(const char* user) {
  char buffer[1024];
  passwd entry;
  passwd* found = nullptr;
  getpwnam_r(user, &entry, buffer, sizeof(buffer), &found);
}

void ReadBootId() {
  const int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY);
  [[maybe_unused]] const auto size = read(file, content, 36);
  close(file);
}

void Update(int home, int secrets, int lockout, const char* user) {
  rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  const int file = Open(lockout, user, O_RDWR);
  sigset_t stops, before;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTSTP);
  pthread_sigmask(SIG_BLOCK, &stops, &before);
  flock(file, LOCK_EX | LOCK_NB);
  fstat(file, &status);
  fstatat(lockout, user, &status, AT_SYMLINK_NOFOLLOW);
  [[maybe_unused]] auto size = pread(file, content, sizeof(content), 0);
  OpenFolder(home, "run/lockout");
  char state[4096];
  __builtin_memcpy(state, content + sizeof(state), sizeof(state));
  Read(secrets, user);
  ReadBootId();
  size = pwrite(file, state, sizeof(state), sizeof(state));
  flock(file, LOCK_UN);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(file);
}

void Log() {
  getpid();
  const int log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_un address{AF_UNIX, "/dev/log"};
  sendto(log, content, kLineSize, MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  close(log);
}

void LogIn(pam_handle_t* handle, const char* folder, const char* user) {
  getuid();
  const int home = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  Read(home, "twofactor.conf");
  OpenFolder(home, "twofactor.conf.d");
  LookUp(user);
  const int keys = OpenFolder(home, "keys");
  Read(keys, "keyring");
  const int state = OpenFolder(home, "state");
  const int secrets = OpenFolder(state, "secrets");
  const int lockout = OpenFolder(state, "lockout");
  fstatat(secrets, user, &status, AT_SYMLINK_NOFOLLOW);
  access("/etc/security/twofactor-delivery.conf", F_OK);
  char* answer = nullptr;
  pam_prompt(handle, PAM_PROMPT_ECHO_ON, &answer, "Verification code: ");
  std::free(answer);
  Update(home, secrets, lockout, user);
  Read(keys, "keyring");  // For the key, whose name the secret file tells.
  Log();
  for (const int each : {lockout, secrets, state, keys, home}) close(each);
}

}  // namespace

extern "C" {

int pam_sm_authenticate(pam_handle_t* handle, int, int argc,
                        const char** argv) {
  const char* user = nullptr;
  if (argc == 1 && pam_get_user(handle, &user, nullptr) == PAM_SUCCESS)
    LogIn(handle, argv[0], user);
  return PAM_AUTH_ERR;
}

int pam_sm_setcred(pam_handle_t*, int, int, const char**) {
  return PAM_SUCCESS;
}

}  // extern "C"
