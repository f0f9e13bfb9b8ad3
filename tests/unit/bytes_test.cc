// SPDX-License-Identifier: Apache-2.0
//
// bytes_test.cc - the strict reader and writer, and the list of fixed capacity.

#include "core/base/bytes.h"

#include "core/base/bounded_list.h"
#include "tests/unit/expect.h"

using namespace twofactor;

namespace {

void reader_reads_big_endian() {
  const std::uint8_t input[] = {1, 2,  3,  4,  5,  6,  7, 8,
                                9, 10, 11, 12, 13, 14, 15};
  ByteReader reader(input);
  ExpectEqual(reader.U8(), 0x01u);
  ExpectEqual(reader.U16(), 0x0203u);
  ExpectEqual(reader.U32(), 0x04050607u);
  ExpectEqual(reader.U64(), 0x08090A0B0C0D0E0Fu);
  Expect(reader.Finished());
}

void reader_that_failed_once_returns_zero_for_good() {
  const std::uint8_t input[] = {1, 2, 3};
  ByteReader reader(input);
  ExpectEqual(reader.U32(), 0u);
  Expect(reader.failed());
  ExpectEqual(reader.U8(), 0u);
  Expect(reader.Take(1).empty());
  Expect(!reader.Finished());
}

void reader_is_not_finished_while_bytes_are_left() {
  const std::uint8_t input[] = {1, 2};
  ByteReader reader(input);
  reader.U8();
  Expect(!reader.Finished());
  Expect(!reader.failed());
  reader.U8();
  Expect(reader.Finished());
}

void reader_takes_nothing_from_nothing() {
  ByteReader reader({});
  Expect(reader.Take(0).empty());
  Expect(reader.Finished());
  Expect(reader.Take(1).empty());
  Expect(reader.failed());
}

void reader_refuses_a_size_near_the_largest() {
  const std::uint8_t input[] = {1, 2};
  ByteReader reader(input);
  Expect(reader.Take(SIZE_MAX).empty());
  Expect(reader.failed());
}

void writer_writes_what_the_reader_reads() {
  std::uint8_t output[18];
  ByteWriter writer(output);
  writer.U8(1);
  writer.U16(0x0203);
  writer.U32(0x04050607);
  writer.U64(0x08090A0B0C0D0E0F);
  writer.Put(AsBytes("end"));
  ExpectEqual(writer.size(), 18u);
  Expect(!writer.overflowed());
  ExpectEqual(HexEncode(output), "0102030405060708090a0b0c0d0e0f656e64");
}

void writer_drops_and_remembers_what_does_not_fit() {
  std::uint8_t output[4] = {9, 9, 9, 9};
  ByteWriter writer(MutableBytes(output).first(3));
  writer.U16(1);
  writer.U16(2);
  Expect(writer.overflowed());
  writer.U8(3);  // Would fit, but what follows a gap is no format.
  ExpectEqual(writer.size(), 2u);
  ExpectEqual(HexEncode(output), "00010909");
}

void list_refuses_one_more_than_its_capacity() {
  BoundedList<int, 3> list;
  for (int i = 0; i < 3; ++i) Expect(list.Add(i));
  Expect(list.full());
  Expect(!list.Add(3));
  ExpectEqual(list.size(), 3u);
  ExpectEqual(list[2], 2);
}

void list_keeps_its_order_when_an_item_goes() {
  BoundedList<int, 4> list;
  for (int i = 0; i < 4; ++i) Expect(list.Add(i));
  list.RemoveAt(0);
  list.RemoveAt(2);
  ExpectEqual(list.size(), 2u);
  ExpectEqual(list[0], 1);
  ExpectEqual(list[1], 2);
  list.Clear();
  Expect(list.empty());
}

void lists_are_equal_by_what_they_hold() {
  BoundedList<int, 4> a;
  BoundedList<int, 4> b;
  Expect(a.Add(1) && a.Add(2) && b.Add(1));
  Expect(!(a == b));
  a.RemoveAt(1);
  Expect(a == b);  // What a removed item left behind does not count.
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(reader_reads_big_endian),
      EXPECT_TEST(reader_that_failed_once_returns_zero_for_good),
      EXPECT_TEST(reader_is_not_finished_while_bytes_are_left),
      EXPECT_TEST(reader_takes_nothing_from_nothing),
      EXPECT_TEST(reader_refuses_a_size_near_the_largest),
      EXPECT_TEST(writer_writes_what_the_reader_reads),
      EXPECT_TEST(writer_drops_and_remembers_what_does_not_fit),
      EXPECT_TEST(list_refuses_one_more_than_its_capacity),
      EXPECT_TEST(list_keeps_its_order_when_an_item_goes),
      EXPECT_TEST(lists_are_equal_by_what_they_hold),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
