// SPDX-License-Identifier: Apache-2.0
//
// option_list.h - the options and arguments of a verb, whichever library
// parses them.

#ifndef TWOFACTOR_SETUP_TOOL_OPTION_LIST_H_
#define TWOFACTOR_SETUP_TOOL_OPTION_LIST_H_

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace twofactor::tool {

// Each target must live until the command line has been parsed.  One that was
// not given stays as it is; one that was given twice is refused.
class OptionList {
 public:
  explicit OptionList(CLI::App& app) : app_(app) {}

  void Flag(const std::string& name, bool& target, const std::string& help);
  void Text(const std::string& name, const std::string& placeholder,
            std::optional<std::string>& target, const std::string& help);
  void Number(const std::string& name, const std::string& placeholder,
              std::optional<int>& target, const std::string& help);
  void Argument(const std::string& placeholder,
                std::optional<std::string>& target, const std::string& help);

 private:
  CLI::App& app_;
};

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_OPTION_LIST_H_
