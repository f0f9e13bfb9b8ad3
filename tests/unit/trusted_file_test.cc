// SPDX-License-Identifier: Apache-2.0
//
// trusted_file_test.cc - files that the helper does not believe.

#include "delivery_helper/trusted_file.h"

#include <sys/stat.h>

#include "tests/unit/temporary_folder.h"

using namespace twofactor;
using namespace twofactor::delivery;

namespace {

void files_that_others_can_change_or_read_are_refused() {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  const struct {
    mode_t mode;
    bool is_public;
    bool is_credential;
  } rows[] = {{0600, true, true},   {0400, true, true},  {0640, true, true},
              {0644, true, false},  {0604, true, false}, {0660, false, false},
              {0666, false, false}, {0622, false, false}};
  for (const auto& row : rows) {
    WriteFile(path, "x", row.mode);
    const std::string name = std::to_string(row.mode);
    ExpectEqual(ReadTrustedFile(path, Kind::kPublic).has_value(), row.is_public,
                name);
    ExpectEqual(ReadTrustedFile(path, Kind::kCredential).has_value(),
                row.is_credential, name);
  }
  WriteFile(path, "x", 0600);
  Expect(chown(path.c_str(), 12345, 12345) == 0);
  for (Kind kind : {Kind::kPublic, Kind::kCredential})
    ExpectError(ReadTrustedFile(path, kind), ErrorCode::kConfig);
}

void links_folders_pipes_and_long_files_are_refused() {
  const TemporaryFolder folder;
  WriteFile(folder / "file", "x");
  Expect(symlink((folder / "file").c_str(), (folder / "link").c_str()) == 0);
  Expect(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  WriteFile(folder / "long", std::string(kMaxFileSize + 1, 'a'));
  for (const char* name : {"link", "pipe", "long", "gone", "."})
    ExpectError(ReadTrustedFile(folder / name, Kind::kPublic),
                ErrorCode::kConfig, name);
}

void credentials_are_one_line() {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  for (const char* good : {"open sesame", "open sesame\n"}) {
    WriteFile(path, good);
    ExpectEqual(AsText(ExpectOk(ReadCredential(path)).Expose()), "open sesame");
  }
  for (const std::string& bad :
       {std::string(), std::string("\n"), std::string("a\nb"),
        std::string("a\n\n"), std::string("a\r\n"), std::string("a\0b", 3)}) {
    WriteFile(path, bad);
    ExpectError(ReadCredential(path), ErrorCode::kConfig, bad);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(files_that_others_can_change_or_read_are_refused),
      EXPECT_TEST(links_folders_pipes_and_long_files_are_refused),
      EXPECT_TEST(credentials_are_one_line),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
