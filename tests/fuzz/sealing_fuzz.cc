// SPDX-License-Identifier: Apache-2.0
//
// sealing_fuzz.cc - no bytes open but those that were sealed, where they were
// sealed.

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>

#include "core/store/sealing.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {
namespace {

// A keyring in a folder of its own.  Needs root, as every keyring does;
// without it only headers are read.
class Host {
 public:
  Host() {
    char name[] = "/tmp/twofactor-fuzz-XXXXXX";
    if (geteuid() != 0 || !mkdtemp(name)) return;
    path_ = name;
    if (!Keyring::Create(path_ + "/etc")) return;
    if (auto keyring = Keyring::Open(path_ + "/etc"))
      keyring_ = std::move(*keyring);
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::optional<Keyring>& keyring() const { return keyring_; }

 private:
  std::string path_;
  std::optional<Keyring> keyring_;
};

const Host& TheHost() {
  static const Host host;
  return host;
}

}  // namespace

void Fuzz(Bytes input) {
  const auto header = ReadSealHeader(input);
  FUZZ_EXPECT(header || header.error().code == ErrorCode::kCorrupt);
  const auto& keyring = TheHost().keyring();
  if (!keyring) return;

  const SealContext alice{SealPurpose::kEnrollment, "alice"};
  FUZZ_EXPECT(!Open(*keyring, alice, input));  // It cannot know our key.

  FuzzInput choices(input);
  const Bytes text = choices.Take(choices.Byte());
  const auto sealed = Seal(*keyring, alice, text);
  FUZZ_EXPECT(sealed.has_value());
  auto damaged = *sealed;
  while (!choices.Rest().empty()) {
    const std::size_t at = choices.Word() % (damaged.size() + 1);
    if (at == damaged.size())
      damaged.push_back(choices.Byte());
    else
      damaged[at] ^= choices.Byte();
  }
  const auto opened = Open(*keyring, alice, damaged);
  // Not by memcmp: the fuzzer would read the blob out of its arguments.
  FUZZ_EXPECT(opened.has_value() == ConstantTimeEqual(damaged, *sealed));
  if (opened) FUZZ_EXPECT(std::ranges::equal(opened->Expose(), text));
  FUZZ_EXPECT(!Open(*keyring, {SealPurpose::kMarker, "alice"}, damaged));
  FUZZ_EXPECT(!Open(*keyring, {SealPurpose::kEnrollment, "bob"}, damaged));
}

}  // namespace twofactor
