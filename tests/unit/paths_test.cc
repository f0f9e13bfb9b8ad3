// SPDX-License-Identifier: Apache-2.0
//
// paths_test.cc - every user name is one safe file name, and no two are the
// same.

#include "core/store/paths.h"

#include <set>

#include "tests/unit/expect.h"

using namespace twofactor;
using namespace std::string_view_literals;

namespace {

UserName User(std::string_view name) {
  return ExpectOk(UserName::Create(name));
}

std::string FileOf(std::string_view name) {
  return ExpectOk(RecordFileName(User(name)));
}

void user_names_have_1_to_255_bytes_without_nul() {
  ExpectError(UserName::Create(""), ErrorCode::kInvalid);
  ExpectOk(UserName::Create("a"));
  ExpectOk(UserName::Create(std::string(255, 'a')));
  ExpectError(UserName::Create(std::string(256, 'a')), ErrorCode::kInvalid);
  ExpectError(UserName::Create("a\0"sv), ErrorCode::kInvalid);
  ExpectError(UserName::Create("\0"sv), ErrorCode::kInvalid);
  ExpectOk(UserName::Create("\n\x7F\xFF ./%"));
}

// An Error may be logged as it is: what the peer typed must not be in it.
void error_does_not_repeat_the_name() {
  const auto context =
      ExpectError(UserName::Create("evil\0evil"sv), ErrorCode::kInvalid);
  ExpectLacks(context, "evil");
}

void names_become_file_names() {
  struct {
    std::string_view user;
    std::string_view file;
  } const rows[] = {
      {"alice", "alice"},
      {"Alice_B-9", "Alice_B-9"},
      {"alice.b", "alice.b"},
      {".alice", "%2Ealice"},
      {".", "%2E"},
      {"..", "%2E."},
      {"...", "%2E.."},
      {".tmp-alice", "%2Etmp-alice"},
      {"../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"},
      {"/", "%2F"},
      {"a/b", "a%2Fb"},
      {"a b", "a%20b"},
      {"EXAMPLE\\alice", "EXAMPLE%5Calice"},
      {"alice@example.org", "alice%40example.org"},
      {"host$", "host%24"},
      {"a~", "a%7E"},
      {"%41", "%2541"},
      {"%h", "%25h"},
      {"Zo\xC3\xAB", "Zo%C3%AB"},
      {"\xFF\x01\n", "%FF%01%0A"},
  };
  for (const auto& row : rows) {
    ExpectEqual(FileOf(row.user), row.file, row.user);
    const auto back = UserOfFileName(row.file);
    Expect(back.has_value(), row.user);
    ExpectEqual(back->text(), row.user);
  }
}

void every_byte_makes_a_safe_name_of_its_own() {
  std::set<std::string> seen;
  for (int byte = 1; byte < 256; ++byte) {
    const std::string user(1, static_cast<char>(byte));
    for (const std::string& name : {user, "a" + user}) {
      const std::string file = FileOf(name);
      Expect(seen.insert(file).second, file);
      Expect(!file.starts_with('.'), file);
      for (char c : file)
        Expect((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
                   c == '%',
               file);
      Expect(UserOfFileName(file) == User(name), file);
    }
  }
}

void names_above_200_encoded_bytes_are_hashed() {
  const std::string longest(200, 'a');
  ExpectEqual(FileOf(longest), longest);
  const std::string hashed = FileOf(longest + "a");
  // SHA-256 of 201 times "a", by sha256sum.
  ExpectEqual(
      hashed,
      "%ha92efd82109373e58f9a2056dee01e807e216ce6075f7051207c0a9f7d666e50");
  Expect(IsHashedFileName(hashed));
  Expect(!UserOfFileName(hashed));
  // 67 times 3 bytes.
  Expect(IsHashedFileName(FileOf(std::string(67, ' '))));
  Expect(!IsHashedFileName(FileOf(std::string(66, ' '))));
}

void names_of_255_bytes_fit_any_file_system() {
  for (char c : {'a', '/', '.', '\xFF'}) {
    const std::string file = FileOf(std::string(255, c));
    // NAME_MAX is 255, and a writer puts a prefix before it.
    Expect(file.size() + kTemporaryPrefix.size() <= 255);
  }
  Expect(FileOf(std::string(255, 'a')) != FileOf(std::string(254, 'a') + "b"));
}

void only_the_spelling_that_is_written_is_read() {
  const std::string_view rows[] = {
      "",         ".alice",   "%2ealice", "%61lice", "alice%2",    "alice%",
      "alice%2G", "alice%00", "a b",      "a/b",     "%h",         "%hzz",
      "a%%20",    "%-1",      "% 1",      "%0x",     "Zo\xC3\xAB", "a\n",
      "..",       ".tmp-bob", "%2E%2E",   "a%2E",    "al%69ce",    "%20%2f",
  };
  for (std::string_view row : rows) Expect(!UserOfFileName(row), row);
  // Never written: it would have been hashed.
  Expect(!UserOfFileName(std::string(201, 'a')));
}

void hashed_names_have_one_spelling() {
  const std::string hash(64, 'a');
  Expect(IsHashedFileName("%h" + hash));
  Expect(!IsHashedFileName("%h" + hash.substr(1)));
  Expect(!IsHashedFileName("%h" + hash + "a"));
  Expect(!IsHashedFileName(hash));
  Expect(!IsHashedFileName("%h" + std::string(64, 'g')));
  Expect(!IsHashedFileName("%H" + hash));
  Expect(!IsHashedFileName("%h" + std::string(64, 'A')));
  Expect(!IsHashedFileName(""));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(user_names_have_1_to_255_bytes_without_nul),
      EXPECT_TEST(error_does_not_repeat_the_name),
      EXPECT_TEST(names_become_file_names),
      EXPECT_TEST(every_byte_makes_a_safe_name_of_its_own),
      EXPECT_TEST(names_above_200_encoded_bytes_are_hashed),
      EXPECT_TEST(names_of_255_bytes_fit_any_file_system),
      EXPECT_TEST(only_the_spelling_that_is_written_is_read),
      EXPECT_TEST(hashed_names_have_one_spelling),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
