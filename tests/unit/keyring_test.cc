// SPDX-License-Identifier: Apache-2.0
//
// keyring_test.cc - making, opening, rotating keys, and refusing bad ones.

#include "core/store/keyring.h"

#include "core/base/encoding.h"
#include "tests/unit/temporary_folder.h"

using namespace twofactor;

namespace {

struct KeyFolder {
  TemporaryFolder parent;
  std::string path = parent / "etc";
  std::string keyring = path + "/keyring";
  std::string KeyFile(const KeyId& id) const {
    return path + "/keys/" + HexEncode(id);
  }
};

mode_t ModeOf(const std::string& path) {
  struct stat status {};
  Expect(lstat(path.c_str(), &status) == 0, path);
  return status.st_mode & 07777;
}

void created_keyring_opens() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  const Keyring keyring = ExpectOk(Keyring::Open(folder.path));
  Expect(keyring.realm() != Realm{});
  Expect(keyring.active() != KeyId{});
  const Key256* key = ExpectOk(keyring.Load(keyring.active()));
  Expect(HexEncode(key->Expose()) != std::string(64, '0'));
  const auto keys = ExpectOk(keyring.Keys());
  ExpectEqual(keys.size(), 1u);
  Expect(keys[0] == keyring.active());
}

void created_files_are_roots_alone_whatever_the_umask() {
  for (mode_t mask : std::initializer_list<mode_t>{0000, 0022, 0777}) {
    KeyFolder folder;
    const mode_t before = umask(mask);
    const auto created = Keyring::Create(folder.path);
    umask(before);
    if (mask == 0777 && !created) continue;  // A folder of mode 0: refused.
    ExpectOk(created);
    const Keyring keyring = ExpectOk(Keyring::Open(folder.path));
    ExpectEqual(ModeOf(folder.path) & 077u, 0u);
    ExpectEqual(ModeOf(folder.path + "/keys") & 077u, 0u);
    ExpectEqual(ModeOf(folder.keyring), 0400u);
    ExpectEqual(ModeOf(folder.KeyFile(keyring.active())), 0400u);
  }
}

void two_keyrings_share_nothing() {
  KeyFolder a;
  KeyFolder b;
  ExpectOk(Keyring::Create(a.path));
  ExpectOk(Keyring::Create(b.path));
  const Keyring first = ExpectOk(Keyring::Open(a.path));
  const Keyring second = ExpectOk(Keyring::Open(b.path));
  Expect(first.realm() != second.realm());
  Expect(first.active() != second.active());
}

void keyring_is_never_made_over_another() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  const std::string before = ReadFile(folder.keyring);
  ExpectError(Keyring::Create(folder.path), ErrorCode::kExists);
  ExpectEqual(ReadFile(folder.keyring), before);
}

// A disk that is not mounted, or a file that is gone.
void missing_keyring_means_no_store() {
  KeyFolder folder;
  ExpectError(Keyring::Open(folder.path), ErrorCode::kStoreMissing);
  ExpectOk(Keyring::Create(folder.path));
  Expect(unlink(folder.keyring.c_str()) == 0);
  ExpectError(Keyring::Open(folder.path), ErrorCode::kStoreMissing);
}

void missing_key_means_no_store() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  const Keyring keyring = ExpectOk(Keyring::Open(folder.path));
  Expect(unlink(folder.KeyFile(keyring.active()).c_str()) == 0);
  ExpectError(keyring.Load(keyring.active()), ErrorCode::kStoreMissing);
  Expect(rmdir((folder.path + "/keys").c_str()) == 0);
  ExpectError(keyring.Load(keyring.active()), ErrorCode::kStoreMissing);
  ExpectError(keyring.Keys(), ErrorCode::kStoreMissing);
}

void key_of_another_size_is_corrupt() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  const Keyring keyring = ExpectOk(Keyring::Open(folder.path));
  for (std::size_t size : std::initializer_list<std::size_t>{0, 31, 33, 4096}) {
    const std::string path = folder.KeyFile(keyring.active());
    Expect(unlink(path.c_str()) == 0);
    WriteFile(path, std::string(size, 'k'), 0400);
    ExpectError(keyring.Load(keyring.active()), ErrorCode::kCorrupt,
                std::to_string(size));
  }
}

void keyring_file_is_one_exact_text() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  const std::string good = ReadFile(folder.keyring);
  std::vector<std::string> rows = {
      "", "\n", good + "\n", good + "x=y\n", "x" + good, good + good};
  for (std::size_t size = 0; size < good.size(); ++size)
    rows.push_back(good.substr(0, size));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = '#';
    rows.push_back(changed);
    changed[i] = '\0';
    rows.push_back(changed);
  }
  for (const std::string& row : rows) {
    Expect(unlink(folder.keyring.c_str()) == 0);
    WriteFile(folder.keyring, row, 0400);
    ExpectError(Keyring::Open(folder.path), ErrorCode::kCorrupt, row);
  }
}

