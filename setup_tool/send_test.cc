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
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/subject.h"
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
    user_.AddOption(options);
    options.Argument("ADDRESS", address_,
                     channel_ == Channel::kSms
                         ? "a number such as +4915112345678"
                         : "an address such as alice@example.org");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(const Config config, LoadConfig(invocation.config_path));
    if (user_.given() && !address_)
      RETURN_IF_ERROR(FindAddress(config, invocation));
    if (!address_ || !IsAddress(*address_))
      return Refuse(ExitCode::kUsage,
                    channel_ == Channel::kSms
                        ? "send-test sms needs an international number"
                        : "send-test email needs an address",
                    "twofactor send-test --help");
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
  // Where the user's own codes go.
  Try<void> FindAddress(const Config& config, const Invocation& invocation) {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(const std::string name, user_.Name());
    ASSIGN_OR_RETURN(const UserName user,
                     RecordedUser(name, config, *host.store));
    ASSIGN_OR_RETURN(const Record record, About(user, host.store->Read(user)));
    if (!record.enrollment) return NotEnrolled(user);
    const auto kind =
        channel_ == Channel::kSms ? Address::Kind::kSms : Address::Kind::kEmail;
    for (const Address& address : record.enrollment->addresses)
      if (address.kind == kind && !address_) address_ = address.address;
    if (!address_ && channel_ == Channel::kEmail && record.enrollment->recovery)
      address_ = record.enrollment->recovery->address;
    if (address_) return {};
    return Refuse(ExitCode::kNotFound, "the user has no address of that kind",
                  "");
  }

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
  UserChoice user_;
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
