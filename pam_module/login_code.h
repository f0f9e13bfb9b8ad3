// SPDX-License-Identifier: Apache-2.0
//
// login_code.h - the code of a login, fetched ahead.

#ifndef TWOFACTOR_PAM_MODULE_LOGIN_CODE_H_
#define TWOFACTOR_PAM_MODULE_LOGIN_CODE_H_

namespace twofactor {

// Has the processor read what login.ld puts side by side.  A login runs most of
// it once, and from one login to the next it falls out of the caches.  Run
// cold, each line is waited for when its turn comes; read in order, many are
// under way at a time.  Does nothing where the linker put nothing in order;
// where it did, text lies in one segment with the constants and can be read.
void FetchLoginCode();

}  // namespace twofactor

#endif  // TWOFACTOR_PAM_MODULE_LOGIN_CODE_H_
