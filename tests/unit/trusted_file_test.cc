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

// Whoever else is in a group reads what it reads.
void credentials_of_a_foreign_group_are_refused() {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  const struct {
    gid_t group;
    mode_t mode;
    bool good;
  } rows[] = {{0, 0640, true},      {12345, 0640, true},  {54321, 0600, true},
              {54321, 0640, false}, {54321, 0644, false}, {54321, 0610, false},
              {12345, 0660, false}};
  Expect(setegid(12345) == 0);
  for (const auto& row : rows) {
    WriteFile(path, "x", row.mode);
    Expect(chown(path.c_str(), 0, row.group) == 0);
    ExpectEqual(ReadCredential(path).has_value(), row.good,
                std::to_string(row.group) + " " + std::to_string(row.mode));
  }
  Expect(setegid(0) == 0);
}

void certificates_that_others_can_change_are_refused() {
  const TemporaryFolder folder;
  const std::string path = folder / "ca.pem";
  ExpectOk(CheckCertificates(""));
  WriteFile(path, std::string(4 * kMaxFileSize, 'x'), 0644);
  Expect(symlink(path.c_str(), (folder / "link").c_str()) == 0);
  ExpectOk(CheckCertificates(path));
  ExpectOk(CheckCertificates(folder / "link"));
  Expect(chown(path.c_str(), 1234, 0) == 0);
  for (const std::string& name : {path, folder / "link"})
    ExpectContains(ExpectError(CheckCertificates(name), ErrorCode::kConfig),
                   "does not belong to root");
  Expect(chown(path.c_str(), 0, 0) == 0);
  for (mode_t mode : {0664, 0646, 0666}) {
    WriteFile(path, "x", mode);
    ExpectContains(ExpectError(CheckCertificates(path), ErrorCode::kConfig),
                   "can be written by others");
  }
  ExpectError(CheckCertificates(folder / "gone"), ErrorCode::kConfig);
  ExpectError(CheckCertificates(folder.path()), ErrorCode::kConfig);
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
      EXPECT_TEST(credentials_of_a_foreign_group_are_refused),
      EXPECT_TEST(certificates_that_others_can_change_are_refused),
      EXPECT_TEST(links_folders_pipes_and_long_files_are_refused),
      EXPECT_TEST(credentials_are_one_line),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
