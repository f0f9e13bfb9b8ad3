// SPDX-License-Identifier: Apache-2.0
//
// slot_image.h - the lockout file as bytes: three slots, of which the newest
// good one counts.
//
// A slot is one aligned page.  A commit writes one slot, never the newest and
// never the last that is known to be on the disk, so neither a torn write nor
// a power cut can take more than what was not synced.
//
//   "2FSLOT" u8 format=1  u8 sync  u64 sequence  u64 synced sequence
//   u16 size  digest[16]  body[size]  zeros
//
// digest: the first half of SHA-256 over the user's name, the fields before it
// and the body; it finds torn writes and another user's file, not a forger.
//
// Trust: an image may be any bytes.

#ifndef TWOFACTOR_CORE_STORE_SLOT_IMAGE_H_
#define TWOFACTOR_CORE_STORE_SLOT_IMAGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace twofactor {

constexpr std::size_t kSlotSize = 4096;
constexpr std::size_t kSlotCount = 3;
constexpr std::size_t kSlotFileSize = kSlotCount * kSlotSize;
constexpr std::size_t kSlotHeaderSize = 6 + 1 + 1 + 8 + 8 + 2 + 16;
constexpr std::size_t kMaxSlotBodySize = kSlotSize - kSlotHeaderSize;

// What the writer of a slot meant to do about the disk.
enum class SlotSync : std::uint8_t {
  kNone = 0,    // Left to the kernel.
  kWanted = 1,  // Synced after it was written, unless the writer died first.
};

struct SlotHeader {
  std::uint64_t sequence = 0;  // Grows by one a commit; the highest is newest.
  // The newest sequence known to be on the disk when this slot was written;
  // its own in a file that was synced before it got its name.
  std::uint64_t synced = 0;
  SlotSync sync = SlotSync::kNone;
};

struct Slot {
  std::size_t index = 0;
  SlotHeader header;
  Bytes body;  // Points into the image.
};

// `owner` is the user's name; `slot` has kSlotSize bytes.  kCapacity when the
// body is too large.
Result<void> EncodeSlot(const SlotHeader& header, std::string_view owner,
                        Bytes body, MutableBytes slot);

// Empty unless every byte is as EncodeSlot wrote it.
std::optional<Slot> DecodeSlot(Bytes slot, std::string_view owner);

// The newest good slot of an image of kSlotFileSize or fewer bytes.
std::optional<Slot> NewestSlot(Bytes image, std::string_view owner);

// Where the commit after `newest` goes.  Empty when the last synced slot is no
// longer there; then `newest` has to be synced first.
std::optional<std::size_t> NextSlot(Bytes image, std::string_view owner,
                                    const Slot& newest);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_STORE_SLOT_IMAGE_H_
