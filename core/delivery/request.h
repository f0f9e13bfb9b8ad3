// SPDX-License-Identifier: Apache-2.0
//
// request.h - what twofactor-deliver reads, and what it answers.
//
// docs/file-formats.md has the grammar.  Each side checks the other: whatever
// is not exactly in the format is refused.
//
// Trust: a request may come from anybody who runs the helper; a report comes
// from a process that has talked to the network.

#ifndef TWOFACTOR_CORE_DELIVERY_REQUEST_H_
#define TWOFACTOR_CORE_DELIVERY_REQUEST_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/delivery/courier.h"

namespace twofactor {

enum class Channel : std::uint8_t { kEmail = 1, kSms = 2 };

// What is reported besides the outcome.
enum class Detail : std::uint8_t {
  kOutcome = 0,
  kSteps = 1,  // Each step, and what the other side said.
};

constexpr std::size_t kMaxRequestSize = 4096;
constexpr std::size_t kMaxNoticeText = 3000;
constexpr std::size_t kMaxReportSize = 32 * 1024;
constexpr std::size_t kMaxReportText = 400;  // Bytes of one line's text.
constexpr std::size_t kMaxReportSteps = 60;
constexpr std::chrono::seconds kMaxDeliveryTime{60};

struct DeliveryRequest {
  Channel channel = Channel::kEmail;
  Detail detail = Detail::kOutcome;
  std::chrono::seconds time{};  // That it may take, 1 to kMaxDeliveryTime.
  Message message;
};

// kInvalid when a part is outside of its domain, the address above all.
Result<Secret> EncodeRequest(const Message& message, Detail detail,
                             std::chrono::seconds time);
// kCorrupt.
Result<DeliveryRequest> DecodeRequest(Bytes bytes);

// How far a delivery came.
enum class Stage : std::uint8_t {
  kInternal = 0,  // Our own program failed.
  kConfig,        // Delivery is not configured, or badly.
  kDns,
  kConnect,
  kTls,
  kAuth,
  kTimeout,
  kRefused,  // The other side said no.
  kDone,     // The other side took it.
};
const char* StageName(Stage stage);

// What became of one request.  Texts are printable UTF-8 of at most
// kMaxReportText bytes, without the code or a credential.
struct DeliveryReport {
  Stage stage = Stage::kInternal;  // kDone alone means that it was sent.
  std::string text;                // What the other side said.
  std::vector<std::string> steps;
};

std::string EncodeReport(const DeliveryReport& report);
// kCorrupt.
Result<DeliveryReport> DecodeReport(std::string_view text);

// `text` as a report may hold it: control characters and ill-formed UTF-8
// become "?", the rest beyond the limit is dropped.
std::string ReportText(std::string_view text);

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_DELIVERY_REQUEST_H_
