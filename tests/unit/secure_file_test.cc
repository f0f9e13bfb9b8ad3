// SPDX-License-Identifier: Apache-2.0
//
// secure_file_test.cc - the only opener of state: what it opens, what it
// refuses, and what a failed write leaves.

#include "core/store/secure_file.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "tests/unit/child_process.h"
#include "tests/unit/temporary_folder.h"

using namespace twofactor;

namespace {

struct Folder {
  Folder() { fd = ExpectOk(OpenFolder(temporary.path(), Privacy::kRootOnly)); }
  std::string Path(const std::string& name) const { return temporary / name; }

  TemporaryFolder temporary;
  UniqueFd fd;
};

std::string Read(const Folder& folder, const std::string& name) {
  return std::string(AsText(
      ExpectOk(ReadFileAt(folder.fd.get(), name, 100, Privacy::kRootOnly))
          .Expose()));
}

void written_file_is_read_back() {
  Folder folder;
  for (const char* content : {"first", "a longer second one", ""}) {
    ExpectOk(ReplaceFileAt(folder.fd.get(), "file", AsBytes(content), 0600));
    ExpectEqual(Read(folder, "file"), content);
  }
}

void mode_is_as_asked_whatever_the_umask() {
  Folder folder;
  for (mode_t mask : std::initializer_list<mode_t>{0000, 0777}) {
    const mode_t before = umask(mask);
    const auto written =
        ReplaceFileAt(folder.fd.get(), "file", AsBytes("x"), 0400);
    umask(before);
    ExpectOk(written);
    struct stat status {};
    Expect(stat(folder.Path("file").c_str(), &status) == 0);
    ExpectEqual(status.st_mode & 07777u, 0400u);
  }
}

void leftover_of_a_killed_writer_is_swept() {
  Folder folder;
  WriteFile(folder.Path(".tmp-file"), "half", 0400);
  WriteFile(folder.Path(".tmp-other"), "half", 0400);
  ExpectOk(ReplaceFileAt(folder.fd.get(), "file", AsBytes("whole"), 0600));
  Expect(NamesIn(folder.temporary.path()) ==
         std::set<std::string>{"file", ".tmp-other"});
  ExpectOk(RemoveFileAt(folder.fd.get(), "other"));
  ExpectOk(RemoveFileAt(folder.fd.get(), "file"));
  Expect(NamesIn(folder.temporary.path()).empty());
  ExpectOk(RemoveFileAt(folder.fd.get(), "file"));
}

// A link where the temporary file would be must not be written through.
void writer_does_not_follow_links() {
  Folder folder;
  WriteFile(folder.Path("victim"), "untouched");
  for (const char* name : {"file", ".tmp-file"}) {
    unlink(folder.Path("file").c_str());
    Expect(symlink("victim", folder.Path(name).c_str()) == 0);
    ExpectOk(ReplaceFileAt(folder.fd.get(), "file", AsBytes("new"), 0600));
    ExpectEqual(ReadFile(folder.Path("victim")), "untouched");
    ExpectEqual(Read(folder, "file"), "new");
  }
}

void failed_write_leaves_the_old_file_and_nothing_else() {
  InChild([] {
    EnterPrivateMounts();
    TemporaryFolder temporary;
    TemporaryMount disk(temporary.path(), "size=16k,mode=700");
    const UniqueFd folder =
        ExpectOk(OpenFolder(temporary.path(), Privacy::kRootOnly));
    ExpectOk(ReplaceFileAt(folder.get(), "file", AsBytes("old"), 0600));
    // Half of it fits: a short write, and nothing is kept of it.
    const std::string large(64 * 1024, 'x');
    ExpectError(ReplaceFileAt(folder.get(), "file", AsBytes(large), 0600),
                ErrorCode::kIo);
    Expect(NamesIn(temporary.path()) == std::set<std::string>{"file"});
    ExpectEqual(ReadFile(temporary / "file"), "old");
    // Nothing fits.
    WriteFile(temporary / "filler", large);
    ExpectError(ReplaceFileAt(folder.get(), "file", AsBytes("new"), 0600),
                ErrorCode::kReadOnly);
    unlink((temporary / "filler").c_str());
    Expect(NamesIn(temporary.path()) == std::set<std::string>{"file"});
    ExpectEqual(ReadFile(temporary / "file"), "old");

    disk.MakeReadOnly();
    ExpectError(ReplaceFileAt(folder.get(), "file", AsBytes("new"), 0600),
                ErrorCode::kReadOnly);
    ExpectError(RemoveFileAt(folder.get(), "file"), ErrorCode::kReadOnly);
    ExpectError(MakeFolderAt(folder.get(), "sub"), ErrorCode::kReadOnly);
    ExpectEqual(ReadFile(temporary / "file"), "old");
  });
}

void short_write_is_an_error_that_run_does_not_stand_in_for() {
  Folder folder;
  InChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    const UniqueFd file(
        open(folder.Path("file").c_str(), O_RDWR | O_CREAT, 0600));
    const rlimit low{4, RLIM_INFINITY};
    Expect(setrlimit(RLIMIT_FSIZE, &low) == 0);
    const auto partly = WriteAll(file.get(), AsBytes("12345678"), 0);
    const auto beyond = WriteAll(file.get(), AsBytes("12345678"), 8);
    const rlimit high{RLIM_INFINITY, RLIM_INFINITY};
    Expect(setrlimit(RLIMIT_FSIZE, &high) == 0);
    ExpectError(partly, ErrorCode::kIo);
    ExpectError(beyond, ErrorCode::kIo);
  });
}

