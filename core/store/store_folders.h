// SPDX-License-Identifier: Apache-2.0
//
// store_folders.h - the host's store on disk, opened.
//
// A store that is missing, empty or another host's is an error, never "nobody
// is enrolled".  What lies in it is sealed for the host's realm and proves that
// by itself; that something does not lie in it is proven by the marker.

#ifndef TWOFACTOR_CORE_STORE_STORE_FOLDERS_H_
#define TWOFACTOR_CORE_STORE_STORE_FOLDERS_H_

#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/store/enrollment.h"
#include "core/store/keyring.h"
#include "core/store/paths.h"
#include "core/store/store.h"

namespace twofactor {

struct StoreFolders {
  // Opens keyring and folders.  kStoreMissing, kUntrustedFile, kCorrupt.
  // `clock` outlives it.
  static Result<std::unique_ptr<StoreFolders>> Open(const StorePaths& paths,
                                                    const Clock& clock);

  // The same, and checks the marker.
  static Result<std::unique_ptr<StoreFolders>> OpenProven(
      const StorePaths& paths, const Clock& clock);

  // Whether the marker belongs to the keyring: kStoreMissing, kUntrustedFile,
  // kCorrupt.
  Result<void> CheckMarker() const;

  // As FileLoginStore's.
  Result<Presence> Find(const UserName& user) const;
  Result<Presence> Look(const UserName& user) const;

  // Empty when there is no secret file.
  Result<std::optional<Enrollment>> ReadEnrollment(
      const UserName& user, const std::string& file) const;

  // The folder under /run; empty while no state had to go there.
  Result<std::optional<UniqueFd>> OpenStandIns() const;

  StorePaths paths;
  const Clock& clock;
  Keyring keyring;
  UniqueFd state;
  UniqueFd secrets;
  UniqueFd lockout;
};

// The marker's content, and reading it sealed.
inline constexpr std::string_view kMarkerText = "twofactor store 1";
Result<Secret> ReadSealedMarker(int state_folder);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_STORE_FOLDERS_H_
