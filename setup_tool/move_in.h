// SPDX-License-Identifier: Apache-2.0
//
// move_in.h - devices of another module become devices here.
//
// The same key again is the same device: what the other module used meanwhile
// is spent here too, and nothing else of the record changes.
//
// Trust: what a user's own file says is hostile; it can add devices to that
// user's record and spend codes, and never bring a used code back.

#ifndef TWOFACTOR_SETUP_TOOL_MOVE_IN_H_
#define TWOFACTOR_SETUP_TOOL_MOVE_IN_H_

#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/session/config.h"
#include "core/store/store.h"
#include "setup_tool/foreign_file.h"

namespace twofactor::tool {

struct MovedDevice {
  enum class Outcome : std::uint8_t {
    kHere = 0,    // It was here, and nothing had to change.
    kRaised = 1,  // It was here; codes that were used meanwhile are spent now.
    kNew = 2,
  };
  Outcome outcome = Outcome::kHere;
  std::string label;
};

struct MoveReport {
  std::vector<MovedDevice> devices;  // As many as there were.
  std::size_t scratch_codes_added = 0;
  std::size_t scratch_codes_spent = 0;
  // Left out: the user has some already, or there were more than a set holds.
  std::size_t scratch_codes_left_out = 0;
};

// Changes `record` as a whole or fails:
//
//   kInvalid   a key or parameter outside of its domain
//   kExists    the key is here with other parameters, or a new device would
//              undo that all others are disabled
//   kCapacity  as CheckFits
Result<MoveReport> MoveIn(const ForeignRecord& foreign, const Config& config,
                          const Moment& moment, Record& record);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_MOVE_IN_H_
