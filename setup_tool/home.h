// SPDX-License-Identifier: Apache-2.0
//
// home.h - users with their ids and home folders, as the name service has them.

#ifndef TWOFACTOR_SETUP_TOOL_HOME_H_
#define TWOFACTOR_SETUP_TOOL_HOME_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "setup_tool/failure.h"

namespace twofactor::tool {

struct Home {
  std::string user;
  uid_t uid = 0;
  std::vector<gid_t> groups;  // The first one is the user's own.
  std::string path;
};

// kNotFound, kUndecided when the name service could not answer.
Try<Home> FindHome(const std::string& user);

// Everybody whom the name service lists, without the groups.  A name that two
// of its sources have is there twice; FindHome has the one that counts.
Try<std::vector<Home>> AllHomes();

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_HOME_H_
