// SPDX-License-Identifier: Apache-2.0
//
// move_in.cc - devices first, then scratch codes.

#include "setup_tool/move_in.h"

#include <algorithm>
#include <utility>

#include "core/base/random.h"
#include "core/factor/backup_code.h"
#include "core/session/device_codes.h"
#include "core/session/enroll_session.h"
#include "core/session/notices.h"

namespace twofactor::tool {
namespace {

using Outcome = MovedDevice::Outcome;

// A key may be as short as other modules made them.
Result<void> CheckParameters(const Device& device) {
  switch (device.kind) {
    case DeviceKind::kTotp:
      return ValidateTotp(TotpParametersOf(device), device.key.Expose(),
                          kShortestKeySize);
    case DeviceKind::kHotp:
      return ValidateHotp(HotpParametersOf(device), device.key.Expose(),
                          kShortestKeySize);
  }
  return Fail(ErrorCode::kInvalid, "a device of no kind");
}

Device* FindByKey(Enrollment& enrollment, Bytes key) {
  for (Device& device : enrollment.devices)
    if (ConstantTimeEqual(device.key.Expose(), key)) return &device;
  return nullptr;
}

Result<MovedDevice> Raise(const ForeignDevice& foreign, const Device& device,
                          LoginState& state) {
  if (device.kind != foreign.kind || device.digits != foreign.digits ||
      device.period != foreign.period ||
      device.algorithm != HashAlgorithm::kSha1)
    return Fail(ErrorCode::kExists,
                "the device " + device.label +
                    " has the same key, but makes other codes of it");
  MovedDevice moved{Outcome::kHere, device.label};
  DeviceState* device_state = state.Find(device.id);
  // Without a state no code is accepted, and repair makes a new one.
  if (!device_state || device_state->next >= foreign.next_if_here) return moved;
  // In which boot it was written stays: what that boot lost stays spent.
  device_state->next = foreign.next_if_here;
  moved.outcome = Outcome::kRaised;
  return moved;
}

// Codes of the key that were used here before the device was removed: what the
// record remembers of that is when its user last logged in.
Counter AfterWhatWasUsedHere(const Device& device, const LoginState& state,
                             UnixTime now) {
  UnixTime last{};
  for (const SourceState& source : state.sources)
    last = std::max(last, source.last_success);
  if (last == UnixTime{}) return Counter{};
  return FirstUnusedStep(device, std::min(last, now));
}

Result<MovedDevice> AddDevice(const ForeignDevice& foreign,
                              const Config& config, const Moment& moment,
                              Record& record) {
  if (record.enrollment->factors() > 0 && !record.enrollment->usable())
    return Fail(ErrorCode::kExists,
                "all devices of the user are disabled, and a new one would let "
                "the user in again");
  Device device;
  ASSIGN_OR_RETURN(const std::uint64_t id, RandomId());
  device.id = DeviceId{id};
  device.label = FreeLabel(*record.enrollment, foreign.kind);
  device.confirmation = Confirmation::kByAdministrator;
  device.created = moment.now;
  device.kind = foreign.kind;
  device.digits = foreign.digits;
  device.period = foreign.period;
  if (foreign.kind == DeviceKind::kHotp) device.first = foreign.next_if_new;
  if (foreign.kind == DeviceKind::kTotp && foreign.window &&
      *foreign.window < config.totp_tolerance.window)
    device.window = foreign.window;
  device.key = Secret::CopyOf(foreign.key.Expose());
  RETURN_IF_ERROR(CheckParameters(device));
  RETURN_IF_ERROR(CheckFits(device, *record.enrollment, config));

  DeviceState state;
  state.id = device.id;
  state.next = foreign.next_if_new;
  if (foreign.kind == DeviceKind::kTotp) {
    state.next = std::max(
        state.next, AfterWhatWasUsedHere(device, record.state, moment.now));
    state.drift = std::clamp(foreign.drift, -config.totp_tolerance.max_drift,
                             config.totp_tolerance.max_drift);
  }
  if (moment.boot) state.boot = moment.boot->id;
  if (!record.state.devices.Add(state))
    return Fail(ErrorCode::kCapacity, "no room for a device's state");
  MovedDevice moved{Outcome::kNew, device.label};
  Notify(config, NoticeKind::kEnrolled, moment.now, {}, moved.label,
         record.state);
  record.enrollment->devices.push_back(std::move(device));
  return moved;
}

Result<std::vector<CodeHash>> HashesOf(const std::vector<Secret>& codes,
                                       Bytes key) {
  std::vector<CodeHash> hashes;
  for (const Secret& code : codes) {
    ASSIGN_OR_RETURN(const CodeHash hash, HashCode(key, code.Expose()));
    if (std::ranges::find(hashes, hash) == hashes.end()) hashes.push_back(hash);
  }
  return hashes;
}

Result<void> AddScratchCodes(const std::vector<Secret>& codes,
                             const Moment& moment, Record& record,
                             MoveReport& report) {
  if (codes.empty()) return {};
  if (record.enrollment->FindSet(CodeSet::Kind::kScratch)) {
    report.scratch_codes_left_out = codes.size();
    return {};
  }
  CodeSet set;
  ASSIGN_OR_RETURN(const std::uint64_t id, RandomId());
  set.id = CodeSetId{id};
  set.kind = CodeSet::Kind::kScratch;
  set.created = moment.now;
  set.key = Secret(kCodeKeySize);
  RETURN_IF_ERROR(FillRandom(set.key.ExposeMutable()));
  ASSIGN_OR_RETURN(set.hashes, HashesOf(codes, set.key.Expose()));
  if (set.hashes.size() > kMaxCodesInSet) set.hashes.resize(kMaxCodesInSet);
  report.scratch_codes_added = set.hashes.size();
  report.scratch_codes_left_out = codes.size() - set.hashes.size();
  if (record.enrollment->code_sets.size() >= kMaxCodeSets ||
      !record.state.code_sets.Add({.id = set.id}))
    return Fail(ErrorCode::kCapacity, "no room for scratch codes");
  record.enrollment->code_sets.push_back(std::move(set));
  return {};
}

// A code that the file does not have any more was used.
Result<void> SpendScratchCodes(const std::vector<Secret>& codes, Record& record,
                               MoveReport& report) {
  const CodeSet* set = record.enrollment->FindSet(CodeSet::Kind::kScratch);
  CodeSetState* state = set ? record.state.Find(set->id) : nullptr;
  report.scratch_codes_left_out = codes.size();
  if (!state) return {};
  ASSIGN_OR_RETURN(const auto left, HashesOf(codes, set->key.Expose()));
  for (std::size_t i = 0; i < set->hashes.size(); ++i) {
    const std::uint32_t bit = std::uint32_t{1} << i;
    if (std::ranges::find(left, set->hashes[i]) != left.end()) {
      --report.scratch_codes_left_out;
    } else if ((state->spent & bit) == 0) {
      state->spent |= bit;
      ++report.scratch_codes_spent;
    }
  }
  return {};
}

}  // namespace

Result<MoveReport> MoveIn(const ForeignRecord& foreign, const Config& config,
                          const Moment& moment, Record& record) {
  if (!record.enrollment) record.enrollment.emplace();
  MoveReport report;
  bool all_are_new = true;
  for (const ForeignDevice& device : foreign.devices) {
    const Device* const here =
        FindByKey(*record.enrollment, device.key.Expose());
    auto moved = here ? Raise(device, *here, record.state)
                      : AddDevice(device, config, moment, record);
    if (!moved) return std::unexpected(moved.error());
    all_are_new = all_are_new && moved->outcome == Outcome::kNew;
    report.devices.push_back(std::move(*moved));
  }
  if (!foreign.scratch_codes) return report;
  const auto& codes = *foreign.scratch_codes;
  RETURN_IF_ERROR(all_are_new ? AddScratchCodes(codes, moment, record, report)
                              : SpendScratchCodes(codes, record, report));
  return report;
}

}  // namespace twofactor::tool
