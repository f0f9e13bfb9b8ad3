// SPDX-License-Identifier: Apache-2.0
//
// send_budget.h - how many codes leave this host in a day.
//
// The count stands in the state of nobody (user_name.h), so it has the lock and
// the durability of any login state.

#ifndef TWOFACTOR_CORE_SESSION_SEND_BUDGET_H_
#define TWOFACTOR_CORE_SESSION_SEND_BUDGET_H_

#include "core/base/result.h"
#include "core/session/config.h"
#include "core/store/store.h"

namespace twofactor {

// Counts one that is about to be sent.  kDelivery, and an alert in the log,
// when the day's are used up; else as LoginStore::Update.
Result<void> CountSendOfHost(LoginStore& store, const Config& config);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_SEND_BUDGET_H_
