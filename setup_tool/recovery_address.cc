// SPDX-License-Identifier: Apache-2.0
//
// recovery_address.cc - twofactor recovery-address: where a user's recovery
// codes go, proven by a code that went there and came back.
//
// Trust: address and answers may be any bytes.

#include <optional>
#include <string>

#include "core/delivery/process_courier.h"
#include "core/session/address_session.h"
#include "core/session/notices.h"
#include "setup_tool/address_proof.h"
#include "setup_tool/deed.h"
#include "setup_tool/host.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/output.h"
#include "setup_tool/record_change.h"
#include "setup_tool/subject.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

class RecoveryAddressVerb final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    options.Argument("ADDRESS", address_, "an address such as a@example.org");
    options.Flag("--remove", remove_, "forget the address that is there");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    if (remove_ == address_.has_value())
      return Refuse(ExitCode::kUsage, "say either an address or --remove",
                    "twofactor recovery-address --help");
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(const std::string name, user_.Name());
    ASSIGN_OR_RETURN(const UserName user,
                     RecordedUser(name, host.config, *host.store));
    if (remove_) {
      RETURN_IF_ERROR(Remove(host, user));
    } else {
      RETURN_IF_ERROR(Prove(host, user));
    }
    RETURN_IF_ERROR(ReportDeed(
        invocation, {remove_ ? "recovery_address_removed" : "recovery_address",
                     user, std::nullopt,
                     (remove_ ? "forgot the recovery address of "
                              : "stored the recovery address of ") +
                         user.text()}));
    if (!remove_ && host.config.recovery == Recovery::kOff)
      PrintNote("it is of no use before recovery = on: twofactor edit-config");
    return ExitCode::kDone;
  }

 private:
  static Try<void> Remove(Host& host, const UserName& user) {
    auto edit = [&](Record& record, const Moment& moment) -> Try<void> {
      if (!record.enrollment->recovery)
        return Refuse(ExitCode::kNotFound, "there is no recovery address", "");
      Notify(host.config, NoticeKind::kRecoveryAddress, moment.now, {}, "",
             record.state);
      record.enrollment->recovery.reset();
      record.state.recovery = SentCode{};
      return {};
    };
    return ChangeRecordOf(*host.store, user, edit);
  }

  Try<void> Prove(Host& host, const UserName& user) const {
    ProcessCourier courier(host.config.delivery, host.clock);
    ASSIGN_OR_RETURN(
        AddressSession session,
        About(user, AddressSession::Begin(host.config, *host.store, host.clock,
                                          courier, user,
                                          {.use = AddressUse::kRecovery,
                                           .kind = Address::Kind::kEmail,
                                           .address = *address_})));
    Interrupts interrupts;
    RETURN_IF_ERROR(ProveAddress(session, interrupts));
    return About(user, session.Save());
  }

  UserChoice user_;
  std::optional<std::string> address_;
  bool remove_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeRecoveryAddress() {
  return std::make_unique<RecoveryAddressVerb>();
}

}  // namespace twofactor::tool
