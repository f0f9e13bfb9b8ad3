// SPDX-License-Identifier: Apache-2.0
//
// host.cc - opening configuration and store.

#include "setup_tool/host.h"

#include <unistd.h>

#include <utility>

namespace twofactor::tool {

Try<Host> OpenHost(const Invocation& invocation) {
  ASSIGN_OR_RETURN(Config config, LoadConfig(invocation.config_path));
  ASSIGN_OR_RETURN(auto store, FileStore::Open(config.paths, SystemClock()));
  return Host{std::move(config), std::move(store), SystemClock()};
}

std::string MeaningOfNoRecord(const Config& config, const UserName& user) {
  std::string services;
  for (const std::string& service : config.services)
    services += (services.empty() ? "" : ", ") + service;
  std::string logins =
      "logins of " + user.text() + " through " + services + " are ";
  switch (config.second_factor) {
    case SecondFactor::kRequired:
      return logins + "denied (second_factor = required)";
    case SecondFactor::kOptional:
      return logins +
             "not asked for a second factor (second_factor = optional)";
  }
  return logins + "denied";
}

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "";
  return name;
}

}  // namespace twofactor::tool
