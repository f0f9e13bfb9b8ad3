// SPDX-License-Identifier: Apache-2.0
//
// enroll_device.cc - twofactor enroll totp and enroll hotp: shows a new key,
// has a code of it confirmed, and only then stores it.
//
// Trust: codes may be any bytes.  The key goes to the terminal, to stdout or
// to a file that the administrator named, and nowhere else.

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "core/base/encoding.h"
#include "core/session/answer.h"
#include "core/session/device_codes.h"
#include "core/session/enroll_session.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/code_diagnosis.h"
#include "setup_tool/command_text.h"
#include "setup_tool/device_report.h"
#include "setup_tool/enroll_batch.h"
#include "setup_tool/host.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/key_file.h"
#include "setup_tool/new_codes.h"
#include "setup_tool/new_device.h"
#include "setup_tool/output.h"
#include "setup_tool/provisioning.h"
#include "setup_tool/qr_output.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_conversation.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/time_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

constexpr int kTries = 3;
constexpr char kBatchLabel[] = "phone";

// "ABCD EFGH IJKL": easier to type.
SecretText InGroupsOfFour(std::string_view key) {
  SecretText text;
  for (; key.size() > 4; key.remove_prefix(4))
    text.Append(key.substr(0, 4)).Append(" ");
  text.Append(key);
  return text;
}

SecretText TypedForm(const UserName& user, const EnrollSession& session,
                     std::string_view issuer) {
  const Device& device = session.device();
  const Secret key = Base32Encode(device.key.Expose());
  SecretText text;
  text.Append("  account    ").Append(EscapeForTerminal(user.text()));
  text.Append("\n  issuer     ").Append(EscapeForTerminal(issuer));
  text.Append("\n  key        ")
      .Append(AsText(InGroupsOfFour(AsText(key.Expose())).Expose()));
  const bool is_token = device.kind == DeviceKind::kHotp;
  text.Append(is_token ? "\n  codes      counter-based, "
                       : "\n  codes      time-based, ")
      .Append(AlgorithmName(device.algorithm))
      .Append(", " + std::to_string(device.digits) + " digits, ")
      .Append(is_token ? "next: " + std::to_string(Number(device.first))
                       : std::to_string(device.period.count()) + " s");
  text.Append("\n  URI        ").Append(session.Uri(issuer)).Append("\n\n");
  return text;
}

class EnrollDevice final : public Verb {
 public:
  explicit EnrollDevice(DeviceKind kind) : device_(kind) {}

  void Describe(OptionList& options) override {
    user_.AddOption(options);
    device_.Describe(options);
    options.Text("--key-file", "FILE", key_file_,
                 "take this base32 key, not a new one; - asks for it");
    options.Flag("--hex", hex_, "the key of --key-file is in hex");
    qr_.Describe(options);
    options.Flag("--no-confirm", no_confirm_,
                 "store it without asking for a code");
    if (device_.kind() == DeviceKind::kHotp) return;
    options.Text("--batch", "FILE", batch_,
                 "enroll a user a line: USER[TAB LABEL[TAB KEY]]; - is stdin");
    options.Text("--output", "FILE", output_,
                 "with --batch: create FILE for the keys");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    RETURN_IF_ERROR(qr_.Parse());
    RETURN_IF_ERROR(CheckOptions(invocation));
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    if (batch_) return RunBatch(host, invocation);
    Interrupts interrupts;
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(const UserName user, ExistingUser(name, host.config));
    ASSIGN_OR_RETURN(EnrollSession session, Begin(host, user, interrupts));
    ASSIGN_OR_RETURN(const std::string issuer, device_.Issuer(host.config));
    Warn(session.device());
    if (invocation.format == Format::kJson)
      return Provision(host, user, session, issuer);
    return Enroll(host, user, session, issuer, interrupts);
  }

