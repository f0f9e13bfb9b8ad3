// SPDX-License-Identifier: Apache-2.0
//
// slot_image.cc - encoding, checking and choosing slots.

#include "core/store/slot_image.h"

#include <cstring>

#include "core/base/crypto.h"

namespace twofactor {
namespace {

constexpr std::string_view kMagic = "2FSLOT";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kDigestSize = 16;
constexpr std::size_t kDigestOffset = kSlotHeaderSize - kDigestSize;

using SlotDigest = std::array<std::uint8_t, kDigestSize>;

// Over owner || NUL || header without digest || body.
Result<SlotDigest> DigestOf(std::string_view owner, Bytes header, Bytes body) {
  static constexpr std::uint8_t kEnd[] = {0};
  const Bytes parts[] = {AsBytes(owner), kEnd, header, body};
  ASSIGN_OR_RETURN(const Sha256Digest whole, Sha256(parts));
  SlotDigest digest;
  std::memcpy(digest.data(), whole.data(), digest.size());
  return digest;
}

bool AllZero(Bytes bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 &&
          std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

Bytes SlotAt(Bytes image, std::size_t index) {
  if (image.size() < (index + 1) * kSlotSize) return {};
  return image.subspan(index * kSlotSize, kSlotSize);
}

// The sequence that a slot claims, 0 if it is none: tells which digest is
// worth computing.
std::uint64_t ClaimedSequence(Bytes slot) {
  ByteReader reader(slot);
  if (AsText(reader.Take(kMagic.size())) != kMagic) return 0;
  reader.Take(2);
  return reader.U64();
}

}  // namespace

Result<void> EncodeSlot(const SlotHeader& header, std::string_view owner,
                        Bytes body, MutableBytes slot) {
  if (body.size() > kMaxSlotBodySize)
    return Fail(ErrorCode::kCapacity, "a state larger than its slot");
  std::memset(slot.data(), 0, slot.size());
  ByteWriter writer(slot);
  writer.Put(AsBytes(kMagic));
  writer.U8(kFormat);
  writer.U8(static_cast<std::uint8_t>(header.sync));
  writer.U64(header.sequence);
  writer.U64(header.synced);
  writer.U16(static_cast<std::uint16_t>(body.size()));
  ASSIGN_OR_RETURN(const SlotDigest digest,
                   DigestOf(owner, Bytes(slot).first(kDigestOffset), body));
  writer.Put(digest);
  writer.Put(body);
  return {};
}

std::optional<Slot> DecodeSlot(Bytes bytes, std::string_view owner) {
  if (bytes.size() != kSlotSize) return std::nullopt;
  ByteReader reader(bytes);
  const bool magic_fits = AsText(reader.Take(kMagic.size())) == kMagic;
  const std::uint8_t format = reader.U8();
  Slot slot;
  slot.header.sync = SlotSync{reader.U8()};
  slot.header.sequence = reader.U64();
  slot.header.synced = reader.U64();
  const std::size_t size = reader.U16();
  const Bytes digest = reader.Take(kDigestSize);
  slot.body = reader.Take(size);
  if (reader.failed() || !magic_fits || format != kFormat) return std::nullopt;
  const auto expected = DigestOf(owner, bytes.first(kDigestOffset), slot.body);
  if (!expected || !ConstantTimeEqual(*expected, digest)) return std::nullopt;
  if (!AllZero(bytes.subspan(kSlotHeaderSize + size))) return std::nullopt;
  return slot;
}

std::optional<Slot> NewestSlot(Bytes image, std::string_view owner) {
  // Highest claim first: as a rule one digest is computed, not three.
  std::array<std::uint64_t, kSlotCount> claims;
  for (std::size_t i = 0; i < kSlotCount; ++i)
    claims[i] = ClaimedSequence(SlotAt(image, i));
  for (std::size_t tries = 0; tries < kSlotCount; ++tries) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < kSlotCount; ++i)
      if (claims[i] > claims[best]) best = i;
    if (claims[best] == 0) return std::nullopt;
    if (auto slot = DecodeSlot(SlotAt(image, best), owner)) {
      slot->index = best;
      return slot;
    }
    claims[best] = 0;
  }
  return std::nullopt;
}

std::optional<std::size_t> NextSlot(Bytes image, std::string_view owner,
                                    const Slot& newest) {
  std::optional<std::size_t> synced;
  if (newest.header.synced == newest.header.sequence) synced = newest.index;
  for (std::size_t i = 0; i < kSlotCount && !synced; ++i) {
    if (ClaimedSequence(SlotAt(image, i)) != newest.header.synced) continue;
    if (DecodeSlot(SlotAt(image, i), owner)) synced = i;
  }
  if (!synced) return std::nullopt;
  for (std::size_t i = 0; i < kSlotCount; ++i)
    if (i != newest.index && i != *synced) return i;
  return std::nullopt;
}

}  // namespace twofactor
