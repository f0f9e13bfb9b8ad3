// SPDX-License-Identifier: Apache-2.0
//
// temporary_folder.h - a folder of root's, gone when the test is over.

#ifndef TWOFACTOR_TESTS_UNIT_TEMPORARY_FOLDER_H_
#define TWOFACTOR_TESTS_UNIT_TEMPORARY_FOLDER_H_

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/unit/expect.h"
#include "tests/unit/mount_namespace.h"

namespace twofactor {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    RequireRoot();
    char name[] = "/tmp/twofactor-test-XXXXXX";
    Expect(mkdtemp(name) != nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

inline void WriteFile(const std::string& path, std::string_view content,
                      mode_t mode = 0600) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  Expect(chmod(path.c_str(), mode) == 0, path);
}

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Expect(file.is_open(), path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every name in a folder, those that start with a dot too.
inline std::set<std::string> NamesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename());
  return names;
}

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_TEMPORARY_FOLDER_H_
