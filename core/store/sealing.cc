// SPDX-License-Identifier: Apache-2.0
//
// sealing.cc - header, nonce, ciphertext, tag.
//
//   "2FSEAL" u8 format=1  u8 purpose  kid[8]  u16 n  user[n]  nonce[12]
//   ciphertext  tag[16]
//
// Associated data: the realm and then everything before the ciphertext.

#include "core/store/sealing.h"

#include <cstring>

#include "core/base/random.h"

namespace twofactor {
namespace {

constexpr std::string_view kMagic = "2FSEAL";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kFixedHeaderSize = 6 + 1 + 1 + 8 + 2;
constexpr std::string_view kKeyInfo = "twofactor seal 1";

struct ParsedBlob {
  SealPurpose purpose{};
  KeyId key{};
  std::string_view user;
  Bytes header;  // All before the ciphertext, nonce included.
  Bytes nonce;
  Bytes body;  // Ciphertext and tag.
};

Result<ParsedBlob> Parse(Bytes sealed) {
  ByteReader reader(sealed);
  ParsedBlob blob;
  const bool magic_fits = AsText(reader.Take(kMagic.size())) == kMagic;
  const std::uint8_t format = reader.U8();
  blob.purpose = SealPurpose{reader.U8()};
  const Bytes key = reader.Take(blob.key.size());
  const std::size_t user_size = reader.U16();
  blob.user = AsText(reader.Take(user_size));
  blob.nonce = reader.Take(kGcmNonceSize);
  if (reader.failed() || !magic_fits)
    return Fail(ErrorCode::kCorrupt, "not a sealed file");
  if (format != kFormat)
    return Fail(ErrorCode::kCorrupt, "sealed in a format of another release");
  const std::size_t header_size = kFixedHeaderSize + user_size + kGcmNonceSize;
  if (sealed.size() < header_size + kGcmTagSize)
    return Fail(ErrorCode::kCorrupt, "a truncated sealed file");
  std::memcpy(blob.key.data(), key.data(), key.size());
  blob.header = sealed.first(header_size);
  blob.body = sealed.subspan(header_size);
  return blob;
}

std::vector<std::uint8_t> Join(Bytes a, Bytes b) {
  std::vector<std::uint8_t> joined(a.size() + b.size());
  ByteWriter writer(joined);
  writer.Put(a);
  writer.Put(b);
  return joined;
}

Result<void> DeriveKey(const Keyring& keyring, const KeyId& id,
                       const SealContext& context, Key256& key) {
  ASSIGN_OR_RETURN(const Key256* master, keyring.Load(id));
  std::string info(kKeyInfo);
  info.push_back(static_cast<char>(context.purpose));
  info += context.user;
  return HkdfSha256(master->Expose(), keyring.realm(), AsBytes(info), key);
}

}  // namespace

Result<std::vector<std::uint8_t>> Seal(const Keyring& keyring,
                                       const SealContext& context,
                                       Bytes plain) {
  const std::size_t header_size =
      kFixedHeaderSize + context.user.size() + kGcmNonceSize;
  std::vector<std::uint8_t> sealed(header_size + plain.size() + kGcmTagSize);
  if (sealed.size() > kMaxSealedSize)
    return Fail(ErrorCode::kCapacity, "too much to seal");

  std::uint8_t nonce[kGcmNonceSize];
  RETURN_IF_ERROR(FillRandom(nonce));
  ByteWriter writer(sealed);
  writer.Put(AsBytes(kMagic));
  writer.U8(kFormat);
  writer.U8(static_cast<std::uint8_t>(context.purpose));
  writer.Put(keyring.active());
  writer.U16(static_cast<std::uint16_t>(context.user.size()));
  writer.Put(AsBytes(context.user));
  writer.Put(nonce);

  Key256 key;
  RETURN_IF_ERROR(DeriveKey(keyring, keyring.active(), context, key));
  const auto associated_data =
      Join(keyring.realm(), Bytes(sealed).first(header_size));
  RETURN_IF_ERROR(GcmSeal(key, {nonce, associated_data}, plain,
                          MutableBytes(sealed).subspan(header_size)));
  return sealed;
}

Result<Secret> Open(const Keyring& keyring, const SealContext& context,
                    Bytes sealed) {
  ASSIGN_OR_RETURN(const ParsedBlob blob, Parse(sealed));
  if (blob.purpose != context.purpose || blob.user != context.user)
    return Fail(ErrorCode::kCorrupt, "sealed for another purpose or user");
  Key256 key;
  RETURN_IF_ERROR(DeriveKey(keyring, blob.key, context, key));
  const auto associated_data = Join(keyring.realm(), blob.header);
  Secret plain(blob.body.size() - kGcmTagSize);
  RETURN_IF_ERROR(GcmOpen(key, {blob.nonce, associated_data}, blob.body,
                          plain.ExposeMutable()));
  return plain;
}

Result<SealHeader> ReadSealHeader(Bytes sealed) {
  ASSIGN_OR_RETURN(const ParsedBlob blob, Parse(sealed));
  return SealHeader{blob.key, std::string(blob.user)};
}

}  // namespace twofactor
