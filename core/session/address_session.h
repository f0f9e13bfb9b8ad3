// SPDX-License-Identifier: Apache-2.0
//
// address_session.h - an address, from its text to the record.
//
//   auto session = AddressSession::Begin(..., request);
//   session->Send()
//   session->Confirm(typed) until it is kAccepted
//   session->Save()
//
// Nothing is stored before a code that was sent to the address came back, or an
// administrator vouches for it.
//
// Trust: address, label and answers may be any bytes.

#ifndef TWOFACTOR_CORE_SESSION_ADDRESS_SESSION_H_
#define TWOFACTOR_CORE_SESSION_ADDRESS_SESSION_H_

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/delivery/courier.h"
#include "core/factor/verdict.h"
#include "core/session/config.h"
#include "core/store/store.h"

namespace twofactor {

enum class AddressUse : std::uint8_t {
  kRecovery = 0,  // Codes that replace all devices; the user has one such.
  kLogin = 1,     // Codes that let in: a factor.
};

struct AddressRequest {
  AddressUse use = AddressUse::kLogin;
  Address::Kind kind = Address::Kind::kEmail;
  std::string address;
  // The word that asks for a code; empty: "email" or "sms", "email-2", ...
  std::string label = {};
};

// A small letter, then such letters, digits, '-', '_' and '.', at most 16, and
// nothing that could be a code or another word of ours.
bool IsAddressLabel(std::string_view label);

class AddressSession {
 public:
  // Checks all that can be checked before anything is sent.
  //
  //   kInvalid   what is no address of its kind, or no label
  //   kNotFound  a recovery address for somebody who is not enrolled
  //   kExists    the user has a factor of that label, or with that address
  //   kCapacity  a fifth address for logins, else as EnrollSession::Begin
  static Result<AddressSession> Begin(const Config& config, RecordStore& store,
                                      const Clock& clock, Courier& courier,
                                      const UserName& user,
                                      AddressRequest request);

  const Address& address() const { return address_; }

  // Sends a fresh code; the one before it is dead.  kDelivery.
  Result<void> Send();

  // Three tries, for as long as a recovery code is good.
  Result<Verdict> Confirm(Bytes typed);

  // Instead of a code: root vouches for the address.
  void ConfirmAsAdministrator();

  // Stores the address; a recovery address in place of another one.  kInvalid
  // if it was not confirmed, else as Begin.
  Result<void> Save();

 private:
  AddressSession(const Config& config, RecordStore& store, const Clock& clock,
                 Courier& courier, const UserName& user)
      : config_(&config),
        store_(&store),
        clock_(&clock),
        courier_(&courier),
        user_(user) {}

  Result<void> SaveForLogin(Record& record, UnixTime now) const;
  Result<void> SaveForRecovery(Record& record, UnixTime now) const;

  const Config* config_;
  RecordStore* store_;
  const Clock* clock_;
  Courier* courier_;
  UserName user_;
  AddressUse use_ = AddressUse::kLogin;
  Address address_;
  std::optional<Confirmation> confirmation_;
  Secret code_;  // Empty: none was sent.
  UnixTime sent_{};
  int failures_ = 0;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_ADDRESS_SESSION_H_
