// SPDX-License-Identifier: Apache-2.0
//
// address_session.cc - a code there and back, and the one write.

#include "core/session/address_session.h"

#include "core/base/crypto.h"
#include "core/base/random.h"
#include "core/delivery/address.h"
#include "core/factor/backup_code.h"
#include "core/session/answer.h"
#include "core/session/recovery_session.h"

namespace twofactor {

Result<AddressSession> AddressSession::Begin(RecordStore& store,
                                             const Clock& clock,
                                             Courier& courier,
                                             const UserName& user,
                                             std::string address) {
  if (!IsEmailAddress(address))
    return Fail(ErrorCode::kInvalid, "that is no email address");
  ASSIGN_OR_RETURN(const Record record, store.Read(user));
  if (!record.enrollment) return Fail(ErrorCode::kNotFound, "not enrolled");
  return AddressSession(store, clock, courier, user, std::move(address));
}

Result<void> AddressSession::Send() {
  state_ = State::kNothingSent;
  ASSIGN_OR_RETURN(code_, NewRecoveryCode());
  ASSIGN_OR_RETURN(const Moment moment, clock_->Now());
  RETURN_IF_ERROR(courier_->Send({.kind = MessageKind::kAddressCheck,
                                  .address = address_,
                                  .user = user_.text(),
                                  .code = InGroups(code_.Expose()),
                                  .good_for = kRecoveryCodeLife}));
  sent_ = moment.now;
  failures_ = 0;
  state_ = State::kSent;
  return {};
}

Result<Verdict> AddressSession::Confirm(Bytes typed) {
  ASSIGN_OR_RETURN(const Moment moment, clock_->Now());
  if (state_ != State::kSent || failures_ >= kRecoveryTries ||
      moment.now < sent_ || moment.now >= sent_ + kRecoveryCodeLife)
    return Verdict::kRejected;
  const Answer answer = ClassifyAnswer(typed, user_.text());
  if (answer.kind != Answer::Kind::kBackupCode ||
      !ConstantTimeEqual(answer.code.Expose(), code_.Expose())) {
    ++failures_;
    return Verdict::kRejected;
  }
  state_ = State::kConfirmed;
  return Verdict::kAccepted;
}

Result<void> AddressSession::Save() {
  if (state_ != State::kConfirmed)
    return Fail(ErrorCode::kInvalid, "the address was not confirmed");
  return store_->Change(
      user_, [this](Record record, const Moment& moment) -> Result<Record> {
        if (!record.enrollment)
          return Fail(ErrorCode::kNotFound, "not enrolled");
        RecoveryAddress& recovery = record.enrollment->recovery.emplace();
        recovery.address = address_;
        recovery.confirmed = moment.now;
        recovery.key = Secret(kCodeKeySize);
        RETURN_IF_ERROR(FillRandom(recovery.key.ExposeMutable()));
        record.state.recovery = RecoveryChallenge{};
        return record;
      });
}

}  // namespace twofactor