 private:
  Try<void> CheckOptions(const Invocation& invocation) const {
    const bool json = invocation.format == Format::kJson;
    const char* clash = nullptr;
    if (batch_ && user_.given()) clash = "--batch names the users, not --user";
    if (batch_ && key_file_) clash = "--batch names the keys, not --key-file";
    if (batch_ && qr_.given()) clash = "--batch draws no QR codes";
    if (batch_ && no_confirm_) clash = "--batch never asks for codes";
    if (!batch_ && output_) clash = "--output goes with --batch";
    if (!batch_ && json && !no_confirm_)
      clash = "--json needs --no-confirm, for codes are asked for in words";
    if (!batch_ && json && qr_.given() && !qr_.is_file() &&
        qr_.target() != QrOutput::Target::kNone)
      clash = "--json leaves no room for a QR code";
    if (hex_ && !key_file_) clash = "--hex goes with --key-file";
    if (clash == nullptr) return {};
    return Refuse(ExitCode::kUsage, clash,
                  "twofactor " + invocation.verb + " --help");
  }

  Try<ExitCode> RunBatch(Host& host, const Invocation& invocation) const {
    BatchRequest request;
    request.input = *batch_;
    request.output = output_;
    request.label = device_.label().empty() ? kBatchLabel : device_.label();
    request.format = invocation.format;
    ASSIGN_OR_RETURN(request.issuer, device_.Issuer(host.config));
    ASSIGN_OR_RETURN(request.parameters, device_.Parameters(host.config));
    return EnrollBatch(host, request);
  }

  Try<EnrollSession> Begin(Host& host, const UserName& user,
                           Interrupts& interrupts) const {
    DeviceRequest request;
    request.label = device_.label();
    ASSIGN_OR_RETURN(request.parameters, device_.Parameters(host.config));
    request.kind = device_.kind();
    ASSIGN_OR_RETURN(request.first, device_.First());
    if (key_file_) {
      ASSIGN_OR_RETURN(
          request.key,
          ReadKey(*key_file_, hex_ ? KeyText::kHex : KeyText::kBase32,
                  interrupts));
    }
    return About(
        user, EnrollSession::Begin(host.config, *host.store, host.clock, user,
                                   std::move(request)));
  }

  static void Warn(const Device& device) {
    if (device.key.size() < kRecommendedKeySize)
      PrintWarning("the key has " + std::to_string(device.key.size()) +
                   " bytes, " + std::to_string(kRecommendedKeySize) +
                   " are recommended");
    if (device.kind == DeviceKind::kTotp &&
        IsUnusual({device.algorithm, device.digits, device.period}))
      PrintWarning(
          "many authenticator apps know only sha1, 6 digits and 30 s, and "
          "quietly make wrong codes");
  }

  // The one JSON object for a script.
  Try<ExitCode> Provision(Host& host, const UserName& user,
                          EnrollSession& session, const std::string& issuer) {
    std::optional<NewFile> image;
    RETURN_IF_ERROR(WriteImage(session.Uri(issuer), image));
    session.ConfirmAsAdministrator();
    RETURN_IF_ERROR(Save(user, session, image));
    JsonWriter json;
    json.BeginObject();
    WriteProvisioning(json, user, session, issuer);
    json.EndObject();
    auto printed = PrintSecret(json.Finish());
    if (printed) return ExitCode::kDone;
    RETURN_IF_ERROR(TakeBack(*host.store, user, session.device().id));
    return std::unexpected(printed.error());
  }

  // Shows it, asks for a code, stores it.
  Try<ExitCode> Enroll(Host& host, const UserName& user, EnrollSession& session,
                       const std::string& issuer, Interrupts& interrupts) {
    const Secret uri = session.Uri(issuer);
    std::optional<NewFile> image;
    RETURN_IF_ERROR(WriteImage(uri, image));
    Print("New device " + EscapeForTerminal(session.device().label) + " of " +
          EscapeForTerminal(user.text()) + ", for an authenticator app:\n\n");
    if (image) Print("  QR code    " + EscapeForTerminal(image->path()) + "\n");
    RETURN_IF_ERROR(qr_.Draw(uri.Expose()));
    RETURN_IF_ERROR(PrintSecret(TypedForm(user, session, issuer)));
    if (no_confirm_) {
      session.ConfirmAsAdministrator();
    } else {
      RETURN_IF_ERROR(Confirm(host, user, session, interrupts));
    }
    RETURN_IF_ERROR(interrupts.Check());
    RETURN_IF_ERROR(Save(user, session, image));
    Print("enrolled device " + EscapeForTerminal(session.device().label) +
          " of " + EscapeForTerminal(user.text()) + "\n");
    if (!no_confirm_)
      PrintNote("that code is used up: the first login takes the next one");
    if (!no_confirm_) RETURN_IF_ERROR(OfferBackupCodes(host, user, interrupts));
    return ExitCode::kDone;
  }

