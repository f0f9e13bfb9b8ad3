// SPDX-License-Identifier: Apache-2.0
//
// slot_image_test.cc - which slot of a lockout file counts, whatever happened
// to the bytes.

#include "core/store/slot_image.h"

#include <algorithm>
#include <vector>

#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

using Image = std::vector<std::uint8_t>;

constexpr std::string_view kOwner = "alice";

using SlotBytes = std::array<std::uint8_t, kSlotSize>;

SlotBytes SlotWith(std::uint64_t sequence, std::uint64_t synced,
                   std::string_view body, SlotSync sync = SlotSync::kNone) {
  SlotBytes slot;
  ExpectOk(EncodeSlot({sequence, synced, sync}, kOwner, AsBytes(body), slot));
  return slot;
}

void Put(Image& image, std::size_t index, const SlotBytes& slot) {
  std::copy(slot.begin(), slot.end(),
            image.begin() + static_cast<std::ptrdiff_t>(index * kSlotSize));
}

Image ImageOf(const std::vector<SlotBytes>& slots) {
  Image image(kSlotFileSize);
  for (std::size_t i = 0; i < slots.size(); ++i) Put(image, i, slots[i]);
  return image;
}

// The newest state's sequence, 0 when there is none.
std::uint64_t Newest(const Image& image, std::string_view owner = kOwner) {
  const auto slot = NewestSlot(image, owner);
  return slot ? slot->header.sequence : 0;
}

void slot_comes_back_as_it_was() {
  for (std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{2600}, kMaxSlotBodySize}) {
    const std::string body(size, 'b');
    const SlotBytes bytes = SlotWith(7, 5, body, SlotSync::kWanted);
    const auto slot = DecodeSlot(bytes, kOwner);
    Expect(slot.has_value());
    ExpectEqual(slot->header.sequence, 7u);
    ExpectEqual(slot->header.synced, 5u);
    ExpectEqual(slot->header.sync, SlotSync::kWanted);
    ExpectEqual(AsText(slot->body), body);
  }
}

void body_larger_than_a_slot_is_refused() {
  SlotBytes slot;
  ExpectError(EncodeSlot({1, 1, SlotSync::kNone}, kOwner,
                         Image(kMaxSlotBodySize + 1), slot),
              ErrorCode::kCapacity);
}

void slot_of_another_user_is_none() {
  const SlotBytes slot = SlotWith(1, 1, "body");
  for (std::string_view owner : {"bob", "", "alic", "alice2", "Alice"})
    Expect(!DecodeSlot(slot, owner), owner);
}

// The owner's name and what follows it must not be mistaken for each other.
void longest_owner_has_a_slot() {
  const std::string owner(255, 'o');
  SlotBytes slot;
  ExpectOk(EncodeSlot({1, 1, SlotSync::kNone}, owner, AsBytes("b"), slot));
  Expect(DecodeSlot(slot, owner).has_value());
}

void slot_of_another_size_is_none() {
  const SlotBytes slot = SlotWith(1, 1, "body");
  Expect(!DecodeSlot(Bytes(slot).first(kSlotSize - 1), kOwner));
  Expect(!DecodeSlot({}, kOwner));
  Image longer(slot.begin(), slot.end());
  longer.push_back(0);
  Expect(!DecodeSlot(longer, kOwner));
}

// Every byte counts, those after the body too.
void slot_with_any_bit_flipped_is_none() {
  const SlotBytes slot = SlotWith(3, 2, "a body of some length");
  for (std::size_t byte = 0; byte < kSlotSize; ++byte) {
    SlotBytes flipped = slot;
    flipped[byte] ^= static_cast<std::uint8_t>(1u << byte % 8);
    Expect(!DecodeSlot(flipped, kOwner), std::to_string(byte));
  }
}

void highest_sequence_counts_wherever_it_stands() {
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    Image image(kSlotFileSize);
    for (std::size_t i = 0; i < 3; ++i)
      Put(image, order[i], SlotWith(10 + i, 10, "body"));
    ExpectEqual(Newest(image), 12u);
    ExpectEqual(NewestSlot(image, kOwner)->index, order[2]);
  } while (std::next_permutation(order.begin(), order.end()));
}

void damaged_newest_slot_falls_back_to_the_one_before() {
  Image image = ImageOf(
      {SlotWith(10, 10, "a"), SlotWith(11, 10, "b"), SlotWith(12, 10, "c")});
  image[2 * kSlotSize + kSlotHeaderSize] ^= 1;
  ExpectEqual(Newest(image), 11u);
  image[1 * kSlotSize + 20] ^= 1;
  ExpectEqual(Newest(image), 10u);
  image[0] ^= 1;
  ExpectEqual(Newest(image), 0u);
}

void image_without_a_good_slot_is_none() {
  ExpectEqual(Newest(Image(kSlotFileSize)), 0u);
  ExpectEqual(Newest({}), 0u);
  ExpectEqual(Newest(Image(kSlotFileSize, 0xFF)), 0u);
}

