// SPDX-License-Identifier: Apache-2.0
//
// google_authenticator_file_fuzz.cc - any file is understood or refused at one
// of its lines, and neither says a word of it.

#include <algorithm>

#include "core/factor/hotp.h"
#include "setup_tool/foreign_record.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {
namespace {

void ExpectSafe(const std::string& text) {
  FUZZ_EXPECT(IsPrintableUtf8(text));
  FUZZ_EXPECT(text.size() < 200);
}

}  // namespace

void Fuzz(Bytes input) {
  const auto lines = static_cast<std::size_t>(
      std::ranges::count(input, std::uint8_t{'\n'}) + 1);
  auto file = tool::ParseGoogleAuthenticatorFile(AsText(input));
  if (!file) {
    FUZZ_EXPECT(file.error().line >= 1 && file.error().line <= lines);
    ExpectSafe(file.error().reason);
    return;
  }
  FUZZ_EXPECT(!file->key.empty() && file->key.size() < input.size() + 1);
  for (const Secret& code : file->scratch_codes) FUZZ_EXPECT(code.size() == 8);

  const Config config;
  const UnixTime now{std::chrono::seconds(1'800'000'000)};
  const auto record = tool::RecordOf(std::move(*file), config, now);
  if (!record) {
    FUZZ_EXPECT(record.error().line >= 1 && record.error().line <= lines);
    ExpectSafe(record.error().reason);
    return;
  }
  FUZZ_EXPECT(record->devices.size() == 1);
  const tool::ForeignDevice& device = record->devices.front();
  FUZZ_EXPECT(device.key.size() >= kShortestKeySize &&
              device.key.size() <= kMaxKeySize);
  FUZZ_EXPECT((device.kind == DeviceKind::kHotp) ==
              (device.period.count() == 0));
  FUZZ_EXPECT(device.drift >= -kMaxDrift && device.drift <= kMaxDrift);
  FUZZ_EXPECT(Number(device.next_if_new) <= INT64_MAX);
  for (const tool::Finding& finding : record->findings) {
    FUZZ_EXPECT(finding.line <= lines);
    ExpectSafe(finding.text);
  }
}

}  // namespace twofactor
