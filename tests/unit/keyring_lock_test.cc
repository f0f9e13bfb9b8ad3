// SPDX-License-Identifier: Apache-2.0
//
// keyring_lock_test.cc - several writers of the keyring and the marker at once,
// and one that has read the keyring before another wrote it.

#include <algorithm>
#include <vector>

#include "core/base/encoding.h"
#include "tests/unit/child_process.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;

namespace {

constexpr int kRounds = 50;

// Steps in processes of their own, at once; `meanwhile` is called until all of
// them are done.
void AtOnce(const std::vector<std::function<void()>>& steps,
            const std::function<void()>& meanwhile) {
  std::vector<pid_t> children;
  for (const auto& step : steps) {
    const pid_t child = fork();
    Expect(child >= 0);
    if (child == 0) {
      int status = 0;
      try {
        step();
      } catch (const Failure& failure) {
        print_error("in a child: %s\n", failure.message.c_str());
        status = 1;
      }
      _exit(status);
    }
    children.push_back(child);
  }
  int failures = 0;
  while (!children.empty()) {
    int status = 0;
    const pid_t ended = waitpid(children.back(), &status, WNOHANG);
    Expect(ended >= 0);
    if (ended > 0) {
      children.pop_back();
      failures += status != 0;
    }
    try {
      meanwhile();
    } catch (...) {
      for (const pid_t child : children) waitpid(child, &status, 0);
      throw;
    }
  }
  ExpectEqual(failures, 0);
}

void rotations_at_once_leave_a_good_keyring() {
  TemporaryFolder parent;
  const std::string path = parent / "etc";
  ExpectOk(Keyring::Create(path));
  const Realm realm = ExpectOk(Keyring::Open(path)).realm();
  const auto rotate = [&] {
    Keyring keyring = ExpectOk(Keyring::Open(path));
    for (int i = 0; i < kRounds; ++i) {
      const KeyId id = ExpectOk(keyring.Rotate());
      ExpectOk(keyring.Load(id));
    }
  };
  // No login ever meets a keyring that is not whole.
  AtOnce({rotate, rotate}, [&] {
    const Keyring keyring = ExpectOk(Keyring::Open(path));
    Expect(keyring.realm() == realm);
    ExpectOk(keyring.Load(keyring.active()));
  });

  const Keyring keyring = ExpectOk(Keyring::Open(path));
  Expect(keyring.realm() == realm);
  const auto keys = ExpectOk(keyring.Keys());
  ExpectEqual(keys.size(), 1u + 2u * kRounds);
  Expect(std::ranges::find(keys, keyring.active()) != keys.end());
  for (const KeyId& id : keys) ExpectOk(keyring.Load(id), HexEncode(id));
}

void of_two_creations_at_once_one_is_refused() {
  for (int round = 0; round < kRounds / 5; ++round) {
    TemporaryFolder parent;
    const std::string path = parent / "etc";
    const auto create = [&] {
      const auto created = Keyring::Create(path);
      if (created) WriteFile(parent / std::to_string(getpid()), "made");
      Expect(created || created.error().code == ErrorCode::kExists);
    };
    AtOnce({create, create}, [] {});
    ExpectEqual(NamesIn(parent.path()).size(), 2u);  // One of them, and etc.
    const Keyring keyring = ExpectOk(Keyring::Open(path));
    ExpectOk(keyring.Load(keyring.active()));
    ExpectEqual(ExpectOk(keyring.Keys()).size(), 1u);
  }
}

void rewraps_of_the_marker_at_once_leave_a_good_store() {
  TemporaryStore temporary;
  const auto rewrap = [&] {
    // A clock that waits: both seal nobody's record, under its lock.
    const auto store =
        ExpectOk(FileStore::Open(temporary.paths, SystemClock()));
    for (int i = 0; i < kRounds / 2; ++i) ExpectOk(store->RewrapMarker());
  };
  AtOnce({rewrap, rewrap}, [&] { temporary.Reopen(); });
  temporary.Reopen();
  Expect(ExpectOk(temporary.store->KeyOfMarker()) ==
         temporary.store->keyring().active());
}

// What is written is the realm of the file, not of the time of Open.
void rotation_reads_the_keyring_again() {
  TemporaryFolder parent;
  const std::string path = parent / "etc";
  ExpectOk(Keyring::Create(path));
  Keyring stale = ExpectOk(Keyring::Open(path));
  const Realm old_realm = stale.realm();
  Expect(unlink((path + "/keyring").c_str()) == 0);
  ExpectOk(Keyring::Create(path));
  const Realm realm = ExpectOk(Keyring::Open(path)).realm();
  Expect(realm != old_realm);

  const KeyId id = ExpectOk(stale.Rotate());
  Expect(stale.realm() == realm);
  const Keyring keyring = ExpectOk(Keyring::Open(path));
  Expect(keyring.realm() == realm);
  Expect(keyring.active() == id);
}

void rotation_of_a_damaged_keyring_makes_no_key() {
  TemporaryFolder parent;
  const std::string path = parent / "etc";
  ExpectOk(Keyring::Create(path));
  Keyring keyring = ExpectOk(Keyring::Open(path));
  Expect(unlink((path + "/keyring").c_str()) == 0);
  WriteFile(path + "/keyring", "", 0400);
  ExpectError(keyring.Rotate(), ErrorCode::kCorrupt);
  ExpectEqual(ExpectOk(keyring.Keys()).size(), 1u);
}

void change_seals_with_the_key_that_is_active_now() {
  TemporaryStore temporary;
  temporary.Enroll("alice", "phone", 1);
  const KeyId old_id = ExpectOk(temporary.store->KeyOf(User("alice")));
  ExpectOk(temporary.store->Read(User("alice")));  // The old key is at hand.

  const KeyId id =
      ExpectOk(ExpectOk(Keyring::Open(temporary.paths.keys)).Rotate());
  Expect(id != old_id);
  temporary.Enroll("alice", "token", 2);
  temporary.Enroll("bob", "phone", 3);
  Expect(ExpectOk(temporary.store->KeyOf(User("alice"))) == id);
  Expect(ExpectOk(temporary.store->KeyOf(User("bob"))) == id);
  ExpectOk(temporary.store->RewrapMarker());
  Expect(ExpectOk(temporary.store->KeyOfMarker()) == id);
}

// An enrollment waits for a code while the key is rotated, everything is sealed
// anew, and the old key is deleted.
void change_by_a_store_opened_long_ago_survives_the_end_of_the_old_key() {
  TemporaryStore temporary;
  temporary.Enroll("alice", "phone", 1);
  const KeyId old_id = temporary.store->keyring().active();
  ExpectOk(temporary.store->Read(User("alice")));

  const auto other =
      ExpectOk(FileStore::Open(temporary.paths, temporary.clock));
  ExpectOk(other->keyring().Rotate());
  ExpectOk(other->RewrapMarker());
  ExpectOk(other->Change(
      User("alice"),
      [](Record record, const Moment&) -> Result<Record> { return record; }));
  const std::string key_file =
      temporary.paths.keys + "/keys/" + HexEncode(old_id);
  Expect(unlink(key_file.c_str()) == 0);

  temporary.Enroll("dave", "phone", 2);
  temporary.Enroll("alice", "token", 3);
  temporary.Reopen();
  ExpectOk(temporary.SetDrift("dave", 1));
  ExpectOk(temporary.SetDrift("alice", 1));
  const Record record = ExpectOk(temporary.store->Read(User("alice")));
  ExpectEqual(record.enrollment->devices.size(), 2u);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(rotations_at_once_leave_a_good_keyring),
      EXPECT_TEST(of_two_creations_at_once_one_is_refused),
      EXPECT_TEST(rewraps_of_the_marker_at_once_leave_a_good_store),
      EXPECT_TEST(rotation_reads_the_keyring_again),
      EXPECT_TEST(rotation_of_a_damaged_keyring_makes_no_key),
      EXPECT_TEST(change_seals_with_the_key_that_is_active_now),
      EXPECT_TEST(
          change_by_a_store_opened_long_ago_survives_the_end_of_the_old_key),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