  Try<void> WriteImage(const Secret& uri, std::optional<NewFile>& image) const {
    if (!qr_.is_file()) return {};
    ASSIGN_OR_RETURN(NewFile file, qr_.WriteFile(uri.Expose()));
    image.emplace(std::move(file));
    return {};
  }

  static Try<void> Confirm(Host& host, const UserName& user,
                           EnrollSession& session, Interrupts& interrupts) {
    TerminalConversation conversation(interrupts);
    ASSIGN_OR_RETURN(const Moment moment, host.clock.Now());
    if (session.device().kind == DeviceKind::kTotp)
      Print("This host's time is " + TimeText(moment.now) +
            "; the device's clock has to agree.\n");
    for (int tries_left = kTries; tries_left-- > 0;) {
      ASSIGN_OR_RETURN(const Secret typed,
                       AskLine(conversation, interrupts,
                               "Code that the device shows now: ", Echo::kOn));
      ASSIGN_OR_RETURN(const Verdict verdict, session.Confirm(typed.Expose()));
      if (verdict == Verdict::kAccepted) return {};
      ASSIGN_OR_RETURN(const std::string reason,
                       WhyNot(host, user, session.device(), typed));
      PrintNote(reason + "; " + std::to_string(tries_left) +
                (tries_left == 1 ? " try left" : " tries left"));
    }
    return Refuse(ExitCode::kWrongCode,
                  "no code was right, and nothing was stored",
                  session.device().kind == DeviceKind::kTotp
                      ? "compare the device's clock with: date --utc; then: "
                        "twofactor enroll totp --user " +
                            CommandWord(user.text())
                      : "type two codes in a row as one answer, or say which "
                        "code comes next with --counter");
  }

  // Says nothing of which code would have been right.
  static Try<std::string> WhyNot(Host& host, const UserName& user,
                                 const Device& device, const Secret& typed) {
    const Answer answer = ClassifyAnswer(typed.Expose(), user.text());
    if (answer.kind != Answer::Kind::kCode)
      return "that is not a code: " + std::to_string(device.digits) + " digits";
    ASSIGN_OR_RETURN(const Moment moment, host.clock.Now());
    ASSIGN_OR_RETURN(const CodeDiagnosis diagnosis,
                     DiagnoseCode(device, DeviceState{}, host.config,
                                  AsText(answer.code.Expose()), moment,
                                  LookAheadOf(host.config, 1)));
    switch (diagnosis.kind) {
      case CodeDiagnosis::Kind::kPast:
      case CodeDiagnosis::Kind::kAhead:
        if (device.kind == DeviceKind::kHotp) break;
        return "that code: " + DiagnosisText(diagnosis) +
               ", this host's time is " + TimeText(moment.now);
      case CodeDiagnosis::Kind::kWrong:
      case CodeDiagnosis::Kind::kUsed:
      case CodeDiagnosis::Kind::kCounterLost:
      case CodeDiagnosis::Kind::kValid:
        break;
    }
    if (device.kind == DeviceKind::kHotp)
      return "that is not a code of this token, or it is far ahead: type two "
             "codes in a row as one answer";
    return "that is not a code of this device, or a clock is far off: this "
           "host's time is " +
           TimeText(moment.now);
  }

  Try<void> Save(const UserName& user, EnrollSession& session,
                 std::optional<NewFile>& image) const {
    RETURN_IF_ERROR(About(user, session.Save()));
    AdminLine("enrolled", user)
        .Add("device", session.device().label)
        .Add("confirmed_by", no_confirm_ ? "administrator" : "code")
        .Send(Severity::kNotice);
    if (image) RETURN_IF_ERROR(image->Keep());
    return {};
  }

  UserChoice user_;
  NewDevice device_;
  QrOutput qr_;
  std::optional<std::string> key_file_;
  std::optional<std::string> batch_;
  std::optional<std::string> output_;
  bool hex_ = false;
  bool no_confirm_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeEnrollTotp() {
  return std::make_unique<EnrollDevice>(DeviceKind::kTotp);
}

std::unique_ptr<Verb> MakeEnrollHotp() {
  return std::make_unique<EnrollDevice>(DeviceKind::kHotp);
}

}  // namespace twofactor::tool
