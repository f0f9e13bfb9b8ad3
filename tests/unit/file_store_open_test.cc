// SPDX-License-Identifier: Apache-2.0
//
// file_store_open_test.cc - a store that is missing, empty, foreign or touched
// by others is an error, never "nobody is enrolled".

#include <functional>

#include "core/store/file_login_store.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;

namespace {

ErrorCode CodeOfOpen(const TemporaryStore& temporary) {
  auto opened = FileStore::Open(temporary.paths, temporary.clock);
  Expect(!opened.has_value());
  return opened.error().code;
}

void Remove(const std::string& path) {
  Expect(std::filesystem::remove_all(path) > 0, path);
}

void created_store_opens_and_holds_nobody() {
  TemporaryStore temporary;
  Expect(ExpectOk(temporary.store->Users()).empty());
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
  Expect(!ExpectOk(temporary.store->Read(User("alice"))).enrollment);
}

void created_folders_are_roots_alone_whatever_the_umask() {
  const mode_t before = umask(0);
  TemporaryStore temporary;
  temporary.Enroll("alice");
  umask(before);
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(temporary.folder.path())) {
    struct stat status {};
    Expect(lstat(entry.path().c_str(), &status) == 0);
    ExpectEqual(status.st_mode & 077u, 0u, entry.path().string());
    ExpectEqual(status.st_uid, 0u, entry.path().string());
  }
}

void good_store_is_never_made_over() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  ExpectError(FileStore::Create(temporary.paths), ErrorCode::kExists);
  ExpectError(FileStore::CreateForExistingKeys(temporary.paths),
              ErrorCode::kExists);
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kRecord);
}

// An init that was killed before the stand-in for unknown users was made.
void second_init_completes_the_first() {
  TemporaryStore temporary;
  const std::string nobody = temporary.paths.state + "/secrets/%";
  Remove(nobody);
  Remove(temporary.paths.state + "/lockout/%");
  ExpectError(FileStore::Create(temporary.paths), ErrorCode::kExists);
  Expect(std::filesystem::exists(nobody));
  Expect(ExpectOk(temporary.store->Read(UserName::Nobody()))
             .enrollment.has_value());
}

// As when /var/lib is a disk that is not mounted.
void store_that_is_gone_is_missing_and_not_made_anew() {
  struct {
    const char* name;
    std::function<void(const TemporaryStore&)> spoil;
  } const rows[] = {
      {"no folder", [](const auto& t) { Remove(t.paths.state); }},
      {"empty folder",
       [](const auto& t) {
         Remove(t.paths.state);
         Expect(mkdir(t.paths.state.c_str(), 0700) == 0);
       }},
      {"no marker", [](const auto& t) { Remove(t.paths.state + "/store"); }},
  };
  for (const auto& row : rows) {
    TemporaryStore temporary;
    temporary.Enroll("alice");
    row.spoil(temporary);
    ExpectEqual(CodeOfOpen(temporary), ErrorCode::kStoreMissing, row.name);
    ExpectError(FileStore::Create(temporary.paths), ErrorCode::kStoreMissing,
                row.name);
    ExpectEqual(CodeOfOpen(temporary), ErrorCode::kStoreMissing, row.name);
  }
}

void store_without_one_of_its_folders_is_missing() {
  for (const char* name : {"/secrets", "/lockout"}) {
    TemporaryStore temporary;
    temporary.Enroll("alice");
    Remove(temporary.paths.state + name);
    ExpectEqual(CodeOfOpen(temporary), ErrorCode::kStoreMissing, name);
  }
}

void store_without_its_keys_is_missing() {
  struct {
    const char* name;
    std::function<void(const TemporaryStore&)> spoil;
  } const rows[] = {
      {"no folder", [](const auto& t) { Remove(t.paths.keys); }},
      {"no keyring", [](const auto& t) { Remove(t.paths.keys + "/keyring"); }},
      {"no keys", [](const auto& t) { Remove(t.paths.keys + "/keys"); }},
  };
  for (const auto& row : rows) {
    TemporaryStore temporary;
    row.spoil(temporary);
    ExpectEqual(CodeOfOpen(temporary), ErrorCode::kStoreMissing, row.name);
  }
}

// `twofactor init` after the keys were lost must not make new ones: whoever
// brings the old ones back would find them in the way, and a second init would
// call the store good.
void lost_keys_are_not_replaced_by_new_ones() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  Remove(temporary.paths.keys);
  for (int i = 0; i < 2; ++i)
    ExpectError(FileStore::Create(temporary.paths), ErrorCode::kStoreMissing);
  Expect(!std::filesystem::exists(temporary.paths.keys));
}

void refused_init_leaves_nothing_behind() {
  TemporaryStore temporary;
  Remove(temporary.paths.state);
  ExpectError(FileStore::Create(temporary.paths), ErrorCode::kStoreMissing);
  Expect(!std::filesystem::exists(temporary.paths.state));
}

void lost_keys_and_a_store_moved_away_make_room_for_new_ones() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  Remove(temporary.paths.keys);
  std::filesystem::rename(temporary.paths.state,
                          temporary.paths.state + ".lost");
  ExpectOk(FileStore::Create(temporary.paths));
  temporary.Reopen();
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
  temporary.Enroll("alice", "phone", 2);
  ExpectOk(temporary.SetDrift("alice", 1));
}

