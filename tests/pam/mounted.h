// SPDX-License-Identifier: Apache-2.0
//
// mounted.h - a folder that can be made read-only and writable again.

#ifndef TWOFACTOR_TESTS_PAM_MOUNTED_H_
#define TWOFACTOR_TESTS_PAM_MOUNTED_H_

#include <sys/mount.h>

#include <string>
#include <utility>

#include "tests/pam/cmocka_case.h"

namespace twofactor::test {

class Mounted {
 public:
  explicit Mounted(std::string folder) : folder_(std::move(folder)) {
    EXPECT(
        mount(folder_.c_str(), folder_.c_str(), nullptr, MS_BIND, nullptr) == 0,
        "mounting %s on itself", folder_.c_str());
  }
  ~Mounted() { umount2(folder_.c_str(), MNT_DETACH); }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;

  void MakeReadOnly() { Remount(MS_RDONLY); }
  void MakeWritable() { Remount(0); }

 private:
  void Remount(unsigned long flags) {
    EXPECT(mount(nullptr, folder_.c_str(), nullptr,
                 MS_REMOUNT | MS_BIND | flags, nullptr) == 0,
           "remounting %s", folder_.c_str());
  }

  std::string folder_;
};

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_PAM_MOUNTED_H_
