// SPDX-License-Identifier: Apache-2.0
//
// address_session.h - a recovery address, from its text to the record.
//
//   auto session = AddressSession::Begin(store, clock, courier, user, address);
//   session->Send()
//   session->Confirm(typed) until it is kAccepted
//   session->Save()
//
// Nothing is stored before a code that was sent to the address came back.
//
// Trust: address and answers may be any bytes.

#ifndef TWOFACTOR_CORE_SESSION_ADDRESS_SESSION_H_
#define TWOFACTOR_CORE_SESSION_ADDRESS_SESSION_H_

#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/delivery/courier.h"
#include "core/factor/verdict.h"
#include "core/store/store.h"

namespace twofactor {

class AddressSession {
 public:
  // kInvalid for what is no email address, kNotFound for somebody who is not
  // enrolled.
  static Result<AddressSession> Begin(RecordStore& store, const Clock& clock,
                                      Courier& courier, const UserName& user,
                                      std::string address);

  // Sends a fresh code; the one before it is dead.  kDelivery.
  Result<void> Send();

  // Three tries, for as long as a recovery code is good.
  Result<Verdict> Confirm(Bytes typed);

  // Stores the address in place of another one; kInvalid if it was not
  // confirmed.
  Result<void> Save();

 private:
  AddressSession(RecordStore& store, const Clock& clock, Courier& courier,
                 const UserName& user, std::string address)
      : store_(&store),
        clock_(&clock),
        courier_(&courier),
        user_(user),
        address_(std::move(address)) {}

  enum class State : std::uint8_t { kNothingSent = 0, kSent, kConfirmed };

  RecordStore* store_;
  const Clock* clock_;
  Courier* courier_;
  UserName user_;
  std::string address_;
  State state_ = State::kNothingSent;
  Secret code_;
  UnixTime sent_{};
  int failures_ = 0;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_ADDRESS_SESSION_H_
