// SPDX-License-Identifier: Apache-2.0
//
// nobody_test.cc - the record that makes whoever is not enrolled cost as much
// as whoever is: made once, made again where it is missing.

#include "tests/unit/temporary_store.h"

using namespace twofactor;

namespace {

// As an init leaves it that was cut off after the marker.
void LoseNobody(const TemporaryStore& temporary) {
  const std::string file = ExpectOk(RecordFileName(UserName::Nobody()));
  for (const char* folder : {"/secrets/", "/lockout/"})
    Expect(unlink((temporary.paths.state + folder + file).c_str()) == 0);
}

void creating_a_store_that_is_there_makes_a_missing_nobody_again() {
  TemporaryStore temporary;
  temporary.Enroll("alice");
  LoseNobody(temporary);
  ExpectEqual(ExpectOk(temporary.store->Find(UserName::Nobody())),
              Presence::kAbsent);
  ExpectError(FileStore::Create(temporary.paths), ErrorCode::kExists);

  temporary.Reopen();
  const Record nobody = ExpectOk(temporary.store->Read(UserName::Nobody()));
  Expect(nobody.enrollment && nobody.enrollment->usable());
  const Device& device = nobody.enrollment->devices[0];
  ExpectEqual(nobody.enrollment->devices.size(), 1u);
  Expect(nobody.state.Find(device.id) != nullptr);
  ExpectEqual(nobody.state.record, RecordMark::kExpected);
  // Nobody else's record was touched.
  ExpectOk(temporary.SetDrift("alice", 1));
}

void creating_a_store_that_is_whole_leaves_nobody_as_it_is() {
  TemporaryStore temporary;
  const Record before = ExpectOk(temporary.store->Read(UserName::Nobody()));
  ExpectError(FileStore::Create(temporary.paths), ErrorCode::kExists);
  temporary.Reopen();
  const Record after = ExpectOk(temporary.store->Read(UserName::Nobody()));
  Expect(after.state == before.state);
  ExpectEqual(after.enrollment->devices.size(), 1u);
  ExpectBytes(after.enrollment->devices[0].key.Expose(),
              before.enrollment->devices[0].key.Expose());
}

void rewrapping_the_marker_makes_a_missing_nobody_again() {
  TemporaryStore temporary;
  LoseNobody(temporary);
  ExpectOk(temporary.store->RewrapMarker());
  Expect(ExpectOk(temporary.store->Read(UserName::Nobody()))
             .enrollment.has_value());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(creating_a_store_that_is_there_makes_a_missing_nobody_again),
      EXPECT_TEST(creating_a_store_that_is_whole_leaves_nobody_as_it_is),
      EXPECT_TEST(rewrapping_the_marker_makes_a_missing_nobody_again),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