// docs/SECURITY.md: /run stands in for these and only these.
void errors_of_the_disk_are_told_from_all_others() {
  for (int error : {EROFS, ENOSPC, EDQUOT, EIO})
    ExpectEqual(CodeOfWriteError(error), ErrorCode::kReadOnly);
  for (int error : {EFBIG, EMFILE, ENFILE, ENOMEM, EACCES, EPERM, EINTR, EBADF,
                    EINVAL, EEXIST, ENOENT, ETXTBSY, 0})
    ExpectEqual(CodeOfWriteError(error), ErrorCode::kIo, std::to_string(error));
}

void missing_names_are_not_found() {
  Folder folder;
  ExpectError(ReadFileAt(folder.fd.get(), "none", 9, Privacy::kRootOnly),
              ErrorCode::kNotFound);
  ExpectError(
      OpenFileAt(folder.fd.get(), "none", Access::kRead, Privacy::kRootOnly),
      ErrorCode::kNotFound);
  ExpectError(OpenFolderAt(folder.fd.get(), "none", Privacy::kRootOnly),
              ErrorCode::kNotFound);
  Expect(!ExpectOk(ExistsAt(folder.fd.get(), "none")));
  Expect(symlink("nowhere", folder.Path("dangling").c_str()) == 0);
  Expect(ExpectOk(ExistsAt(folder.fd.get(), "dangling")));
}

// Proving absence needs a folder that could be searched.
void folder_that_is_no_folder_proves_no_absence() {
  Folder folder;
  WriteFile(folder.Path("file"), "");
  const UniqueFd file(open(folder.Path("file").c_str(), O_RDONLY));
  ExpectError(ExistsAt(file.get(), "name"), ErrorCode::kIo);
  Expect(!ReadFileAt(file.get(), "name", 9, Privacy::kRootOnly).has_value());
  ExpectError(
      ReadFileAt(folder.fd.get(), std::string(300, 'x'), 9, Privacy::kRootOnly),
      ErrorCode::kIo);
}

void file_above_its_size_is_corrupt() {
  Folder folder;
  WriteFile(folder.Path("file"), "12345");
  ExpectEqual(
      ExpectOk(ReadFileAt(folder.fd.get(), "file", 5, Privacy::kRootOnly))
          .size(),
      5u);
  ExpectError(ReadFileAt(folder.fd.get(), "file", 4, Privacy::kRootOnly),
              ErrorCode::kCorrupt);
}