void shorter_image_offers_its_whole_slots() {
  const Image image = ImageOf(
      {SlotWith(10, 10, "a"), SlotWith(11, 10, "b"), SlotWith(12, 10, "c")});
  for (std::size_t size :
       {std::size_t{0}, kSlotSize - 1, kSlotSize, 2 * kSlotSize - 1,
        2 * kSlotSize, 3 * kSlotSize - 1, 3 * kSlotSize}) {
    const Image cut(image.begin(),
                    image.begin() + static_cast<std::ptrdiff_t>(size));
    const std::size_t whole = size / kSlotSize;
    ExpectEqual(Newest(cut), whole ? 9 + whole : 0, std::to_string(size));
  }
}

// A write of `after` over `before` that ended after any number of bytes: the
// state before or the state after, never a third and never none.
void ExpectOldOrNewAtEveryByte(const Image& before, const Image& after) {
  const std::uint64_t old_state = Newest(before);
  const std::uint64_t new_state = Newest(after);
  Expect(old_state != 0 && new_state == old_state + 1);
  Image torn = before;
  for (std::size_t byte = 0; byte < after.size(); ++byte) {
    if (torn[byte] == after[byte]) continue;
    torn[byte] = after[byte];
    const std::uint64_t state = Newest(torn);
    Expect(state == old_state || state == new_state, std::to_string(byte));
  }
  ExpectEqual(Newest(torn), new_state);
  // Written from the end, as some devices do.
  torn = before;
  for (std::size_t byte = after.size(); byte-- > 0;) {
    if (torn[byte] == after[byte]) continue;
    torn[byte] = after[byte];
    const std::uint64_t state = Newest(torn);
    Expect(state == old_state || state == new_state, std::to_string(byte));
  }
}

std::string BodyOf(std::uint64_t sequence) {
  // Bodies of many lengths, as states grow and shrink.
  return std::string(1 + sequence * 613 % 2600, static_cast<char>(sequence));
}

// Commits as a writer makes them: `synced` says whether each was synced.
struct Writer {
  Image image = ImageOf({SlotWith(1, 1, BodyOf(1))});

  void Commit(bool sync) {
    const Slot newest = *NewestSlot(image, kOwner);
    std::uint64_t synced = newest.header.synced;
    auto index = NextSlot(image, kOwner, newest);
    if (newest.header.sync == SlotSync::kWanted || !index) {
      synced = newest.header.sequence;
      index = (newest.index + 1) % kSlotCount;
    }
    const std::uint64_t sequence = newest.header.sequence + 1;
    Put(image, *index,
        SlotWith(sequence, synced, BodyOf(sequence),
                 sync ? SlotSync::kWanted : SlotSync::kNone));
  }
};

void write_torn_at_any_byte_leaves_the_old_state_or_the_new() {
  Writer writer;
  for (bool sync : {false, false, false, true, false, true, true, false}) {
    const Image before = writer.image;
    writer.Commit(sync);
    ExpectOldOrNewAtEveryByte(before, writer.image);
  }
}

void next_slot_is_never_the_newest_nor_the_last_synced() {
  for (std::size_t newest = 0; newest < 3; ++newest)
    for (std::size_t synced = 0; synced < 3; ++synced) {
      if (newest == synced) continue;
      Image image(kSlotFileSize);
      Put(image, synced, SlotWith(5, 5, "synced"));
      Put(image, newest, SlotWith(6, 5, "newest"));
      const auto next = NextSlot(image, kOwner, *NewestSlot(image, kOwner));
      Expect(next.has_value());
      Expect(*next != newest && *next != synced);
    }
}

void next_slot_waits_for_a_sync_when_the_synced_one_is_lost() {
  Image image = ImageOf({SlotWith(5, 5, "synced"), SlotWith(6, 5, "newest")});
  image[kSlotHeaderSize] ^= 1;
  Expect(!NextSlot(image, kOwner, *NewestSlot(image, kOwner)));
  // Another state of that number is not that state.
  image = ImageOf({SlotWith(4, 4, "older"), SlotWith(6, 5, "newest")});
  Expect(!NextSlot(image, kOwner, *NewestSlot(image, kOwner)));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(slot_comes_back_as_it_was),
      EXPECT_TEST(body_larger_than_a_slot_is_refused),
      EXPECT_TEST(slot_of_another_user_is_none),
      EXPECT_TEST(longest_owner_has_a_slot),
      EXPECT_TEST(slot_of_another_size_is_none),
      EXPECT_TEST(slot_with_any_bit_flipped_is_none),
      EXPECT_TEST(highest_sequence_counts_wherever_it_stands),
      EXPECT_TEST(damaged_newest_slot_falls_back_to_the_one_before),
      EXPECT_TEST(image_without_a_good_slot_is_none),
      EXPECT_TEST(shorter_image_offers_its_whole_slots),
      EXPECT_TEST(write_torn_at_any_byte_leaves_the_old_state_or_the_new),
      EXPECT_TEST(next_slot_is_never_the_newest_nor_the_last_synced),
      EXPECT_TEST(next_slot_waits_for_a_sync_when_the_synced_one_is_lost),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
