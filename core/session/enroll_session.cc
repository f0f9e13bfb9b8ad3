// SPDX-License-Identifier: Apache-2.0
//
// enroll_session.cc - checks, a code, and the one write.

#include "core/session/enroll_session.h"

#include <algorithm>

#include "core/base/encoding.h"
#include "core/base/random.h"
#include "core/factor/delivered_code.h"
#include "core/session/answer.h"
#include "core/session/device_codes.h"
#include "core/session/key_uri.h"
#include "core/session/notices.h"

namespace twofactor {
namespace {

std::string_view DefaultLabel(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::kTotp:
      return "phone";
    case DeviceKind::kHotp:
      return "token";
  }
  return "device";
}

Result<void> CheckLabel(const std::string& label) {
  if (label.size() > kMaxLabelSize)
    return Fail(ErrorCode::kInvalid, "a device's name has at most 64 bytes");
  if (!IsPrintableUtf8(label))
    return Fail(ErrorCode::kInvalid,
                "a device's name is UTF-8 without control characters");
  return {};
}

Result<void> CheckParameters(const Device& device) {
  switch (device.kind) {
    case DeviceKind::kTotp:
      return ValidateTotp(TotpParametersOf(device), device.key.Expose());
    case DeviceKind::kHotp:
      if (device.first == kCounterLost)
        return Fail(ErrorCode::kInvalid, "the counter is too large");
      return ValidateHotp(HotpParametersOf(device), device.key.Expose());
  }
  return Fail(ErrorCode::kInvalid, "a device of no kind");
}

// How many factors have codes of so many digits.
int PeersOf(std::size_t digits, const Enrollment& enrollment) {
  auto peers =
      std::ranges::count_if(enrollment.devices, [&](const Device& device) {
        return static_cast<std::size_t>(device.digits) == digits;
      });
  if (digits == kDeliveredCodeSize)
    peers += static_cast<std::ptrdiff_t>(enrollment.addresses.size());
  return static_cast<int>(peers);
}

// Makes room for the device that takes the place of all.  The states of those
// that go stay until the enrollment without them is written: Store::Change
// drops them then, and if it fails, the old devices go on.
Result<void> DropOthers(const RecoveryGround& ground, UnixTime now,
                        Record& record) {
  if (!record.enrollment || !ground.Holds(*record.enrollment, now))
    return Fail(ErrorCode::kNotFound,
                "the recovery took too long, or the record was changed, "
                "removed or disabled meanwhile");
  record.enrollment->devices.clear();
  record.enrollment->code_sets.clear();
  record.enrollment->addresses.clear();
  if (record.state.devices.full()) record.state.devices.RemoveAt(0);
  return {};
}

}  // namespace

std::string FreeLabel(const Enrollment& enrollment, std::string_view plain) {
  std::string label(plain);
  for (int number = 2; enrollment.HasLabel(label); ++number)
    label.assign(plain).append("-").append(std::to_string(number));
  return label;
}

std::string FreeLabel(const Enrollment& enrollment, DeviceKind kind) {
  return FreeLabel(enrollment, DefaultLabel(kind));
}

Counter FirstUnusedStep(const Device& device, UnixTime now) {
  return Counter{Number(TotpStep(TotpParametersOf(device), now)) + kMaxWindow +
                 kMaxDrift + 1};
}

Result<void> CheckFits(const Device& device, const Enrollment& enrollment,
                       const Config& config) {
  if (enrollment.HasLabel(device.label))
    return Fail(ErrorCode::kExists, "the user has a device of that name");
  for (const Device& other : enrollment.devices)
    if (ConstantTimeEqual(other.key.Expose(), device.key.Expose()))
      return Fail(ErrorCode::kExists, "the user has a device with that key");
  const auto digits = static_cast<std::size_t>(device.digits);
  const int peers = PeersOf(digits, enrollment) + 1;
  return CheckCapacity(digits, CandidatesOf(device, config, peers), enrollment,
                       config);
}

Result<void> CheckCapacity(std::size_t digits, int codes,
                           const Enrollment& enrollment, const Config& config) {
  if (enrollment.factors() >= kMaxDevices)
    return Fail(ErrorCode::kCapacity, "a user has at most 16 devices");
  const int peers = PeersOf(digits, enrollment) + 1;
  for (const Device& other : enrollment.devices)
    if (static_cast<std::size_t>(other.digits) == digits)
      codes += CandidatesOf(other, config, peers);
  if (digits == kDeliveredCodeSize)
    codes += static_cast<int>(enrollment.addresses.size());
  if (codes > kMaxCandidates)
    return Fail(ErrorCode::kCapacity,
                "with one more device of as many digits, more than 15 codes "
                "would be right at a time");
  return {};
}