void privacy_says_which_modes_are_trusted() {
  struct {
    mode_t mode;
    bool root_only;
    bool root_writable;
  } const rows[] = {
      {0600, true, true},   {0400, true, true},   {0700, true, true},
      {0640, false, true},  {0604, false, true},  {0644, false, true},
      {0755, false, true},  {0620, false, false}, {0602, false, false},
      {0666, false, false}, {0777, false, false},
  };
  for (const auto& row : rows) {
    Folder folder;
    WriteFile(folder.Path("file"), "", row.mode);
    Expect(mkdir(folder.Path("sub").c_str(), 0700) == 0);
    Expect(chmod(folder.Path("sub").c_str(), row.mode) == 0);
    const std::string name = std::to_string(row.mode);
    for (const auto& [privacy, trusted] :
         {std::pair(Privacy::kRootOnly, row.root_only),
          std::pair(Privacy::kRootWritable, row.root_writable)}) {
      const auto file =
          OpenFileAt(folder.fd.get(), "file", Access::kRead, privacy);
      const auto sub = OpenFolderAt(folder.fd.get(), "sub", privacy);
      ExpectEqual(file.has_value(), trusted, name);
      ExpectEqual(sub.has_value(), trusted, name);
      if (!trusted) ExpectError(file, ErrorCode::kUntrustedFile, name);
    }
  }
}

void opened_files_are_closed_on_exec_and_do_not_block() {
  Folder folder;
  WriteFile(folder.Path("file"), "");
  const UniqueFd file = ExpectOk(
      OpenFileAt(folder.fd.get(), "file", Access::kRead, Privacy::kRootOnly));
  Expect(fcntl(file.get(), F_GETFD) & FD_CLOEXEC);
  Expect(fcntl(folder.fd.get(), F_GETFD) & FD_CLOEXEC);
  // Would wait for a writer for ever.
  Expect(mkfifo(folder.Path("fifo").c_str(), 0600) == 0);
  ExpectError(
      OpenFileAt(folder.fd.get(), "fifo", Access::kRead, Privacy::kRootOnly),
      ErrorCode::kUntrustedFile);
}

void made_folder_is_roots_alone_and_an_existing_one_is_checked() {
  Folder folder;
  const mode_t before = umask(0);
  ExpectOk(MakeFolderAt(folder.fd.get(), "sub"));
  umask(before);
  struct stat status {};
  Expect(stat(folder.Path("sub").c_str(), &status) == 0);
  ExpectEqual(status.st_mode & 07777u, 0700u);
  ExpectOk(MakeFolderAt(folder.fd.get(), "sub"));
  Expect(chmod(folder.Path("sub").c_str(), 0755) == 0);
  ExpectError(MakeFolderAt(folder.fd.get(), "sub"), ErrorCode::kUntrustedFile);
  ExpectError(MakeFolder(folder.Path("no/parent")), ErrorCode::kIo);
}

void names_are_sorted_and_without_dots() {
  Folder folder;
  for (const char* name : {"b", "a", ".tmp-c", ".hidden", "%2E", "Z"})
    WriteFile(folder.Path(name), "");
  for (int i = 0; i < 2; ++i)  // The descriptor's position is not used up.
    Expect(ExpectOk(NamesIn(folder.fd.get())) ==
           std::vector<std::string>{"%2E", "Z", "a", "b"});
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(written_file_is_read_back),
      EXPECT_TEST(mode_is_as_asked_whatever_the_umask),
      EXPECT_TEST(leftover_of_a_killed_writer_is_swept),
      EXPECT_TEST(writer_does_not_follow_links),
      EXPECT_TEST(failed_write_leaves_the_old_file_and_nothing_else),
      EXPECT_TEST(short_write_is_an_error_that_run_does_not_stand_in_for),
      EXPECT_TEST(errors_of_the_disk_are_told_from_all_others),
      EXPECT_TEST(missing_names_are_not_found),
      EXPECT_TEST(folder_that_is_no_folder_proves_no_absence),
      EXPECT_TEST(file_above_its_size_is_corrupt),
      EXPECT_TEST(privacy_says_which_modes_are_trusted),
      EXPECT_TEST(opened_files_are_closed_on_exec_and_do_not_block),
      EXPECT_TEST(made_folder_is_roots_alone_and_an_existing_one_is_checked),
      EXPECT_TEST(names_are_sorted_and_without_dots),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
