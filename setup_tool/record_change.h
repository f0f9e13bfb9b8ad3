// SPDX-License-Identifier: Apache-2.0
//
// record_change.h - Store::Change for somebody who is enrolled, with refusals
// in the tool's own words.

#ifndef TWOFACTOR_SETUP_TOOL_RECORD_CHANGE_H_
#define TWOFACTOR_SETUP_TOOL_RECORD_CHANGE_H_

#include <functional>

#include "core/store/store.h"
#include "setup_tool/failure.h"

namespace twofactor::tool {

// Changes the record in place; its enrollment is there.  A refusal leaves the
// record as it was.
using EditRecord = std::function<Try<void>(Record&, const Moment&)>;

// kNotFound when the user is not enrolled.
Try<void> ChangeRecordOf(Store& store, const UserName& user,
                         const EditRecord& edit);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_RECORD_CHANGE_H_
