// SPDX-License-Identifier: Apache-2.0
//
// enroll_session.cc - checks, the key URI, and the one write.

#include "core/session/enroll_session.h"

#include <algorithm>
#include <cstring>

#include "core/base/encoding.h"
#include "core/base/random.h"
#include "core/session/answer.h"
#include "core/session/judgement.h"

namespace twofactor {
namespace {

constexpr std::string_view kDefaultLabel = "phone";

TotpParameters ParametersOf(const TotpDevice& device) {
  return {device.algorithm, device.digits, device.period};
}

// The first step of which no code can have been accepted by now, whatever the
// configuration was.
Counter FirstUnusedStep(const TotpDevice& device, UnixTime now) {
  return Counter{Number(TotpStep(ParametersOf(device), now)) + kMaxWindow +
                 kMaxDrift + 1};
}

std::string FreeLabel(const Enrollment& enrollment) {
  std::string label(kDefaultLabel);
  for (int number = 2; enrollment.FindByLabel(label); ++number)
    label = std::string(kDefaultLabel) + "-" + std::to_string(number);
  return label;
}

Result<void> CheckLabel(const std::string& label) {
  if (label.size() > kMaxLabelSize)
    return Fail(ErrorCode::kInvalid, "a device's name has at most 64 bytes");
  if (!IsPrintableUtf8(label))
    return Fail(ErrorCode::kInvalid,
                "a device's name is UTF-8 without control characters");
  return {};
}

// Whether the device can join those that are there.
Result<void> CheckFits(const TotpDevice& device, const Enrollment& enrollment,
                       const TotpTolerance& tolerance) {
  const auto& devices = enrollment.totp_devices;
  if (devices.size() >= kMaxDevices)
    return Fail(ErrorCode::kCapacity, "a user has at most 16 devices");
  if (enrollment.FindByLabel(device.label))
    return Fail(ErrorCode::kExists, "the user has a device of that name");
  const int codes_each = 2 * tolerance.window + 1;
  int codes = codes_each;
  for (const TotpDevice& other : devices) {
    if (other.digits == device.digits) codes += codes_each;
    if (ConstantTimeEqual(other.key.Expose(), device.key.Expose()))
      return Fail(ErrorCode::kExists, "the user has a device with that key");
  }
  if (codes > kMaxCandidates)
    return Fail(ErrorCode::kCapacity,
                "with one more device of as many digits, more than 15 codes "
                "would be right at a time");
  return {};
}

std::string_view AlgorithmName(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return "SHA1";
    case HashAlgorithm::kSha256:
      return "SHA256";
    case HashAlgorithm::kSha512:
      return "SHA512";
  }
  return "";
}

// Text that is assembled in wiping memory of a size known before.
class SecretText {
 public:
  explicit SecretText(std::size_t capacity) : text_(capacity) {}
  void Add(std::string_view part) {
    std::memcpy(text_.ExposeMutable().data() + size_, part.data(), part.size());
    size_ += part.size();
  }
  Secret Take() && {
    text_.Shrink(size_);
    return std::move(text_);
  }

 private:
  Secret text_;
  std::size_t size_ = 0;
};

}  // namespace

Result<EnrollSession> EnrollSession::Begin(const Config& config, Store& store,
                                           const Clock& clock,
                                           const UserName& user,
                                           TotpRequest request) {
  EnrollSession session(config, store, clock, user);
  TotpDevice& device = session.device_;
  ASSIGN_OR_RETURN(const Record record, store.Read(user));
  static const Enrollment kNone;
  const Enrollment& existing = record.enrollment ? *record.enrollment : kNone;

  device.label =
      request.label.empty() ? FreeLabel(existing) : std::move(request.label);
  RETURN_IF_ERROR(CheckLabel(device.label));
  device.algorithm = request.parameters.algorithm;
  device.digits = request.parameters.digits;
  device.period = request.parameters.period;
  device.key = std::move(request.key);
  session.origin_ = device.key.empty() ? KeyOrigin::kFresh : KeyOrigin::kGiven;
  if (device.key.empty()) {
    device.key = Secret(static_cast<std::size_t>(config.totp_key_bytes));
    RETURN_IF_ERROR(FillRandom(device.key.ExposeMutable()));
  }
  RETURN_IF_ERROR(ValidateTotp(request.parameters, device.key.Expose()));
  RETURN_IF_ERROR(CheckFits(device, existing, config.totp_tolerance));

  ASSIGN_OR_RETURN(const std::uint64_t id, RandomId());
  device.id = DeviceId{id};
  ASSIGN_OR_RETURN(const Moment moment, clock.Now());
  device.created = moment.now;
  return session;
}

Secret EnrollSession::Uri(std::string_view issuer) const {
  // https://github.com/google/google-authenticator/wiki/Key-Uri-Format
  const std::string escaped_issuer = PercentEncode(issuer);
  std::string before = "otpauth://totp/";
  if (!issuer.empty()) before += escaped_issuer + ":";
  before += PercentEncode(user_.text()) + "?secret=";
  std::string after;
  if (!issuer.empty()) after += "&issuer=" + escaped_issuer;
  after += "&algorithm=";
  after += AlgorithmName(device_.algorithm);
  after += "&digits=" + std::to_string(device_.digits);
  after += "&period=" + std::to_string(device_.period.count());

  const Secret key = Base32Encode(device_.key.Expose());
  SecretText uri(before.size() + key.size() + after.size());
  uri.Add(before);
  uri.Add(AsText(key.Expose()));
  uri.Add(after);
  return std::move(uri).Take();
}

Result<Verdict> EnrollSession::Confirm(Bytes typed) {
  const Answer answer = ClassifyAnswer(typed, user_.text());
  if (answer.kind != Answer::Kind::kCode) return Verdict::kRejected;
  ASSIGN_OR_RETURN(const Moment moment, clock_->Now());
  ASSIGN_OR_RETURN(const TotpVerification verification,
                   VerifyTotp(ParametersOf(device_), device_.key.Expose(),
                              AsText(answer.digits.Expose()), TotpProgress{},
                              config_->totp_tolerance, moment.now));
  if (verification.verdict == Verdict::kAccepted) {
    next_ = verification.progress.next;
    confirmation_ = Confirmation::kByCode;
  }
  return verification.verdict;
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
        if (!record.enrollment) record.enrollment.emplace();
        RETURN_IF_ERROR(
            CheckFits(device_, *record.enrollment, config_->totp_tolerance));
        DeviceState state;
        state.id = device_.id;
        state.next = next_;
        if (origin_ == KeyOrigin::kGiven)
          state.next = std::max(next_, FirstUnusedStep(device_, moment.now));
        if (moment.boot) state.boot = moment.boot->id;
        if (!record.state.devices.Add(state))
          return Fail(ErrorCode::kCapacity, "no room for a device's state");
        TotpDevice copy;
        copy.id = device_.id;
        copy.label = device_.label;
        copy.status = device_.status;
        copy.confirmation = device_.confirmation;
        copy.created = device_.created;
        copy.algorithm = device_.algorithm;
        copy.digits = device_.digits;
        copy.period = device_.period;
        copy.key = Secret::CopyOf(device_.key.Expose());
        record.enrollment->totp_devices.push_back(std::move(copy));
        return record;
      });
}

}  // namespace twofactor
