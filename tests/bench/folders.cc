// SPDX-License-Identifier: Apache-2.0
//
// folders.cc - copying, linking, syncing.

#include "folders.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "figures.h"

namespace bench {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Die("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Rewrites in place, so that a file keeps its inode, owner and mode.
void CopyFile(const std::string& from, const std::string& to) {
  const std::string bytes = ReadFile(from);
  const int fd = open(to.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 ||
      write(fd, bytes.data(), bytes.size()) !=
          static_cast<ssize_t>(bytes.size()) ||
      ftruncate(fd, static_cast<off_t>(bytes.size())) != 0 || close(fd) != 0)
    Die("cannot write " + to);
}

}  // namespace

void Restore(const std::vector<std::pair<std::string, std::string>>& folders) {
  if (folders.empty()) return;
  for (const auto& [from, to] : folders) {
    DIR* folder = opendir(from.c_str());
    if (folder == nullptr) Die("cannot open " + from);
    while (const dirent* entry = readdir(folder))
      if (entry->d_name[0] != '.')
        CopyFile(from + "/" + entry->d_name, to + "/" + entry->d_name);
    closedir(folder);
  }
  const std::string& folder = folders.back().second;
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || syncfs(fd) != 0) Die("cannot sync " + folder);
  close(fd);
}

// Hard links of copies: a directory does not care, and the files that logins
// open keep their one name.
void Fill(const std::string& folder, std::size_t wanted) {
  constexpr std::size_t kLinksOfOne = 50'000;  // ext4 allows 65,000.
  std::string real;
  std::size_t count = 0;
  DIR* entries = opendir(folder.c_str());
  if (entries == nullptr) Die("cannot open " + folder);
  while (const dirent* entry = readdir(entries)) {
    if (entry->d_name[0] == '.') continue;
    real = folder + "/" + entry->d_name;
    ++count;
  }
  closedir(entries);
  if (real.empty()) Die("nothing in " + folder);
  std::string source;
  for (std::size_t made = 0; count < wanted; ++made, ++count) {
    const std::string name = folder + "/filler" + std::to_string(made);
    if (made % kLinksOfOne == 0) {
      CopyFile(real, source = name);
    } else if (link(source.c_str(), name.c_str()) != 0) {
      Die("cannot link " + name);
    }
  }
}

void MeasureDisk(const std::string& folder) {
  const std::string path = folder + "/fdatasync";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::vector<char> page(4096, 'x');
  std::vector<std::int64_t> times;
  for (int i = 0; i < 101; ++i) {
    page[0] = static_cast<char>(i);
    if (pwrite(fd, page.data(), page.size(), 0) != 4096) Die("write failed");
    const std::int64_t start = Nanoseconds();
    if (fdatasync(fd) != 0) Die("fdatasync failed");
    if (i > 0) times.push_back(Nanoseconds() - start);
  }
  close(fd);
  unlink(path.c_str());
  std::printf("median=%lld p10=%lld p90=%lld\n",
              static_cast<long long>(Quantile(times, 0.5)),
              static_cast<long long>(Quantile(times, 0.1)),
              static_cast<long long>(Quantile(times, 0.9)));
}

}  // namespace bench