void keys_whose_store_is_gone_for_good_get_a_new_one() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  Remove(temporary.paths.state);
  ExpectOk(FileStore::CreateForExistingKeys(temporary.paths));
  temporary.Reopen();
  ExpectEqual(ExpectOk(temporary.store->Find(User("alice"))),
              Presence::kAbsent);
}

void absence_is_proven_by_the_marker_and_a_record_by_itself() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const auto login =
      ExpectOk(FileLoginStore::Open(temporary.paths, temporary.clock));
  ExpectEqual(ExpectOk(login->Look(User("carol"))), Presence::kUnseen);
  ExpectEqual(ExpectOk(login->Find(User("carol"))), Presence::kAbsent);
  Remove(temporary.paths.state + "/store");
  ExpectEqual(ExpectOk(login->Look(User("carol"))), Presence::kUnseen);
  ExpectError(login->Find(User("carol")), ErrorCode::kStoreMissing);
  ExpectEqual(ExpectOk(login->Find(User("alice"))), Presence::kRecord);
  ExpectOk(login->ReadEnrollment(User("alice")));
}

void store_of_another_host_is_refused() {
  TemporaryStore here;
  TemporaryStore there;
  StorePaths mixed = here.paths;
  mixed.state = there.paths.state;
  auto opened = FileStore::Open(mixed, here.clock);
  Expect(!opened);
  Expect(opened.error().code == ErrorCode::kStoreMissing ||
         opened.error().code == ErrorCode::kCorrupt);
}

void marker_that_is_no_marker_is_corrupt() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  const std::string marker = temporary.paths.state + "/store";
  const std::string good = ReadFile(marker);
  std::string flipped = good;
  flipped.back() ^= 1;
  for (const std::string& content :
       {std::string(), std::string("2FSEAL"), good.substr(0, good.size() - 1),
        good + "x", flipped, ReadFile(temporary.SecretFile("alice")),
        std::string(100'000, 'x')}) {
    WriteFile(marker, content);
    ExpectEqual(CodeOfOpen(temporary), ErrorCode::kCorrupt);
  }
}

void folders_and_files_that_others_can_touch_are_not_trusted() {
  for (const char* name : {"/state", "/state/store", "/state/secrets",
                           "/state/lockout", "/etc", "/etc/keyring"}) {
    for (mode_t bit :
         std::initializer_list<mode_t>{0040, 0020, 0010, 0004, 0002, 0001}) {
      TemporaryStore temporary;
      const std::string path = temporary.folder.path() + name;
      struct stat status {};
      Expect(stat(path.c_str(), &status) == 0);
      Expect(chmod(path.c_str(), (status.st_mode & 0777) | bit) == 0);
      ExpectEqual(CodeOfOpen(temporary), ErrorCode::kUntrustedFile, name);
    }
    TemporaryStore temporary;
    Expect(chown((temporary.folder.path() + name).c_str(), 65534, 0) == 0);
    ExpectEqual(CodeOfOpen(temporary), ErrorCode::kUntrustedFile, name);
  }
}

void links_in_place_of_folders_are_not_followed() {
  for (const char* name :
       {"/state", "/state/secrets", "/state/lockout", "/etc"}) {
    TemporaryStore temporary;
    const std::string path = temporary.folder.path() + name;
    const std::string moved = temporary.folder / "moved";
    Expect(rename(path.c_str(), moved.c_str()) == 0);
    Expect(symlink(moved.c_str(), path.c_str()) == 0);
    ExpectEqual(CodeOfOpen(temporary), ErrorCode::kUntrustedFile, name);
  }
}

void marker_follows_a_rotation_when_it_is_rewrapped() {
  TemporaryStore temporary;
  const KeyId old_key = temporary.store->keyring().active();
  const KeyId new_key = ExpectOk(temporary.store->keyring().Rotate());
  Expect(ExpectOk(temporary.store->KeyOfMarker()) == old_key);
  temporary.Reopen();
  ExpectOk(temporary.store->RewrapMarker());
  Expect(ExpectOk(temporary.store->KeyOfMarker()) == new_key);
  temporary.Reopen();
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(created_store_opens_and_holds_nobody),
      EXPECT_TEST(created_folders_are_roots_alone_whatever_the_umask),
      EXPECT_TEST(good_store_is_never_made_over),
      EXPECT_TEST(second_init_completes_the_first),
      EXPECT_TEST(store_that_is_gone_is_missing_and_not_made_anew),
      EXPECT_TEST(store_without_one_of_its_folders_is_missing),
      EXPECT_TEST(store_without_its_keys_is_missing),
      EXPECT_TEST(lost_keys_are_not_replaced_by_new_ones),
      EXPECT_TEST(refused_init_leaves_nothing_behind),
      EXPECT_TEST(lost_keys_and_a_store_moved_away_make_room_for_new_ones),
      EXPECT_TEST(keys_whose_store_is_gone_for_good_get_a_new_one),
      EXPECT_TEST(absence_is_proven_by_the_marker_and_a_record_by_itself),
      EXPECT_TEST(store_of_another_host_is_refused),
      EXPECT_TEST(marker_that_is_no_marker_is_corrupt),
      EXPECT_TEST(folders_and_files_that_others_can_touch_are_not_trusted),
      EXPECT_TEST(links_in_place_of_folders_are_not_followed),
      EXPECT_TEST(marker_follows_a_rotation_when_it_is_rewrapped),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
