// SPDX-License-Identifier: Apache-2.0
//
// address_proof.cc - send, ask, compare.
//
// Trust: answers may be any bytes.

#include "setup_tool/address_proof.h"

#include "core/session/recovery_session.h"
#include "setup_tool/command_text.h"
#include "setup_tool/output.h"
#include "setup_tool/terminal_conversation.h"

namespace twofactor::tool {

Try<void> ProveAddress(AddressSession& session, Interrupts& interrupts) {
  const Address& address = session.address();
  if (const auto sent = session.Send(); !sent) {
    const bool email = address.kind == Address::Kind::kEmail;
    return Refuse(ExitCode::kFailed, "not sent: " + sent.error().context,
                  std::string("twofactor send-test ") +
                      (email ? "email " : "sms ") +
                      CommandWord(address.address));
  }
  TerminalConversation conversation(interrupts);
  for (int tries = 0; tries < kRecoveryTries; ++tries) {
    ASSIGN_OR_RETURN(const Secret typed,
                     AskLine(conversation, interrupts,
                             "Code that was sent there: ", Echo::kOn));
    ASSIGN_OR_RETURN(const Verdict verdict, session.Confirm(typed.Expose()));
    if (verdict == Verdict::kAccepted) return {};
    PrintNote("that is not the code");
  }
  return Refuse(ExitCode::kWrongCode,
                "no code was right, and nothing was stored", "");
}

}  // namespace twofactor::tool
