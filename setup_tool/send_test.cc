// SPDX-License-Identifier: Apache-2.0
//
// send_test.cc - twofactor send-test: a message that proves nothing, sent as a
// code would be, and what the other side said.

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/delivery/address.h"
#include "core/delivery/process_courier.h"
#include "core/session/config.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

// Stands where a code would; nothing accepts it.
constexpr char kNoCode[] = "TEST-TEST";
constexpr char kHint[] = "man twofactor-delivery.conf";

class SendTest final : public Verb {
 public:
  explicit SendTest(Channel channel) : channel_(channel) {}

  void Describe(OptionList& options) override {
    options.Argument("ADDRESS", address_,
                     channel_ == Channel::kSms
                         ? "a number such as +4915112345678"
                         : "an address such as alice@example.org");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    if (!address_ || !IsAddress(*address_))
      return Refuse(ExitCode::kUsage,
                    channel_ == Channel::kSms
                        ? "send-test sms needs an international number"
                        : "send-test email needs an address",
                    "twofactor send-test --help");
    ASSIGN_OR_RETURN(const Config config, LoadConfig(invocation.config_path));
    ProcessCourier courier(config.delivery, SystemClock());
    const auto report =
        courier.Deliver({.kind = MessageKind::kAddressCheck,
                         .address = *address_,
                         .user = "root",
                         .code = Secret::CopyOf(AsBytes(kNoCode)),
                         .good_for = std::chrono::minutes(1)},
                        Detail::kSteps);
    if (!report)
      return Refuse(ExitCode::kFailed, report.error().context, kHint);
    return Tell(*report, invocation.format);
  }

 private:
  bool IsAddress(const std::string& text) const {
    return channel_ == Channel::kSms ? IsPhoneNumber(text)
                                     : IsEmailAddress(text);
  }

  Try<ExitCode> Tell(const DeliveryReport& report, Format format) const {
    if (format == Format::kJson) return TellInJson(report);
    for (const std::string& step : report.steps)
      Print("  " + EscapeForTerminal(step) + "\n");
    if (report.stage != Stage::kDone)
      return Refuse(ExitCode::kFailed,
                    std::string("not sent: ") + StageName(report.stage) + ": " +
                        report.text,
                    kHint);
    Print("sent to " + *address_ + ": " + EscapeForTerminal(report.text) +
          "\n");
    return ExitCode::kDone;
  }

  Try<ExitCode> TellInJson(const DeliveryReport& report) const {
    const bool sent = report.stage == Stage::kDone;
    JsonWriter json;
    json.BeginObject();
    json.Member("address", *address_).Member("sent", sent);
    json.Member("stage", StageName(report.stage)).Member("text", report.text);
    json.Key("steps").BeginArray();
    for (const std::string& step : report.steps) json.Value(step);
    json.EndArray().EndObject();
    RETURN_IF_ERROR(PrintSecret(json.Finish()));
    return sent ? ExitCode::kDone : ExitCode::kFailed;
  }

  Channel channel_;
  std::optional<std::string> address_;
};

}  // namespace

std::unique_ptr<Verb> MakeSendTestEmail() {
  return std::make_unique<SendTest>(Channel::kEmail);
}
std::unique_ptr<Verb> MakeSendTestSms() {
  return std::make_unique<SendTest>(Channel::kSms);
}

}  // namespace twofactor::tool
