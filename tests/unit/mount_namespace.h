// SPDX-License-Identifier: Apache-2.0
//
// mount_namespace.h - mounts that nobody else sees, for tests of full,
// read-only and missing disks.

#ifndef TWOFACTOR_TESTS_UNIT_MOUNT_NAMESPACE_H_
#define TWOFACTOR_TESTS_UNIT_MOUNT_NAMESPACE_H_

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/unit/expect.h"

namespace twofactor {

inline void RequireRoot() {
  if (geteuid() != 0) throw Skipped{"needs root"};
}

// Moves this process, for good, to a mount namespace of its own.  Skips the
// test where that is not permitted.
inline void EnterPrivateMounts() {
  RequireRoot();
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    throw Skipped{std::string("no mount namespace here: ") +
                  std::strerror(errno)};
}

// A tmpfs over `folder` until the object goes.
class TemporaryMount {
 public:
  explicit TemporaryMount(const std::string& folder,
                          const std::string& options = "size=4m,mode=700")
      : folder_(folder) {
    if (mount("tmpfs", folder_.c_str(), "tmpfs", 0, options.c_str()) != 0)
      throw Skipped{std::string("no tmpfs here: ") + std::strerror(errno)};
  }
  TemporaryMount(const TemporaryMount&) = delete;
  TemporaryMount& operator=(const TemporaryMount&) = delete;
  ~TemporaryMount() { umount2(folder_.c_str(), MNT_DETACH); }

  void MakeReadOnly() { Remount(MS_REMOUNT | MS_RDONLY); }
  void MakeWritable() { Remount(MS_REMOUNT); }

 private:
  void Remount(unsigned long flags) {
    if (mount("tmpfs", folder_.c_str(), "tmpfs", flags, nullptr) != 0)
      throw Failure{std::string("remount: ") + std::strerror(errno),
                    Where::current()};
  }
  std::string folder_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_MOUNT_NAMESPACE_H_
