// SPDX-License-Identifier: Apache-2.0
//
// transcript.cc - hiding, cutting and keeping lines.

#include "delivery_helper/transcript.h"

#include <algorithm>

#include "delivery_helper/template.h"

namespace twofactor::delivery {
namespace {

constexpr std::size_t kMinHidden = 4;          // Shorter ones are everywhere.
constexpr std::string_view kGoodbye = "221 ";  // RFC 5321 §4.2.3
constexpr std::size_t kMaxLine = 64 * 1024;

void Replace(std::string& text, std::string_view what) {
  constexpr std::string_view kStandIn = "[hidden]";
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + kStandIn.size()))
    text.replace(at, what.size(), kStandIn);
}

}  // namespace

void Transcript::Hide(std::string_view secret) {
  if (secret.size() < kMinHidden) return;
  hidden_.push_back(Secret::CopyOf(AsBytes(secret)));
  hidden_.push_back(Escaped(secret, Sink::kUrl));
  Secret bare(secret.size());
  std::size_t size = 0;
  for (char c : secret)
    if (c != '-') bare.ExposeMutable()[size++] = static_cast<std::uint8_t>(c);
  bare.Shrink(size);
  if (size >= kMinHidden) hidden_.push_back(std::move(bare));
}

std::string Transcript::Clean(std::string_view text) const {
  std::string clean(text.substr(0, kMaxLine));
  for (const Secret& secret : hidden_) Replace(clean, AsText(secret.Expose()));
  return ReportText(clean);
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
