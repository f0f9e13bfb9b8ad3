// SPDX-License-Identifier: Apache-2.0
//
// temporary_store.h - a file store of its own for each test.

#ifndef TWOFACTOR_TESTS_UNIT_TEMPORARY_STORE_H_
#define TWOFACTOR_TESTS_UNIT_TEMPORARY_STORE_H_

#include <memory>
#include <optional>
#include <string>

#include "core/store/file_store.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/temporary_folder.h"
#include "tests/unit/totp_device.h"

namespace twofactor {

inline UserName User(std::string_view name) {
  return ExpectOk(UserName::Create(name));
}

// A TOTP device with the RFC's key and the defaults, unless `key` is given.
inline Device DeviceNamed(const std::string& label, std::uint64_t id,
                          std::string_view key = kRfcKey) {
  Device device;
  device.id = DeviceId{id};
  device.label = label;
  device.created = At(1'800'000'000);
  device.key = Secret::CopyOf(AsBytes(key));
  return device;
}

class TemporaryStore {
 public:
  // With `disk_options`, the state folder is a disk of its own, made by
  // mount(8)'s tmpfs with these options; needs EnterPrivateMounts.
  explicit TemporaryStore(const char* disk_options = nullptr) {
    paths.keys = folder / "etc";
    paths.state = folder / "state";
    paths.runtime = folder / "run";
    if (disk_options) {
      Expect(mkdir(paths.state.c_str(), 0700) == 0);
      disk.emplace(paths.state, disk_options);
    }
    ExpectOk(FileStore::Create(paths));
    Reopen();
  }

  void Reopen() { store = ExpectOk(FileStore::Open(paths, clock)); }

  // Enrolls one device, with state, as EnrollSession does.
  void Enroll(std::string_view user, const std::string& label = "phone",
              std::uint64_t id = 1) {
    ExpectOk(store->Change(
        User(user), [&](Record record, const Moment&) -> Result<Record> {
          if (!record.enrollment) record.enrollment.emplace();
          record.enrollment->devices.push_back(DeviceNamed(label, id));
          DeviceState state;
          state.id = DeviceId{id};
          Expect(record.state.devices.Add(state));
          return record;
        }));
  }

  // One login's change: the drift of the first device becomes `drift`, so that
  // a test can tell states apart.
  Result<int> SetDrift(std::string_view user, int drift,
                       Durability durability = Durability::kCrash) {
    return store->Update<int>(User(user),
                              [&](const Enrollment&, const Moment&,
                                  StateChange& change) -> Result<int> {
                                change.durability = durability;
                                return std::exchange(
                                    change.state.devices[0].drift, drift);
                              });
  }
  // What the next login sees.
  int DriftOf(std::string_view user) {
    return ExpectOk(store->Read(User(user))).state.devices[0].drift;
  }

  std::string SecretFile(std::string_view user) const {
    return paths.state + "/secrets/" + ExpectOk(RecordFileName(User(user)));
  }
  std::string LockoutFile(std::string_view user) const {
    return paths.state + "/lockout/" + ExpectOk(RecordFileName(User(user)));
  }
  std::string StandInFile(std::string_view user) const {
    return paths.runtime + "/lockout/" + ExpectOk(RecordFileName(User(user)));
  }

  TemporaryFolder folder;
  std::optional<TemporaryMount> disk;  // Gone before the folder is.
  StorePaths paths;
  FakeClock clock;
  std::unique_ptr<FileStore> store;
};

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_TEMPORARY_STORE_H_
