// SPDX-License-Identifier: Apache-2.0
//
// new_codes.h - a new set of backup codes: stored, logged, shown once.

#ifndef TWOFACTOR_SETUP_TOOL_NEW_CODES_H_
#define TWOFACTOR_SETUP_TOOL_NEW_CODES_H_

#include <cstdint>

#include "core/store/user_name.h"
#include "setup_tool/failure.h"
#include "setup_tool/host.h"
#include "setup_tool/interrupts.h"

namespace twofactor::tool {

struct NewCodesRequest {
  // What becomes of backup codes that the user has.
  enum class Existing : std::uint8_t { kStay = 0, kReplaced };
  enum class Form : std::uint8_t {
    kList = 0,
    kPage,  // To be printed on paper.
    kJson,
  };
  int count = 0;
  Existing existing = Existing::kStay;
  Form form = Form::kList;
};

// Gives the user backup codes and shows them.  Codes that cannot be shown are
// taken back.  kNotFound when the user is not enrolled, kUsage for a count out
// of range, kFailed when there are codes that have to stay.
Try<void> HandOutBackupCodes(Host& host, const UserName& user,
                             const NewCodesRequest& request);

// Asks whether to, after the first enrollment, when somebody is there to write
// them down.
Try<void> OfferBackupCodes(Host& host, const UserName& user,
                           Interrupts& interrupts);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_NEW_CODES_H_
