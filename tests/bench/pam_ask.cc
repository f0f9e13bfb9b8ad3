// SPDX-License-Identifier: Apache-2.0
//
// pam_ask.cc - a PAM module that asks for a code and lets anything pass: what
// a second question costs an ssh login by itself.  For scripts/bench only.

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include <cstdlib>

extern "C" {

int pam_sm_authenticate(pam_handle_t* handle, int, int, const char**) {
  char* answer = nullptr;
  const int status = pam_prompt(handle, PAM_PROMPT_ECHO_ON, &answer, "%s",
                                "Verification code: ");
  std::free(answer);
  return status;
}

int pam_sm_setcred(pam_handle_t*, int, int, const char**) {
  return PAM_SUCCESS;
}

}  // extern "C"
