// SPDX-License-Identifier: Apache-2.0
//
// oath_line_fuzz.cc - any line is one token, nothing, or refused without a word
// of it repeated.

#include "core/factor/hotp.h"
#include "core/store/user_name.h"
#include "setup_tool/foreign_record.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {
namespace {

void ExpectSafe(const std::string& text) {
  FUZZ_EXPECT(IsPrintableUtf8(text));
  FUZZ_EXPECT(text.size() < 200);
}

void Take(tool::OathLine line) {
  const bool has_pin = line.pin != tool::OathLine::Pin::kNone;
  const std::uint64_t factor = line.factor;
  const bool was_used = !line.last_code.empty();
  const UnixTime now{std::chrono::seconds(1'800'000'000)};
  const auto pins =
      factor % 2 == 0 ? tool::PinChoice::kDrop : tool::PinChoice::kRefuse;
  tool::ForeignRecord record;
  const auto taken = tool::AddOathDevice(std::move(line), 7, pins, now, record);
  if (!taken) {
    FUZZ_EXPECT(taken.error().line == 7);
    FUZZ_EXPECT(record.devices.empty() && record.findings.empty());
    ExpectSafe(taken.error().reason);
    return;
  }
  FUZZ_EXPECT(!has_pin || pins == tool::PinChoice::kDrop);
  FUZZ_EXPECT(record.devices.size() == 1);
  const tool::ForeignDevice& device = record.devices.front();
  if (device.kind == DeviceKind::kHotp)
    FUZZ_EXPECT(Number(device.next_if_new) == factor + (was_used ? 1 : 0));
  for (const tool::Finding& finding : record.findings) ExpectSafe(finding.text);
}

}  // namespace

void Fuzz(Bytes input) {
  auto line = tool::ParseOathLine(AsText(input));
  if (!line) {
    FUZZ_EXPECT(line.error().code == ErrorCode::kInvalid);
    ExpectSafe(line.error().context);
    return;
  }
  switch (line->kind) {
    case tool::OathLine::Kind::kNothing:
      FUZZ_EXPECT(line->user.empty() && line->key.empty());
      break;
    case tool::OathLine::Kind::kToken:
      FUZZ_EXPECT(input.size() <= tool::kMaxOathLineSize);
      FUZZ_EXPECT(UserName::Create(line->user).has_value());
      FUZZ_EXPECT(line->digits >= kMinDigits && line->digits <= kMaxDigits);
      FUZZ_EXPECT(!line->key.empty());
      Take(std::move(*line));
      break;
  }
}

}  // namespace twofactor
