// SPDX-License-Identifier: Apache-2.0
//
// confinement.h - what this process gives up before it talks to the network.

#ifndef TWOFACTOR_DELIVERY_HELPER_CONFINEMENT_H_
#define TWOFACTOR_DELIVERY_HELPER_CONFINEMENT_H_

#include <string>
#include <vector>

namespace twofactor::delivery {

// For good: no new privileges; no program can be executed, no process made but
// threads, nobody traced, limited or sent a signal, no session left, no file
// opened but for reading, given away or another mode (seccomp); no folder
// changed, and nothing read but what is below /etc, /usr, /lib*, the resolver's
// folders and `files`, and what files of the resolver or `files` are links to
// now (Landlock).  What the kernel does not have is left out and logged; false
// when it cannot even forbid new privileges.
bool Confine(const std::vector<std::string>& files);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_CONFINEMENT_H_
