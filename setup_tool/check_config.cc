// SPDX-License-Identifier: Apache-2.0
//
// check_config.cc - twofactor check-config: whether logins will accept it.

#include <optional>
#include <string>

#include "core/session/config.h"
#include "setup_tool/config_text.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

class CheckConfig final : public Verb {
 public:
  void Describe(OptionList& options) override {
    options.Argument("FILE", file_, "check FILE and FILE.d/*.conf instead");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    const std::string path = file_.value_or(invocation.config_path);
    auto config = LoadConfig(path);
    if (!config) {
      Failure failure(config.error());
      if (file_) failure.hint = "man twofactor.conf";
      return std::unexpected(failure);
    }
    if (invocation.format == Format::kJson) {
      JsonWriter json;
      WriteConfig(json, *config);
      RETURN_IF_ERROR(PrintSecret(json.Finish()));
    } else {
      Print(EscapeForTerminal(path) + ": good\n");
    }
    return ExitCode::kDone;
  }

 private:
  std::optional<std::string> file_;
};

}  // namespace

std::unique_ptr<Verb> MakeCheckConfig() {
  return std::make_unique<CheckConfig>();
}

}  // namespace twofactor::tool
