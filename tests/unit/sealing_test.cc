// SPDX-License-Identifier: Apache-2.0
//
// sealing_test.cc - a sealed blob opens where it was sealed, and nowhere else.

#include "core/store/sealing.h"

#include <functional>

#include "core/base/encoding.h"
#include "tests/unit/temporary_folder.h"

using namespace twofactor;

namespace {

struct Host {
  Host() { ExpectOk(Keyring::Create(folder / "etc")); }
  TemporaryFolder folder;
  Keyring Open() const { return ExpectOk(Keyring::Open(folder / "etc")); }
};

using Blob = std::vector<std::uint8_t>;

constexpr SealContext kAlice{SealPurpose::kEnrollment, "alice"};

Blob SealText(const Keyring& keyring, const SealContext& context,
              std::string_view text) {
  return ExpectOk(Seal(keyring, context, AsBytes(text)));
}

void sealed_text_opens_again() {
  Host host;
  const Keyring keyring = host.Open();
  for (std::size_t size : {0u, 1u, 15u, 16u, 17u, 5000u, 60000u}) {
    const std::string text(size, 's');
    const Secret opened =
        ExpectOk(Open(keyring, kAlice, SealText(keyring, kAlice, text)));
    ExpectEqual(AsText(opened.Expose()), text);
  }
}

void text_too_large_to_seal_is_refused() {
  Host host;
  const Keyring keyring = host.Open();
  const Blob blob = SealText(keyring, kAlice, "");
  const std::size_t overhead = blob.size();
  ExpectOk(Seal(keyring, kAlice, Blob(kMaxSealedSize - overhead)));
  ExpectError(Seal(keyring, kAlice, Blob(kMaxSealedSize - overhead + 1)),
              ErrorCode::kCapacity);
}

// A nonce that repeats under one key gives the text away.
void same_text_is_never_sealed_the_same() {
  Host host;
  const Keyring keyring = host.Open();
  std::set<Blob> seen;
  for (int i = 0; i < 200; ++i)
    Expect(seen.insert(SealText(keyring, kAlice, "text")).second);
}

void sealed_bytes_do_not_show_the_text() {
  Host host;
  const Keyring keyring = host.Open();
  const std::string secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
  const Blob blob = SealText(keyring, kAlice, secret);
  ExpectLacks(AsText(blob), secret.substr(0, 8));
}

void blob_of_another_user_does_not_open() {
  Host host;
  const Keyring keyring = host.Open();
  const Blob blob = SealText(keyring, kAlice, "text");
  for (const char* user : {"bob", "alic", "alice ", "Alice", ""})
    ExpectError(Open(keyring, {SealPurpose::kEnrollment, user}, blob),
                ErrorCode::kCorrupt, user);
}

void blob_of_another_purpose_does_not_open() {
  Host host;
  const Keyring keyring = host.Open();
  const Blob marker =
      SealText(keyring, {SealPurpose::kMarker, "alice"}, "text");
  ExpectError(Open(keyring, kAlice, marker), ErrorCode::kCorrupt);
  ExpectOk(Open(keyring, {SealPurpose::kMarker, "alice"}, marker));
}

// The bytes `from` of a blob, written over by `to` of the same length.
Blob Edited(const Blob& blob, std::string_view from, std::string_view to) {
  std::string text(AsText(blob));
  const std::size_t place = text.find(from);
  Expect(place != std::string::npos);
  text.replace(place, from.size(), to);
  return {text.begin(), text.end()};
}

// Not the name in the header decides, but the seal.
void renamed_header_does_not_open() {
  Host host;
  const Keyring keyring = host.Open();
  const Blob blob = SealText(keyring, kAlice, "text");
  ExpectError(Open(keyring, {SealPurpose::kEnrollment, "mallo"},
                   Edited(blob, "alice", "mallo")),
              ErrorCode::kCorrupt);
}

void purpose_in_the_header_is_under_the_seal() {
  Host host;
  const Keyring keyring = host.Open();
  const Blob blob = SealText(keyring, kAlice, "text");
  const Blob edited = Edited(blob, std::string_view("2FSEAL\1\2", 8),
                             std::string_view("2FSEAL\1\1", 8));
  ExpectError(Open(keyring, {SealPurpose::kMarker, "alice"}, edited),
              ErrorCode::kCorrupt);
}

void blob_of_another_host_does_not_open() {
  Host host;
  Host other;
  ExpectError(Open(other.Open(), kAlice, SealText(host.Open(), kAlice, "text")),
              ErrorCode::kStoreMissing);
}

// Same keys, another realm: a keyring that was edited, or a copied key file.
void blob_of_another_realm_does_not_open() {
  Host host;
  const Blob blob = SealText(host.Open(), kAlice, "text");
  const std::string path = host.folder / "etc/keyring";
  std::string text = ReadFile(path);
  char& digit = text[std::string("realm=").size()];
  digit = digit == '0' ? '1' : '0';
  Expect(unlink(path.c_str()) == 0);
  WriteFile(path, text, 0400);
  ExpectError(Open(host.Open(), kAlice, blob), ErrorCode::kCorrupt);
}

void blob_cut_at_any_byte_does_not_open() {
  Host host;
  const Keyring keyring = host.Open();
  const Blob blob = SealText(keyring, kAlice, "a text of some length");
  for (std::size_t size = 0; size < blob.size(); ++size)
    ExpectError(Open(keyring, kAlice, Bytes(blob).first(size)),
                ErrorCode::kCorrupt, std::to_string(size));
}

void blob_with_a_byte_more_does_not_open() {
  Host host;
  const Keyring keyring = host.Open();
  Blob blob = SealText(keyring, kAlice, "text");
  blob.push_back(0);
  ExpectError(Open(keyring, kAlice, blob), ErrorCode::kCorrupt);
}

void blob_with_any_bit_flipped_does_not_open() {
  Host host;
  const Keyring keyring = host.Open();
  const Blob blob = SealText(keyring, kAlice, "a text of some length");
  for (std::size_t bit = 0; bit < blob.size() * 8; ++bit) {
    Blob flipped = blob;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    const auto opened = Open(keyring, kAlice, flipped);
    Expect(!opened, std::to_string(bit));
    // Bytes 8 to 15 name the key: another one is not there.
    ExpectEqual(opened.error().code, bit / 8 >= 8 && bit / 8 < 16
                                         ? ErrorCode::kStoreMissing
                                         : ErrorCode::kCorrupt);
  }
}

void blobs_of_old_keys_open_after_a_rotation() {
  Host host;
  Keyring keyring = host.Open();
  const KeyId old_key = keyring.active();
  const Blob old_blob = SealText(keyring, kAlice, "old");
  const KeyId new_key = ExpectOk(keyring.Rotate());
  const Blob new_blob = SealText(keyring, kAlice, "new");
  ExpectEqual(AsText(ExpectOk(Open(keyring, kAlice, old_blob)).Expose()),
              "old");
  ExpectEqual(AsText(ExpectOk(Open(keyring, kAlice, new_blob)).Expose()),
              "new");
  Expect(ExpectOk(ReadSealHeader(old_blob)).key == old_key);
  Expect(ExpectOk(ReadSealHeader(new_blob)).key == new_key);
}

void header_names_key_and_user() {
  Host host;
  const Keyring keyring = host.Open();
  const SealHeader header =
      ExpectOk(ReadSealHeader(SealText(keyring, kAlice, "text")));
  Expect(header.key == keyring.active());
  ExpectEqual(header.user, "alice");
  ExpectError(ReadSealHeader({}), ErrorCode::kCorrupt);
  ExpectError(ReadSealHeader(AsBytes("2FSEAL")), ErrorCode::kCorrupt);
  ExpectError(ReadSealHeader(AsBytes(std::string(100, 'x'))),
              ErrorCode::kCorrupt);
}

void longest_user_name_seals() {
  Host host;
  const Keyring keyring = host.Open();
  const std::string user(255, '\xFF');
  const SealContext context{SealPurpose::kEnrollment, user};
  ExpectOk(Open(keyring, context, SealText(keyring, context, "text")));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(sealed_text_opens_again),
      EXPECT_TEST(text_too_large_to_seal_is_refused),
      EXPECT_TEST(same_text_is_never_sealed_the_same),
      EXPECT_TEST(sealed_bytes_do_not_show_the_text),
      EXPECT_TEST(blob_of_another_user_does_not_open),
      EXPECT_TEST(blob_of_another_purpose_does_not_open),
      EXPECT_TEST(renamed_header_does_not_open),
      EXPECT_TEST(purpose_in_the_header_is_under_the_seal),
      EXPECT_TEST(blob_of_another_host_does_not_open),
      EXPECT_TEST(blob_of_another_realm_does_not_open),
      EXPECT_TEST(blob_cut_at_any_byte_does_not_open),
      EXPECT_TEST(blob_with_a_byte_more_does_not_open),
      EXPECT_TEST(blob_with_any_bit_flipped_does_not_open),
      EXPECT_TEST(blobs_of_old_keys_open_after_a_rotation),
      EXPECT_TEST(header_names_key_and_user),
      EXPECT_TEST(longest_user_name_seals),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
