// SPDX-License-Identifier: Apache-2.0
//
// crypto.cc - what is the same in both builds: HKDF and comparison.

#include "core/base/crypto.h"

namespace twofactor {

Result<void> HkdfSha256(Bytes key, Bytes salt, Bytes info, Key256& output) {
  // RFC 5869 §2.2 and §2.3, where T(1) = HMAC(PRK, info || 0x01).
  Key256 extracted;
  RETURN_IF_ERROR(
      Hmac(HashAlgorithm::kSha256, salt, key, extracted.ExposeMutable()));
  std::array<std::uint8_t, 512> message;
  if (info.size() >= message.size())
    return Fail(ErrorCode::kInvalid, "HKDF info is too long");
  ByteWriter writer(message);
  writer.Put(info);
  writer.U8(1);
  return Hmac(HashAlgorithm::kSha256, extracted.Expose(),
              Bytes(message).first(writer.size()), output.ExposeMutable());
}

bool ConstantTimeEqual(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace twofactor
