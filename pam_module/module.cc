// SPDX-License-Identifier: Apache-2.0
//
// module.cc - the entry points of pam_twofactor.so.
//
// Trust: arguments come from root's PAM stack; every item of the handle may
// hold what a peer sent.  Nothing leaves but a return code: every surprise
// ends in the guard, and denies.

#include <pthread.h>
#include <security/pam_modules.h>
#include <unistd.h>

#include "core/base/audit_log.h"
#include "pam_module/arguments.h"
#include "pam_module/login_code.h"
#include "pam_module/phases.h"
#include "pam_module/proof.h"

namespace twofactor {
namespace {

std::string Item(pam_handle_t* handle, int type) {
  const void* item = nullptr;
  if (pam_get_item(handle, type, &item) != PAM_SUCCESS || !item) return {};
  return static_cast<const char*>(item);
}

Result<LoginRequest> DescribeRequest(pam_handle_t* handle, FirstFactor first) {
  const char* user = nullptr;
  if (pam_get_user(handle, &user, nullptr) != PAM_SUCCESS || !user)
    return Fail(ErrorCode::kConversation, "the host names no user");
  return LoginRequest{.user = user,
                      .service = Item(handle, PAM_SERVICE),
                      .remote_host = Item(handle, PAM_RHOST),
                      .terminal = Item(handle, PAM_TTY),
                      .caller = getuid(),
                      .first = first};
}

using Phase = int (*)(pam_handle_t*, const LoginRequest&, const Arguments&);

// One phase of PAM: what it is called in the log, does, and denies with.
struct EntryPoint {
  const char* name;
  Phase phase;
  int denial;
};

int Run(const EntryPoint& entry, pam_handle_t* handle,
        std::span<const char* const> words) {
  const auto arguments = ParseArguments(words);
  const auto request = arguments ? DescribeRequest(handle, arguments->first)
                                 : std::unexpected(arguments.error());
  if (!request) {
    LogLine("login")
        .Add("phase", entry.name)
        .Add("result", "denied")
        .Add("reason", ErrorName(request.error().code))
        .Add("detail", request.error().context)
        .Send(Severity::kError);
    return entry.denial;
  }
  const int code = entry.phase(handle, *request, *arguments);
  if (arguments->verbosity == Verbosity::kDebug)
    LogLine("debug")
        .Add("phase", entry.name)
        .Add("user", request->user)
        .Add("service", request->service)
        .Add("pam_code", code)
        .Send(Severity::kDebug);
  return code;
}

void LogSurprise(const EntryPoint& entry) noexcept {
  try {
    LogLine("login")
        .Add("phase", entry.name)
        .Add("result", "denied")
        .Add("reason", "exception")
        .Send(Severity::kError);
  } catch (...) {
    // Most likely there is no memory for the line either.
  }
}

// The boundary: no exception and no cancellation passes it.
int Guarded(const EntryPoint& entry, pam_handle_t* handle, int argc,
            const char** argv) noexcept {
  int cancel_state = 0;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
  int code = entry.denial;
  try {
    code = Run(entry, handle, {argv, static_cast<std::size_t>(argc)});
  } catch (...) {
    code = entry.denial;
    LogSurprise(entry);
  }
  pthread_setcancelstate(cancel_state, nullptr);
  return code;
}

constexpr EntryPoint kAuthenticate{"auth", Authenticate, PAM_AUTH_ERR};
constexpr EntryPoint kAccount{"account", CheckAccount, PAM_PERM_DENIED};
constexpr EntryPoint kSession{"session", OpenSession, PAM_SESSION_ERR};

}  // namespace
}  // namespace twofactor

#define PAM_ENTRY extern "C" [[gnu::visibility("default")]] int

PAM_ENTRY pam_sm_authenticate(pam_handle_t* handle, int, int argc,
                              const char** argv) {
  twofactor::ClearProof(handle);
  twofactor::FetchLoginCode();
  return twofactor::Guarded(twofactor::kAuthenticate, handle, argc, argv);
}
PAM_ENTRY pam_sm_acct_mgmt(pam_handle_t* handle, int, int argc,
                           const char** argv) {
  return twofactor::Guarded(twofactor::kAccount, handle, argc, argv);
}
PAM_ENTRY pam_sm_open_session(pam_handle_t* handle, int, int argc,
                              const char** argv) {
  return twofactor::Guarded(twofactor::kSession, handle, argc, argv);
}
PAM_ENTRY pam_sm_setcred(pam_handle_t*, int, int, const char**) {
  return PAM_SUCCESS;
}
PAM_ENTRY pam_sm_close_session(pam_handle_t*, int, int, const char**) {
  return PAM_SUCCESS;
}
PAM_ENTRY pam_sm_chauthtok(pam_handle_t*, int, int, const char**) {
  return PAM_IGNORE;  // No password of ours to change.
}
