// SPDX-License-Identifier: Apache-2.0
//
// slot_image_fuzz.cc - from any image, and from a good one with any damage:
// the newest slot that nobody touched, or none.

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "core/store/slot_image.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {
namespace {

constexpr std::string_view kOwner = "alice";

void ExpectSound(Bytes image) {
  const auto newest = NewestSlot(image, kOwner);
  if (!newest) return;
  FUZZ_EXPECT(newest->index < kSlotCount);
  FUZZ_EXPECT(newest->header.sequence > 0);
  FUZZ_EXPECT(newest->body.size() <= kMaxSlotBodySize);
  FUZZ_EXPECT(newest->body.data() >= image.data() &&
              newest->body.data() + newest->body.size() <=
                  image.data() + image.size());
  FUZZ_EXPECT(
      DecodeSlot(image.subspan(newest->index * kSlotSize, kSlotSize), kOwner)
          .has_value());
  FUZZ_EXPECT(
      !DecodeSlot(image.subspan(newest->index * kSlotSize, kSlotSize), "bob"));
  const auto next = NextSlot(image, kOwner, *newest);
  FUZZ_EXPECT(!next || (*next < kSlotCount && *next != newest->index));
}

// Slots of the input's choice, then edits of the input's choice.
void FuzzDamage(FuzzInput input) {
  std::vector<std::uint8_t> image(kSlotFileSize);
  std::array<std::uint64_t, kSlotCount> sequences;
  for (std::size_t i = 0; i < kSlotCount; ++i) {
    sequences[i] = input.Byte();
    const SlotHeader header{
        sequences[i], input.Byte(),
        SlotSync{static_cast<std::uint8_t>(input.Byte() & 1)}};
    std::array<std::uint8_t, kSlotSize> slot;
    const Bytes body = input.Take(input.Byte());
    FUZZ_EXPECT(EncodeSlot(header, kOwner, body, slot).has_value());
    std::ranges::copy(
        slot, image.begin() + static_cast<std::ptrdiff_t>(i * kSlotSize));
  }
  const std::vector<std::uint8_t> good = image;
  while (!input.Rest().empty())
    image[input.Word() % image.size()] ^= input.Byte();

  std::optional<std::uint64_t> expected;
  for (std::size_t i = 0; i < kSlotCount; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i * kSlotSize);
    const bool untouched =
        std::equal(image.begin() + at,
                   image.begin() + at + static_cast<std::ptrdiff_t>(kSlotSize),
                   good.begin() + at);
    if (untouched && sequences[i] > expected.value_or(0))
      expected = sequences[i];
  }
  const auto newest = NewestSlot(image, kOwner);
  FUZZ_EXPECT(newest.has_value() == expected.has_value());
  FUZZ_EXPECT(!newest || newest->header.sequence == *expected);
  ExpectSound(image);
}

}  // namespace

void Fuzz(Bytes input) {
  ExpectSound(input);
  FuzzDamage(FuzzInput(input));
}

}  // namespace twofactor
