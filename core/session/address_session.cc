// SPDX-License-Identifier: Apache-2.0
//
// address_session.cc - a code there and back, and the one write.

#include "core/session/address_session.h"

#include <algorithm>

#include "core/base/crypto.h"
#include "core/base/random.h"
#include "core/delivery/address.h"
#include "core/factor/backup_code.h"
#include "core/factor/delivered_code.h"
#include "core/session/answer.h"
#include "core/session/enroll_session.h"
#include "core/session/notices.h"
#include "core/session/recovery_session.h"

namespace twofactor {
namespace {

// The prompt names all of them, and PAM_MAX_MSG_SIZE bounds it.
constexpr std::size_t kMaxAddresses = 4;
constexpr std::size_t kMaxAddressLabelSize = 16;

bool IsLabelCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

std::string_view DefaultLabel(Address::Kind kind) {
  switch (kind) {
    case Address::Kind::kEmail:
      return "email";
    case Address::Kind::kSms:
      return "sms";
  }
  return "address";
}

Result<void> CheckAddress(const AddressRequest& request) {
  switch (request.kind) {
    case Address::Kind::kEmail:
      if (IsEmailAddress(request.address)) return {};
      return Fail(ErrorCode::kInvalid, "that is no email address");
    case Address::Kind::kSms:
      if (IsPhoneNumber(request.address)) return {};
      return Fail(ErrorCode::kInvalid,
                  "that is no number such as +4915112345678");
  }
  return Fail(ErrorCode::kInvalid, "an address of no kind");
}

Result<void> CheckFits(const Address& address, const Enrollment& enrollment,
                       const Config& config) {
  if (enrollment.HasLabel(address.label))
    return Fail(ErrorCode::kExists, "the user has a device of that name");
  for (const Address& other : enrollment.addresses)
    if (other.address == address.address)
      return Fail(ErrorCode::kExists, "the user has that address");
  if (enrollment.addresses.size() >= kMaxAddresses)
    return Fail(ErrorCode::kCapacity, "a user has at most 4 addresses");
  return CheckCapacity(kDeliveredCodeSize, 1, enrollment, config);
}

}  // namespace

bool IsAddressLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMaxAddressLabelSize &&
         label.front() >= 'a' && label.front() <= 'z' &&
         std::ranges::all_of(label, IsLabelCharacter) &&
         ClassifyAnswer(AsBytes(label), "").kind ==
             Answer::Kind::kUnknownFormat;
}

Result<AddressSession> AddressSession::Begin(
    const Config& config, RecordStore& store, const Clock& clock,
    Courier& courier, const UserName& user, AddressRequest request) {
  RETURN_IF_ERROR(CheckAddress(request));
  ASSIGN_OR_RETURN(Record record, store.Read(user));
  if (!record.enrollment && request.use == AddressUse::kRecovery)
    return Fail(ErrorCode::kNotFound, "not enrolled");
  if (!record.enrollment) record.enrollment.emplace();

  AddressSession session(config, store, clock, courier, user);
  session.use_ = request.use;
  Address& address = session.address_;
  address.kind = request.kind;
  address.address = std::move(request.address);
  address.label = request.label.empty() ? FreeLabel(*record.enrollment,
                                                    DefaultLabel(address.kind))
                                        : std::move(request.label);
  if (!IsAddressLabel(address.label))
    return Fail(ErrorCode::kInvalid,
                "the name of an address is typed at the prompt: a small "
                "letter, then such letters, digits, -, _ and ., at most 16, "
                "and nothing that looks like a code");
  if (session.use_ == AddressUse::kLogin)
    RETURN_IF_ERROR(CheckFits(address, *record.enrollment, config));

  ASSIGN_OR_RETURN(const std::uint64_t id, RandomId());
  address.id = DeviceId{id};
  ASSIGN_OR_RETURN(const Moment moment, clock.Now());
  address.created = moment.now;
  address.key = Secret(kCodeKeySize);
  RETURN_IF_ERROR(FillRandom(address.key.ExposeMutable()));
  return session;
}

Result<void> AddressSession::Send() {
  code_ = Secret();
  ASSIGN_OR_RETURN(Secret code, NewRecoveryCode());
  ASSIGN_OR_RETURN(const Moment moment, clock_->Now());
  RETURN_IF_ERROR(courier_->Send({.kind = MessageKind::kAddressCheck,
                                  .address = address_.address,
                                  .user = user_.text(),
                                  .code = InGroups(code.Expose()),
                                  .good_for = kRecoveryCodeLife}));
  sent_ = moment.now;
  failures_ = 0;
  code_ = std::move(code);
  return {};
}

Result<Verdict> AddressSession::Confirm(Bytes typed) {
  ASSIGN_OR_RETURN(const Moment moment, clock_->Now());
  if (code_.empty() || failures_ >= kRecoveryTries || moment.now < sent_ ||
      moment.now >= sent_ + kRecoveryCodeLife)
    return Verdict::kRejected;
  const Answer answer = ClassifyAnswer(typed, user_.text());
  if (answer.kind != Answer::Kind::kBackupCode ||
      !ConstantTimeEqual(answer.code.Expose(), code_.Expose())) {
    ++failures_;
    return Verdict::kRejected;
  }
  code_ = Secret();
  confirmation_ = Confirmation::kByCode;
  return Verdict::kAccepted;
}

void AddressSession::ConfirmAsAdministrator() {
  confirmation_ = Confirmation::kByAdministrator;
}

Result<void> AddressSession::Save() {
  if (!confirmation_)
    return Fail(ErrorCode::kInvalid, "the address was not confirmed");
  address_.confirmation = *confirmation_;
  return store_->Change(
      user_, [this](Record record, const Moment& moment) -> Result<Record> {
        switch (use_) {
          case AddressUse::kLogin:
            RETURN_IF_ERROR(SaveForLogin(record, moment.now));
            return record;
          case AddressUse::kRecovery:
            RETURN_IF_ERROR(SaveForRecovery(record, moment.now));
            return record;
        }
        return Fail(ErrorCode::kInternal, "an address of no use");
      });
}

Result<void> AddressSession::SaveForLogin(Record& record, UnixTime now) const {
  if (!record.enrollment) record.enrollment.emplace();
  RETURN_IF_ERROR(CheckFits(address_, *record.enrollment, *config_));
  DeviceState state;
  state.id = address_.id;
  if (!record.state.devices.Add(state))
    return Fail(ErrorCode::kCapacity, "no room for an address's state");
  record.enrollment->addresses.push_back(address_.Copy());
  Notify(*config_, NoticeKind::kEnrolled, now, {}, address_.label,
         record.state);
  return {};
}

Result<void> AddressSession::SaveForRecovery(Record& record,
                                             UnixTime now) const {
  if (!record.enrollment) return Fail(ErrorCode::kNotFound, "not enrolled");
  Notify(*config_, NoticeKind::kRecoveryAddress, now, {}, "", record.state);
  RecoveryAddress& recovery = record.enrollment->recovery.emplace();
  recovery.address = address_.address;
  recovery.confirmed = now;
  recovery.key = Secret::CopyOf(address_.key.Expose());
  record.state.recovery = SentCode{};
  return {};
}

}  // namespace twofactor
