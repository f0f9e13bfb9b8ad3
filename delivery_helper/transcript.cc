// SPDX-License-Identifier: Apache-2.0
//
// transcript.cc - hiding, cutting and keeping lines.

#include "delivery_helper/transcript.h"

namespace twofactor::delivery {
namespace {

constexpr std::string_view kGoodbye = "221 ";  // RFC 5321 §4.2.3
constexpr std::size_t kMaxLine = 64 * 1024;

}  // namespace

std::string Transcript::Clean(std::string_view text) const {
  return ReportText(hidden_.Clean(text.substr(0, kMaxLine)));
}

void Transcript::Step(std::string_view line) {
  if (detail_ == Detail::kSteps && steps_.size() < kMaxReportSteps)
    steps_.push_back(Clean(line));
}

void Transcript::Heard(std::string_view line) {
  std::string heard = Clean(line);
  if (detail_ == Detail::kSteps && steps_.size() < kMaxReportSteps)
    steps_.push_back("< " + heard.substr(0, kMaxReportText - 2));
  if (!heard.starts_with(kGoodbye)) last_heard_ = std::move(heard);
}

DeliveryReport Transcript::Finish(Stage stage, std::string_view text) && {
  return {stage, Clean(text), std::move(steps_)};
}

}  // namespace twofactor::delivery