Result<EnrollSession> EnrollSession::Begin(const Config& config,
                                           RecordStore& store,
                                           const Clock& clock,
                                           const UserName& user,
                                           DeviceRequest request) {
  EnrollSession session(config, store, clock, user);
  Device& device = session.device_;
  ASSIGN_OR_RETURN(const Record record, store.Read(user));
  static const Enrollment kNone;
  session.asker_ = request.asker;
  session.replaces_ = std::move(request.replaces);
  const Enrollment& existing =
      record.enrollment && !session.replaces_ ? *record.enrollment : kNone;

  device.kind = request.kind;
  device.label = request.label.empty() ? FreeLabel(existing, request.kind)
                                       : std::move(request.label);
  RETURN_IF_ERROR(CheckLabel(device.label));
  device.algorithm = request.parameters.algorithm;
  device.digits = request.parameters.digits;
  device.period = request.kind == DeviceKind::kTotp ? request.parameters.period
                                                    : std::chrono::seconds(0);
  device.first = request.first;
  session.next_ = request.first;
  device.key = std::move(request.key);
  session.origin_ = device.key.empty() ? KeyOrigin::kFresh : KeyOrigin::kGiven;
  if (device.key.empty()) {
    device.key = Secret(static_cast<std::size_t>(config.totp_key_bytes));
    RETURN_IF_ERROR(FillRandom(device.key.ExposeMutable()));
  }
  RETURN_IF_ERROR(CheckParameters(device));
  RETURN_IF_ERROR(CheckFits(device, existing, config));

  ASSIGN_OR_RETURN(const std::uint64_t id, RandomId());
  device.id = DeviceId{id};
  ASSIGN_OR_RETURN(const Moment moment, clock.Now());
  device.created = moment.now;
  return session;
}

Secret EnrollSession::Uri(std::string_view issuer) const {
  return KeyUri(device_, user_, issuer, device_.first);
}

Result<Verdict> EnrollSession::Confirm(Bytes typed) {
  const Answer answer = ClassifyAnswer(typed, user_.text());
  ASSIGN_OR_RETURN(const Moment moment, clock_->Now());
  const std::string_view code = AsText(answer.code.Expose());
  Verdict verdict = Verdict::kRejected;
  Counter next = next_;
  if (device_.kind == DeviceKind::kTotp && answer.kind == Answer::Kind::kCode) {
    ASSIGN_OR_RETURN(
        const TotpVerification verification,
        VerifyTotp(TotpParametersOf(device_), device_.key.Expose(), code,
                   TotpProgress{}, config_->totp_tolerance, moment.now));
    verdict = verification.verdict;
    next = verification.progress.next;
  }
  if (device_.kind == DeviceKind::kHotp) {
    ASSIGN_OR_RETURN(const HotpVerification verification,
                     VerifyToken(*config_, answer.kind, code, device_,
                                 device_.first, LookAheadOf(*config_, 1)));
    verdict = verification.verdict;
    next = verification.next;
  }
  if (verdict == Verdict::kAccepted) {
    next_ = next;
    confirmation_ = Confirmation::kByCode;
  }
  return verdict;
}

void EnrollSession::ConfirmAsAdministrator() {
  confirmation_ = Confirmation::kByAdministrator;
}

Result<void> EnrollSession::Save() {
  if (!confirmation_)
    return Fail(ErrorCode::kInvalid, "the device was not confirmed");
  device_.confirmation = *confirmation_;
  return store_->Change(
      user_, [this](Record record, const Moment& moment) -> Result<Record> {
        if (replaces_) {
          RETURN_IF_ERROR(DropOthers(*replaces_, moment.now, record));
        }
        if (!record.enrollment) record.enrollment.emplace();
        RETURN_IF_ERROR(CheckFits(device_, *record.enrollment, *config_));
        DeviceState state;
        state.id = device_.id;
        state.next = next_;
        if (device_.kind == DeviceKind::kTotp && origin_ == KeyOrigin::kGiven)
          state.next = std::max(next_, FirstUnusedStep(device_, moment.now));
        if (moment.boot) state.boot = moment.boot->id;
        if (!record.state.devices.Add(state))
          return Fail(ErrorCode::kCapacity, "no room for a device's state");
        record.enrollment->devices.push_back(device_.Copy());
        Notify(*config_,
               replaces_ ? NoticeKind::kRecovered : NoticeKind::kEnrolled,
               moment.now, asker_, device_.label, record.state);
        return record;
      });
}

}  // namespace twofactor
