// SPDX-License-Identifier: Apache-2.0
//
// secret_test.cc - secrets move, do not copy, and are wiped before their memory
// goes back to the heap.

#include "core/base/secret.h"

#include <cstdlib>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/secret_text.h"
#include "tests/unit/expect.h"

namespace {

// What operator delete[] found in the block that a test watches.
struct Watch {
  const void* block = nullptr;
  std::size_t size = 0;
  bool freed = false;
  bool wiped = false;
} watch;

}  // namespace

[[gnu::noinline]] void* operator new[](std::size_t size) {
  if (void* block = std::malloc(size ? size : 1)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete[](void* block) noexcept {
  if (block && block == watch.block) {
    watch.freed = watch.wiped = true;
    for (std::size_t i = 0; i < watch.size; ++i)
      if (static_cast<const std::uint8_t*>(block)[i] != 0) watch.wiped = false;
  }
  std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  operator delete[](block);
}

using namespace twofactor;

namespace {

void StartWatching(Bytes secret) {
  watch = {secret.data(), secret.size(), false, false};
}

void secret_cannot_be_copied() {
  Expect(!std::is_copy_constructible_v<Secret>);
  Expect(!std::is_copy_assignable_v<Secret>);
  Expect(!std::is_copy_constructible_v<SecretArray<4>>);
  Expect(!std::is_copy_assignable_v<SecretArray<4>>);
}

template <typename T>
constexpr bool kStreams = requires(std::ostream& out, const T& value) {
  out << value;
};

void secret_cannot_be_streamed() {
  Expect(kStreams<int>);
  Expect(!kStreams<Secret>);
  Expect(!kStreams<SecretArray<4>>);
}

void new_secret_is_zero() {
  ExpectEqual(HexEncode(Secret(4).Expose()), "00000000");
  Expect(Secret(0).empty());
  Expect(Secret().empty());
}

void moved_from_secret_is_empty() {
  Secret first = Secret::CopyOf(AsBytes("key"));
  Secret second = std::move(first);
  Expect(first.empty());  // NOLINT(bugprone-use-after-move)
  ExpectEqual(AsText(second.Expose()), "key");
  first = std::move(second);
  ExpectEqual(AsText(first.Expose()), "key");
}

void secret_is_wiped_when_destroyed() {
  {
    const Secret secret = Secret::CopyOf(AsBytes("JBSWY3DPEHPK3PXP"));
    StartWatching(secret.Expose());
  }
  Expect(watch.freed);
  Expect(watch.wiped);
}

void shrunk_secret_is_wiped_whole() {
  {
    Secret secret = Secret::CopyOf(AsBytes("JBSWY3DPEHPK3PXP"));
    StartWatching(secret.Expose());
    secret.Shrink(3);
    ExpectEqual(AsText(secret.Expose()), "JBS");
  }
  Expect(watch.freed);
  Expect(watch.wiped);
}

void shrink_never_grows() {
  Secret secret(3);
  secret.Shrink(4);
  ExpectEqual(secret.size(), 3u);
}

void overwritten_secret_is_wiped() {
  Secret secret = Secret::CopyOf(AsBytes("JBSWY3DPEHPK3PXP"));
  StartWatching(secret.Expose());
  secret = Secret::CopyOf(AsBytes("another"));
  Expect(watch.freed);
  Expect(watch.wiped);
}

void secret_assigned_to_itself_stays() {
  Secret secret = Secret::CopyOf(AsBytes("key"));
  Secret& same = secret;
  secret = std::move(same);
  ExpectEqual(AsText(secret.Expose()), "key");
}

void secret_array_is_wiped_when_destroyed() {
  alignas(SecretArray<32>) std::uint8_t memory[sizeof(SecretArray<32>)] = {};
  auto* secret = new (memory) SecretArray<32>();
  for (std::uint8_t& byte : secret->ExposeMutable()) byte = 0xA5;
  secret->~SecretArray<32>();
  ExpectBytes(memory, std::vector<std::uint8_t>(sizeof(memory)));
}

void text_that_grows_wipes_what_it_leaves() {
  SecretText text;
  text.Append("JBSWY3DPEHPK3PXP");
  StartWatching(text.Expose());
  const std::string much(1000, 'A');
  text.Append(much);
  Expect(watch.freed);
  Expect(watch.wiped);
  ExpectEqual(AsText(text.Expose()), "JBSWY3DPEHPK3PXP" + much);
}

void taken_text_is_what_was_appended() {
  SecretText text;
  text.Append("").Append("key ").Append(Secret::CopyOf(AsBytes("of alice")));
  const Secret taken = std::move(text).Take();
  ExpectEqual(AsText(taken.Expose()), "key of alice");
  ExpectEqual(text.size(), 0u);  // NOLINT(bugprone-use-after-move)
  text.Append("new");
  ExpectEqual(AsText(text.Expose()), "new");
  Expect(SecretText().Take().empty());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(secret_cannot_be_copied),
      EXPECT_TEST(secret_cannot_be_streamed),
      EXPECT_TEST(new_secret_is_zero),
      EXPECT_TEST(moved_from_secret_is_empty),
      EXPECT_TEST(secret_is_wiped_when_destroyed),
      EXPECT_TEST(shrunk_secret_is_wiped_whole),
      EXPECT_TEST(shrink_never_grows),
      EXPECT_TEST(overwritten_secret_is_wiped),
      EXPECT_TEST(secret_assigned_to_itself_stays),
      EXPECT_TEST(secret_array_is_wiped_when_destroyed),
      EXPECT_TEST(text_that_grows_wipes_what_it_leaves),
      EXPECT_TEST(taken_text_is_what_was_appended),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
