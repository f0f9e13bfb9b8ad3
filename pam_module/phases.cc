// SPDX-License-Identifier: Apache-2.0
//
// phases.cc - authenticate, account, session.
//
// MUSTs (docs/SECURITY.md):
//   1. The old proof goes first thing in every authenticate (module.cc).
//   2. PAM_USER is never changed; if anybody else changes it meanwhile, the
//      login is denied.
//   3. In the session phase sshd's SSH_AUTH_INFO_0 counts only where no phase
//      of ours ran in the same handle: keyboard-interactive is the one method
//      whose authenticate and account phases run in another process.

#include "pam_module/phases.h"

#include <security/pam_appl.h>
#include <security/pam_modules.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/base/audit_log.h"
#include "core/base/clock.h"
#include "core/delivery/process_courier.h"
#include "pam_module/outcome_code.h"
#include "pam_module/pam_conversation.h"
#include "pam_module/proof.h"

namespace twofactor {
namespace {

Proof NewProof(Proof::Kind kind, const LoginRequest& request) {
  return {kind, request.user, request.service, SystemClock().Monotonic()};
}

bool UserIsStill(pam_handle_t* handle, const std::string& user) {
  const void* item = nullptr;
  return pam_get_item(handle, PAM_USER, &item) == PAM_SUCCESS && item &&
         user == static_cast<const char*>(item);
}

Outcome Deny(const LoginRequest& request, std::string_view reason) {
  LogLine("login")
      .Add("user", request.user)
      .Add("service", request.service)
      .Add("rhost", request.remote_host)
      .Add("result", "denied")
      .Add("reason", reason)
      .Send(Severity::kAlert);
  return Outcome::kDenied;
}

// Policy's word on a login without a proof.
Outcome CheckExemption(pam_handle_t* handle, const LoginRequest& request,
                       const Arguments& arguments) {
  PamConversation conversation(handle);
  const Result<Config> config = LoadConfig(arguments.config_path);
  return LoginSession(config, SystemClock(), conversation)
      .CheckExemption(request);
}

// Whether sshd says that this method was completed before the current one:
// SSH_AUTH_INFO_0 has lines of "method[/submethod] [key]".
bool SshCompleted(pam_handle_t* handle, std::string_view method) {
  const char* text = pam_getenv(handle, "SSH_AUTH_INFO_0");
  std::string_view rest = text ? text : "";
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.substr(0, line.find_first_of(" /")) == method) return true;
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return false;
}

}  // namespace

int Authenticate(pam_handle_t* handle, const LoginRequest& request,
                 const Arguments& arguments) {
  if (arguments.first == FirstFactor::kKey &&
      !SshCompleted(handle, "publickey"))
    return AuthenticateCode(Deny(request, "no_key_before"), arguments.first);
  PamConversation conversation(handle);
  const Result<Config> config = LoadConfig(arguments.config_path);
  std::optional<ProcessCourier> courier;
  if (config) courier.emplace(config->delivery, SystemClock());
  Outcome outcome = LoginSession(config, SystemClock(), conversation,
                                 courier ? &*courier : nullptr)
                        .Run(request);
  if (!UserIsStill(handle, request.user))
    outcome = Deny(request, "user_changed_meanwhile");

  if (outcome == Outcome::kAccepted || outcome == Outcome::kSkipped) {
    const auto kind = outcome == Outcome::kAccepted ? Proof::Kind::kProven
                                                    : Proof::Kind::kExempt;
    if (KeepProof(handle, NewProof(kind, request)) != PAM_SUCCESS)
      return PAM_AUTH_ERR;
  }
  return AuthenticateCode(outcome, arguments.first);
}

int CheckAccount(pam_handle_t* handle, const LoginRequest& request,
                 const Arguments& arguments) {
  const auto proof = FindProof(handle, request, SystemClock());
  if (proof == Proof::Kind::kProven) return PAM_SUCCESS;
  if (proof == Proof::Kind::kExempt) return PAM_IGNORE;
  if (!proof && arguments.keys == KeyLogins::kSettleInSession) {
    if (KeepProof(handle, NewProof(Proof::Kind::kDeferred, request)) !=
        PAM_SUCCESS)
      return PAM_PERM_DENIED;
    return PAM_IGNORE;
  }
  return CheckExemption(handle, request, arguments) == Outcome::kSkipped
             ? PAM_IGNORE
             : PAM_PERM_DENIED;
}

int OpenSession(pam_handle_t* handle, const LoginRequest& request,
                const Arguments& arguments) {
  const auto proof = FindProof(handle, request, SystemClock());
  if (proof == Proof::Kind::kProven) return PAM_SUCCESS;
  if (proof == Proof::Kind::kExempt) return PAM_IGNORE;
  if (!proof && SshCompleted(handle, "keyboard-interactive"))
    return PAM_SUCCESS;
  return CheckExemption(handle, request, arguments) == Outcome::kSkipped
             ? PAM_IGNORE
             : PAM_SESSION_ERR;
}

}  // namespace twofactor
