/* SPDX-License-Identifier: Apache-2.0
 *
 * host_state.h - what a PAM module must leave in a process as it found it.
 */

#ifndef TWOFACTOR_TESTS_PAM_HOST_STATE_H_
#define TWOFACTOR_TESTS_PAM_HOST_STATE_H_

#include <stddef.h>

struct HostState {
  /* Descriptors, signal mask and dispositions, environment, locale, working
   * directory, umask, limits, children, ids and timers, as text. */
  char text[64 * 1024];
  size_t heap_in_use; /* bytes */
  size_t resident;    /* bytes */
  size_t mappings;
};

void ReadHostState(struct HostState* state);

#endif /* TWOFACTOR_TESTS_PAM_HOST_STATE_H_ */
