// SPDX-License-Identifier: Apache-2.0
//
// batch_output_test.cc - enroll --batch --output: the file may hold the only
// copy of a key, so it stays once there is one in it.

#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>

#include "tests/pam/cmocka_case.h"
#include "tests/tool/tool_host.h"

namespace twofactor::test {
namespace {

constexpr int kUsers = 60;

// A disk of one page for the keys of 60 users.
class SmallDisk {
 public:
  explicit SmallDisk(const ToolHost& host, const std::string& folder)
      : folder_(folder), users_(folder + ".tsv") {
    mkdir(folder_.c_str(), 0700);
    EXPECT(mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=4k") == 0,
           "mounting a small disk");
    std::string lines;
    for (int i = 0; i < kUsers; ++i) lines += "user" + std::to_string(i) + "\n";
    WriteFile(users_, lines);
    command_ =
        host.ToolCommand({"enroll", "--batch", users_, "--output", keys()});
  }
  ~SmallDisk() { umount(folder_.c_str()); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  std::string keys() const { return folder_ + "/keys"; }
  std::string filler() const { return folder_ + "/filler"; }
  Exit Enroll() const { return Run(command_); }
  // From the `first` time on, syncing the file fails.
  Exit EnrollWithoutSync(int first) const {
    std::vector<std::string> command{
        "strace",
        "-o",
        "/dev/null",
        "-P",
        keys(),
        "-e",
        "inject=fsync:error=EIO:when=" + std::to_string(first) + "+"};
    command.insert(command.end(), command_.begin(), command_.end());
    return Run(command);
  }

 private:
  std::string folder_;
  std::string users_;
  std::vector<std::string> command_;
};

std::ptrdiff_t LinesOf(const std::string& text) {
  return std::ranges::count(text, '\n');
}

CASE(a_full_disk_leaves_the_keys_of_all_who_are_enrolled) {
  ToolHost host;
  const SmallDisk disk(host, host.host().folder() + "/small");
  const Exit exit = disk.Enroll();
  EXPECT(exit.code == 1, "%s", Describe(exit).c_str());
  EXPECT(Exists(disk.keys()), "the only copy of keys is gone: %s",
         Describe(exit).c_str());
  const std::string keys = ReadFile(disk.keys());
  const std::string enrolled = host.Tool({"list"});
  EXPECT(LinesOf(keys) > 5 && LinesOf(keys) < kUsers, "%s", keys.c_str());
  EXPECT(keys.ends_with('\n'), "half a line: %s", keys.c_str());
  EXPECT(LinesOf(keys) == LinesOf(enrolled), "%s\n%s", keys.c_str(),
         enrolled.c_str());
}

CASE(a_disk_that_fails_leaves_the_keys_of_all_who_are_enrolled) {
  if (!Exists("/usr/bin/strace")) {
    print_message("SKIP: needs strace\n");
    skip();
  }
  ToolHost host;
  const SmallDisk disk(host, host.host().folder() + "/small");
  const Exit exit = disk.EnrollWithoutSync(3);
  EXPECT(exit.code == 1, "%s", Describe(exit).c_str());
  EXPECT(Exists(disk.keys()), "the only copy of keys is gone: %s",
         Describe(exit).c_str());
  const std::string keys = ReadFile(disk.keys());
  for (const char* user : {"user0\t", "user1\t"}) {
    EXPECT(Contains(keys, user), "%s", keys.c_str());
    EXPECT(Contains(host.Tool({"list"}), user), "%s", user);
  }
  EXPECT(LinesOf(host.Tool({"list"})) == 2, "%s", host.Tool({"list"}).c_str());
}

CASE(a_disk_without_room_for_one_key_keeps_neither_file_nor_user) {
  ToolHost host;
  const SmallDisk disk(host, host.host().folder() + "/small");
  WriteFile(disk.filler(), std::string(4096, 'x'));
  const Exit exit = disk.Enroll();
  EXPECT(exit.code == 1, "%s", Describe(exit).c_str());
  EXPECT(!Exists(disk.keys()), "an empty file was left");
  EXPECT(host.Tool({"list"}).empty(), "%s", host.Tool({"list"}).c_str());
}

CASE(a_file_that_exists_is_never_touched) {
  ToolHost host;
  const SmallDisk disk(host, host.host().folder() + "/small");
  WriteFile(disk.keys(), "precious\n");
  EXPECT(disk.Enroll().code == 1, "it was overwritten");
  EXPECT(ReadFile(disk.keys()) == "precious\n", "%s",
         ReadFile(disk.keys()).c_str());
  EXPECT(host.Tool({"list"}).empty(), "%s", host.Tool({"list"}).c_str());
}

}  // namespace
}  // namespace twofactor::test
