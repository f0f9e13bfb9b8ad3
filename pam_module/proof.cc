// SPDX-License-Identifier: Apache-2.0
//
// proof.cc - pam_set_data(3) and back.

#include "pam_module/proof.h"

#include <memory>

namespace twofactor {
namespace {

constexpr char kDataName[] = "pam_twofactor_proof";
constexpr std::chrono::seconds kValidFor{120};

void DeleteProof(pam_handle_t*, void* data, int) {
  delete static_cast<Proof*>(data);
}

}  // namespace

void ClearProof(pam_handle_t* handle) {
  pam_set_data(handle, kDataName, nullptr, nullptr);
}

int KeepProof(pam_handle_t* handle, const Proof& proof) {
  auto copy = std::make_unique<Proof>(proof);
  const int code = pam_set_data(handle, kDataName, copy.get(), DeleteProof);
  if (code == PAM_SUCCESS) (void)copy.release();
  return code;
}

std::optional<Proof::Kind> FindProof(pam_handle_t* handle,
                                     const LoginRequest& request,
                                     const Clock& clock) {
  const void* data = nullptr;
  if (pam_get_data(handle, kDataName, &data) != PAM_SUCCESS)
    return std::nullopt;
  if (!data) return Proof::Kind::kNone;
  const auto& proof = *static_cast<const Proof*>(data);
  const auto age = clock.Monotonic() - proof.made_at;
  if (proof.user != request.user || proof.service != request.service ||
      age < age.zero() || age > kValidFor)
    return Proof::Kind::kNone;
  return proof.kind;
}

}  // namespace twofactor
