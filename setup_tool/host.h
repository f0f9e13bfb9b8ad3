// SPDX-License-Identifier: Apache-2.0
//
// host.h - what a verb works on: this host's configuration and store.

#ifndef TWOFACTOR_SETUP_TOOL_HOST_H_
#define TWOFACTOR_SETUP_TOOL_HOST_H_

#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/session/config.h"
#include "core/store/file_store.h"
#include "setup_tool/failure.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {

struct Host {
  Config config;
  std::unique_ptr<FileStore> store;
  const Clock& clock;
};

// kUndecided when either cannot be used.
Try<Host> OpenHost(const Invocation& invocation);

// What second_factor means for somebody who is not enrolled, such as "logins
// of alice through sshd, su are denied".
std::string MeaningOfNoRecord(const Config& config, const UserName& user);

// What gethostname(2) says; may be empty.
std::string HostName();

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_HOST_H_
