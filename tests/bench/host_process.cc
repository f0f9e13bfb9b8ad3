// SPDX-License-Identifier: Apache-2.0
//
// host_process.cc - dlopen(3), getpwnam(3), /proc/self.

#include "host_process.h"

#include <dlfcn.h>
#include <link.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string_view>

#include "figures.h"

namespace bench {

void UseLibcrypto() {
  void* library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) Die("libcrypto.so.3 is not installed");
  using Sha256 = const void* (*)();
  using Digest = int (*)(const void*, std::size_t, unsigned char*, unsigned*,
                         const void*, void*);
  const auto sha256 = reinterpret_cast<Sha256>(dlsym(library, "EVP_sha256"));
  const auto digest = reinterpret_cast<Digest>(dlsym(library, "EVP_Digest"));
  unsigned char out[64];
  unsigned size = 0;
  if (digest("x", 1, out, &size, sha256(), nullptr) != 1)
    Die("EVP_Digest failed");
}

void UseNameService() {
  if (getpwnam("root") == nullptr) Die("no user root");
}

Memory MeasureMemory() {
  char program[4096] = {};
  if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
    Die("cannot read /proc/self/exe");
  std::ifstream file("/proc/self/smaps");
  bool counts = false;
  Memory sum;
  const auto add = [&](const std::string& line, std::string_view key,
                       long& to) {
    if (line.starts_with(key)) to += std::atol(line.c_str() + key.size());
  };
  for (std::string line; std::getline(file, line);) {
    const bool heads_mapping = line[0] < 'A' || line[0] > 'Z';
    if (heads_mapping) counts = !line.ends_with(program);
    if (!counts) continue;
    add(line, "Rss:", sum.resident);
    add(line, "Anonymous:", sum.unshared);
  }
  return sum;
}

std::set<std::string> SharedObjects() {
  std::set<std::string> names;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        static_cast<std::set<std::string>*>(data)->insert(info->dlpi_name);
        return 0;
      },
      &names);
  return names;
}

}  // namespace bench
