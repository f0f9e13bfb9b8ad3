/* SPDX-License-Identifier: Apache-2.0
 *
 * plain_host.h - what plain_host and the supervisor of its system calls have
 * agreed on.
 */

#ifndef TWOFACTOR_TESTS_PAM_PLAIN_HOST_H_
#define TWOFACTOR_TESTS_PAM_PLAIN_HOST_H_

/* The descriptor at which the supervisor finds the listener. */
#define PLAIN_HOST_LISTENER 100

/* An operation of prctl(2) that does not exist: pam_authenticate is over. */
#define PLAIN_HOST_END_MARK 0x7f0000e5

/* Exit code of a plain_host that could not be supervised. */
#define PLAIN_HOST_NO_FILTER 200

#endif /* TWOFACTOR_TESTS_PAM_PLAIN_HOST_H_ */
