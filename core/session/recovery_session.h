// SPDX-License-Identifier: Apache-2.0
//
// recovery_session.h - from the word "recover" to a new device, in one login.
//
// MUSTs (docs/SECURITY.md):
//   1. Only somebody who has proven the first factor gets here, and only on a
//      host with `recovery = on`.
//   2. The request is on the disk and in the log before a code is sent, a
//      wrong code before the next is asked for, and a right one is dead before
//      the key is shown.
//   3. Until the new device is stored, nothing is granted and nothing of what
//      was enrolled is touched; then it takes the place of all of it, if that
//      is still what was enrolled when the code was right, not long ago.
//   4. Users without a recovery address, and those who asked too often, see the
//      prompts of those to whom a code was sent.  How long sending takes, that
//      it failed, and what is returned in the end tell them apart.

#ifndef TWOFACTOR_CORE_SESSION_RECOVERY_SESSION_H_
#define TWOFACTOR_CORE_SESSION_RECOVERY_SESSION_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/base/audit_log.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/delivery/courier.h"
#include "core/factor/backup_code.h"
#include "core/session/config.h"
#include "core/session/conversation.h"
#include "core/session/enroll_session.h"
#include "core/session/judgement.h"
#include "core/session/pending_code.h"
#include "core/session/recovery_ground.h"
#include "core/store/store.h"

namespace twofactor {

constexpr int kRecoveryTries = 3;  // Of one code.

// A fresh code in its canonical form: as a backup code, so it cannot be
// guessed.
Result<Secret> NewRecoveryCode();

class RecoverySession {
 public:
  // `courier` is null on a host that sends nothing.
  RecoverySession(const Config& config, const Clock& clock,
                  Conversation& conversation, Courier* courier,
                  RecordStore& store, const Asker& asker)
      : config_(config),
        clock_(clock),
        conversation_(conversation),
        courier_(courier),
        store_(store),
        asker_(asker) {}

  // kAccepted once the new device is stored.  Everything else denies:
  // kRejected, kThrottled, kLapsed, and errors.
  Result<Judgement> Run(const Subject& subject);

 private:
  enum class Request : std::uint8_t {
    kNothingToSend = 0,  // No record or no address; nobody is told.
    kThrottled,          // Nobody is told before the end.
    kPending,            // The code that was sent before is still good.
    kSend,
  };
  struct Asked {
    Request request = Request::kNothingToSend;
    std::chrono::seconds retry_after{};
    std::string address = {};
    CodeHash hash = {};  // Of the code that is to be sent.
  };

  void Log(const UserName& user, std::string_view step,
           Severity severity) const;
  Result<Asked> NoteRequest(const Subject& subject, const Secret& code);
  Result<void> Send(const UserName& user, const Asked& asked, Secret code);
  Result<void> ForgetCode(const UserName& user, const CodeHash& hash);
  // Both are empty when the code was wrong.
  Result<std::optional<RecoveryGround>> AskForCode(const Subject& subject);
  Result<std::optional<RecoveryGround>> CheckCode(const Subject& subject,
                                                  Bytes code);
  Result<Judgement> EnrollDevice(const UserName& user, RecoveryGround ground);
  Result<Judgement> SaveDevice(const UserName& user, EnrollSession& session);

  const Config& config_;
  const Clock& clock_;
  Conversation& conversation_;
  Courier* courier_;
  RecordStore& store_;
  const Asker& asker_;
};

}  // namespace twofactor

#endif  // TWOFACTOR_CORE_SESSION_RECOVERY_SESSION_H_
