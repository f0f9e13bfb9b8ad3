// SPDX-License-Identifier: Apache-2.0
//
// enroll_address.cc - twofactor enroll email and twofactor enroll sms: where a
// user's codes are sent, proven by a code that went there and came back.
//
// Trust: address, label and answers may be any bytes.

#include <optional>
#include <string>

#include "core/delivery/process_courier.h"
#include "core/session/address_session.h"
#include "setup_tool/address_proof.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/device_report.h"
#include "setup_tool/host.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/new_codes.h"
#include "setup_tool/output.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

class EnrollAddress final : public Verb {
 public:
  explicit EnrollAddress(Address::Kind kind) : kind_(kind) {}

  void Describe(OptionList& options) override {
    user_.AddOption(options);
    const bool email = kind_ == Address::Kind::kEmail;
    options.Argument(email ? "ADDRESS" : "NUMBER", address_,
                     email ? "an address such as a@example.org"
                           : "an international number such as +4915112345678");
    options.Text("--name", "WORD", label_,
                 std::string("what the user types to get a code [") +
                     TypeName(kind_) + "]");
    options.Flag("--no-confirm", no_confirm_,
                 "store it without sending a code there");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    if (!address_)
      return Refuse(ExitCode::kUsage, "say where codes are to be sent",
                    "twofactor " + invocation.verb + " --help");
    if (invocation.format == Format::kJson && !no_confirm_)
      return Refuse(ExitCode::kUsage,
                    "--json needs --no-confirm, for codes are asked for in "
                    "words",
                    "twofactor " + invocation.verb + " --help");
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    Interrupts interrupts;
    ASSIGN_OR_RETURN(const std::string name, user_.Name());
    ASSIGN_OR_RETURN(const UserName user, ExistingUser(name, host.config));
    ProcessCourier courier(host.config.delivery, host.clock);
    ASSIGN_OR_RETURN(
        AddressSession session,
        About(user, AddressSession::Begin(host.config, *host.store, host.clock,
                                          courier, user,
                                          {.use = AddressUse::kLogin,
                                           .kind = kind_,
                                           .address = *address_,
                                           .label = label_.value_or("")})));
    if (no_confirm_) {
      session.ConfirmAsAdministrator();
    } else {
      RETURN_IF_ERROR(ProveAddress(session, interrupts));
    }
    RETURN_IF_ERROR(interrupts.Check());
    RETURN_IF_ERROR(About(user, session.Save()));
    return Report(host, user, session.address(), courier, invocation,
                  interrupts);
  }

 private:
  Try<ExitCode> Report(Host& host, const UserName& user, const Address& address,
                       const Courier& courier, const Invocation& invocation,
                       Interrupts& interrupts) const {
    AdminLine("enrolled", user)
        .Add("address", address.label)
        .Add("type", TypeName(address.kind))
        .Add("confirmed_by", no_confirm_ ? "administrator" : "code")
        .Send(Severity::kNotice);
    if (!host.config.delivered_codes.Have(kind_))
      PrintNote(
          "no codes are sent by this way before delivered_codes has it: "
          "twofactor edit-config");
    else if (!courier.IsConfigured())
      PrintNote("no codes are sent before there is " +
                host.config.delivery.config);
    if (invocation.format == Format::kJson) {
      JsonWriter json;
      json.BeginObject()
          .Member("user", user.text())
          .Member("name", address.label)
          .Member("result", "enrolled")
          .Member("type", TypeName(address.kind))
          .Member("address", address.address)
          .EndObject();
      RETURN_IF_ERROR(PrintSecret(json.Finish()));
      return ExitCode::kDone;
    }
    Print("enrolled " + EscapeForTerminal(address.label) + " of " +
          EscapeForTerminal(user.text()) + ": codes go to " +
          EscapeForTerminal(address.address) + "\n");
    if (!no_confirm_) RETURN_IF_ERROR(OfferBackupCodes(host, user, interrupts));
    return ExitCode::kDone;
  }

  Address::Kind kind_;
  UserChoice user_;
  std::optional<std::string> address_;
  std::optional<std::string> label_;
  bool no_confirm_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeEnrollEmail() {
  return std::make_unique<EnrollAddress>(Address::Kind::kEmail);
}

std::unique_ptr<Verb> MakeEnrollSms() {
  return std::make_unique<EnrollAddress>(Address::Kind::kSms);
}

}  // namespace twofactor::tool
