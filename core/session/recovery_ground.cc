// SPDX-License-Identifier: Apache-2.0
//
// recovery_ground.cc - the ids then and the ids now.

#include "core/session/recovery_ground.h"

#include "core/base/crypto.h"

namespace twofactor {
namespace {

std::vector<DeviceId> FactorsOf(const Enrollment& enrollment) {
  std::vector<DeviceId> ids;
  for (const Device& device : enrollment.devices) ids.push_back(device.id);
  for (const Address& address : enrollment.addresses) ids.push_back(address.id);
  return ids;
}

std::vector<CodeSetId> CodeSetsOf(const Enrollment& enrollment) {
  std::vector<CodeSetId> ids;
  for (const CodeSet& set : enrollment.code_sets) ids.push_back(set.id);
  return ids;
}

}  // namespace

RecoveryGround::RecoveryGround(const Enrollment& enrollment, UnixTime since)
    : factors_(FactorsOf(enrollment)),
      code_sets_(CodeSetsOf(enrollment)),
      since_(since) {
  if (enrollment.recovery)
    key_ = Secret::CopyOf(enrollment.recovery->key.Expose());
}

bool RecoveryGround::Holds(const Enrollment& enrollment, UnixTime now) const {
  return enrollment.recovery && enrollment.usable() &&
         ConstantTimeEqual(enrollment.recovery->key.Expose(), key_.Expose()) &&
         FactorsOf(enrollment) == factors_ &&
         CodeSetsOf(enrollment) == code_sets_ && now >= since_ &&
         now < since_ + kRecoveryCodeLife;
}

}  // namespace twofactor