void files_that_others_can_touch_are_not_trusted() {
  struct {
    const char* name;
    mode_t mode;
  } const rows[] = {{"", 0750},         {"", 0701},         {"/keyring", 0440},
                    {"/keyring", 0404}, {"/keyring", 0602}, {"/keyring", 0420}};
  for (const auto& row : rows) {
    KeyFolder folder;
    ExpectOk(Keyring::Create(folder.path));
    Expect(chmod((folder.path + row.name).c_str(), row.mode) == 0);
    ExpectError(Keyring::Open(folder.path), ErrorCode::kUntrustedFile,
                row.name);
  }
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  const Keyring keyring = ExpectOk(Keyring::Open(folder.path));
  Expect(chmod(folder.KeyFile(keyring.active()).c_str(), 0440) == 0);
  ExpectError(keyring.Load(keyring.active()), ErrorCode::kUntrustedFile);
}

void files_of_another_owner_are_not_trusted() {
  for (const char* name : {"", "/keyring"}) {
    KeyFolder folder;
    ExpectOk(Keyring::Create(folder.path));
    Expect(lchown((folder.path + name).c_str(), 65534, 0) == 0);
    ExpectError(Keyring::Open(folder.path), ErrorCode::kUntrustedFile, name);
  }
}

void links_are_not_followed() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  const std::string moved = folder.keyring + ".real";
  Expect(rename(folder.keyring.c_str(), moved.c_str()) == 0);
  Expect(symlink(moved.c_str(), folder.keyring.c_str()) == 0);
  ExpectError(Keyring::Open(folder.path), ErrorCode::kUntrustedFile);
  Expect(unlink(folder.keyring.c_str()) == 0);
  Expect(link(moved.c_str(), folder.keyring.c_str()) == 0);
  ExpectError(Keyring::Open(folder.path), ErrorCode::kUntrustedFile);
}

void rotation_keeps_old_keys_and_the_realm() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  Keyring keyring = ExpectOk(Keyring::Open(folder.path));
  const KeyId old_id = keyring.active();
  const Realm realm = keyring.realm();
  const KeyId new_id = ExpectOk(keyring.Rotate());
  Expect(new_id != old_id);
  Expect(keyring.active() == new_id);

  const Keyring again = ExpectOk(Keyring::Open(folder.path));
  Expect(again.active() == new_id);
  Expect(again.realm() == realm);
  ExpectEqual(ExpectOk(again.Keys()).size(), 2u);
  const std::string old_key = HexEncode(ExpectOk(again.Load(old_id))->Expose());
  const std::string new_key = HexEncode(ExpectOk(again.Load(new_id))->Expose());
  Expect(old_key != new_key);
  // A key that was loaded before is not mistaken for another.
  ExpectEqual(HexEncode(ExpectOk(again.Load(old_id))->Expose()), old_key);
}

void rotation_of_another_process_is_noticed() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  Keyring here = ExpectOk(Keyring::Open(folder.path));
  Keyring there = ExpectOk(Keyring::Open(folder.path));
  const KeyId theirs = ExpectOk(there.Rotate());
  Expect(here.active() != theirs);
  ExpectOk(here.Reload());
  Expect(here.active() == theirs);
  const KeyId ours = ExpectOk(here.Rotate());
  Expect(ours != theirs);
  ExpectEqual(ExpectOk(here.Keys()).size(), 3u);
}

// A rotation that was killed left a temporary file; it is no key.
void leftovers_are_no_keys() {
  KeyFolder folder;
  ExpectOk(Keyring::Create(folder.path));
  Keyring keyring = ExpectOk(Keyring::Open(folder.path));
  WriteFile(folder.path + "/keys/.tmp-0011223344556677", "k", 0400);
  WriteFile(folder.path + "/keys/README", "k", 0400);
  ExpectEqual(ExpectOk(keyring.Keys()).size(), 1u);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(created_keyring_opens),
      EXPECT_TEST(created_files_are_roots_alone_whatever_the_umask),
      EXPECT_TEST(two_keyrings_share_nothing),
      EXPECT_TEST(keyring_is_never_made_over_another),
      EXPECT_TEST(missing_keyring_means_no_store),
      EXPECT_TEST(missing_key_means_no_store),
      EXPECT_TEST(key_of_another_size_is_corrupt),
      EXPECT_TEST(keyring_file_is_one_exact_text),
      EXPECT_TEST(files_that_others_can_touch_are_not_trusted),
      EXPECT_TEST(files_of_another_owner_are_not_trusted),
      EXPECT_TEST(links_are_not_followed),
      EXPECT_TEST(rotation_keeps_old_keys_and_the_realm),
      EXPECT_TEST(rotation_of_another_process_is_noticed),
      EXPECT_TEST(leftovers_are_no_keys),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
