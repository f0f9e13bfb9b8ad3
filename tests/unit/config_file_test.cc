// SPDX-License-Identifier: Apache-2.0
//
// config_file_test.cc - which configuration files are read, in what order, and
// which are not trusted.

#include <functional>

#include "core/session/config.h"
#include "tests/unit/child_process.h"
#include "tests/unit/temporary_folder.h"

using namespace twofactor;

namespace {

struct Files {
  TemporaryFolder folder;
  std::string main = folder / "twofactor.conf";
  std::string drop_ins = main + ".d";

  explicit Files(std::string_view content = "echo = no\n") {
    WriteFile(main, content, 0644);
  }
  void AddDropIn(const std::string& name, std::string_view content) {
    mkdir(drop_ins.c_str(), 0755);
    WriteFile(drop_ins + "/" + name, content, 0644);
  }
  std::string Complaint(std::string_view row = {}) const {
    return ExpectError(LoadConfig(main), ErrorCode::kConfig, row);
  }
};

void file_is_loaded() {
  ExpectEqual(ExpectOk(LoadConfig(Files().main)).echo, Echo::kOff);
}

void missing_file_is_an_error_that_names_it() {
  Files files;
  Expect(unlink(files.main.c_str()) == 0);
  ExpectContains(files.Complaint(), files.main);
}

void drop_ins_are_read_in_the_order_of_their_names() {
  Files files("prompt = main\nissuer = main\ntotp_digits = 7\n");
  files.AddDropIn("20-b.conf", "prompt = b\n");
  files.AddDropIn("10-a.conf", "prompt = a\nissuer = a\n");
  files.AddDropIn("9-first.conf", "echo = no\n");
  const Config config = ExpectOk(LoadConfig(files.main));
  ExpectEqual(config.prompt, "b");
  ExpectEqual(config.issuer, "a");
  ExpectEqual(config.totp_parameters.digits, 7);
  ExpectEqual(config.echo, Echo::kOff);
}

void drop_ins_of_other_names_are_not_read() {
  Files files;
  for (const char* name :
       {"README", "a.conf.dpkg-old", "a.conf~", ".a.conf", "conf", "a.CONF"})
    files.AddDropIn(name, "garbage\n");
  ExpectEqual(ExpectOk(LoadConfig(files.main)).echo, Echo::kOff);
}

void mistake_in_a_drop_in_is_named_with_its_file() {
  Files files;
  files.AddDropIn("50-site.conf", "# fine\nechoo = yes\n");
  ExpectContains(files.Complaint(), files.drop_ins + "/50-site.conf:2: ");
}

void mistake_in_the_main_file_counts_whatever_drop_ins_say() {
  Files files("second_factor = maybe\n");
  files.AddDropIn("a.conf", "second_factor = optional\n");
  ExpectContains(files.Complaint(), files.main + ":1: ");
}

void file_that_others_can_write_is_not_trusted() {
  const std::function<void(const std::string&)> spoilers[] = {
      [](const std::string& path) { Expect(chmod(path.c_str(), 0664) == 0); },
      [](const std::string& path) { Expect(chmod(path.c_str(), 0646) == 0); },
      [](const std::string& path) {
        Expect(chown(path.c_str(), 65534, 0) == 0);
      },
  };
  for (const auto& spoil : spoilers) {
    const std::string row = std::to_string(&spoil - spoilers);
    Files files;
    spoil(files.main);
    ExpectContains(files.Complaint(row), files.main);

    Files with_drop_in;
    with_drop_in.AddDropIn("a.conf", "");
    spoil(with_drop_in.drop_ins + "/a.conf");
    ExpectContains(with_drop_in.Complaint(row), "a.conf");

    Files with_folder;
    with_folder.AddDropIn("a.conf", "");
    spoil(with_folder.drop_ins);
    with_folder.Complaint(row);
  }
}

void file_that_everybody_can_read_is_fine() {
  for (mode_t mode :
       std::initializer_list<mode_t>{0600, 0640, 0644, 0400, 0444}) {
    Files files;
    Expect(chmod(files.main.c_str(), mode) == 0);
    ExpectOk(LoadConfig(files.main));
  }
}

void file_of_another_kind_is_refused_without_waiting() {
  const std::function<void(const std::string&)> makers[] = {
      [](const std::string& path) { Expect(mkfifo(path.c_str(), 0644) == 0); },
      [](const std::string& path) { Expect(mkdir(path.c_str(), 0755) == 0); },
      [](const std::string& path) {
        WriteFile(path + ".real", "echo = no\n", 0644);
        Expect(symlink((path + ".real").c_str(), path.c_str()) == 0);
      },
      [](const std::string& path) {
        Expect(symlink("/dev/zero", path.c_str()) == 0);
      },
  };
  for (const auto& make : makers) {
    const std::string row = std::to_string(&make - makers);
    Files files;
    Expect(unlink(files.main.c_str()) == 0);
    make(files.main);
    files.Complaint(row);

    Files with_drop_in;
    with_drop_in.AddDropIn("b.conf", "");
    make(with_drop_in.drop_ins + "/a.conf");
    with_drop_in.Complaint(row);
  }
}

// Who can read a file may be able to link to it; that must not lock out.
void file_with_a_second_name_is_fine() {
  Files files;
  Expect(link(files.main.c_str(), (files.main + ".other").c_str()) == 0);
  ExpectEqual(ExpectOk(LoadConfig(files.main)).echo, Echo::kOff);
}

void drop_in_folder_of_another_kind_is_refused() {
  Files file_instead;
  WriteFile(file_instead.drop_ins, "", 0644);
  file_instead.Complaint();
  Files link_instead;
  Expect(symlink("/tmp", link_instead.drop_ins.c_str()) == 0);
  link_instead.Complaint();
}

void file_above_64_kib_is_refused() {
  Files files(std::string(64 * 1024, '\n'));
  ExpectOk(LoadConfig(files.main));
  WriteFile(files.main, std::string(64 * 1024 + 1, '\n'), 0644);
  files.Complaint();
}

void file_that_cannot_be_read_is_an_error() {
  Files files;
  Expect(chmod(files.main.c_str(), 0600) == 0);
  Expect(chmod(files.folder.path().c_str(), 0755) == 0);
  InChild([&] {
    Expect(setuid(65534) == 0);
    files.Complaint();
  });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(file_is_loaded),
      EXPECT_TEST(missing_file_is_an_error_that_names_it),
      EXPECT_TEST(drop_ins_are_read_in_the_order_of_their_names),
      EXPECT_TEST(drop_ins_of_other_names_are_not_read),
      EXPECT_TEST(mistake_in_a_drop_in_is_named_with_its_file),
      EXPECT_TEST(mistake_in_the_main_file_counts_whatever_drop_ins_say),
      EXPECT_TEST(file_that_others_can_write_is_not_trusted),
      EXPECT_TEST(file_that_everybody_can_read_is_fine),
      EXPECT_TEST(file_of_another_kind_is_refused_without_waiting),
      EXPECT_TEST(file_with_a_second_name_is_fine),
      EXPECT_TEST(drop_in_folder_of_another_kind_is_refused),
      EXPECT_TEST(file_above_64_kib_is_refused),
      EXPECT_TEST(file_that_cannot_be_read_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
