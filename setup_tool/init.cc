// SPDX-License-Identifier: Apache-2.0
//
// init.cc - twofactor init: makes keys and store, once on a host.

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "setup_tool/admin_log.h"
#include "setup_tool/config_text.h"
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/new_file.h"
#include "setup_tool/output.h"
#include "setup_tool/terminal_conversation.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

constexpr mode_t kConfigMode = 0644;

enum class Made { kNothing, kStore };

bool IsMissing(const std::string& path) {
  return access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

Try<void> MakeDefaultConfig(const std::string& path) {
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(path + ".new"));
  RETURN_IF_ERROR(file.Write(AsBytes(DefaultConfigText())));
  RETURN_IF_ERROR(file.KeepAs(path, kConfigMode));
  PrintNote("wrote " + path + ", all at its defaults");
  return {};
}

class Init final : public Verb {
 public:
  void Describe(OptionList& options) override {
    options.Flag("--keep-keys", keep_keys_,
                 "make a new store for keys whose store is gone for "
                 "good");
    options.Flag("--yes", yes_, "with --keep-keys: do not ask");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    if (invocation.config_path == kConfigPath && IsMissing(kConfigPath))
      RETURN_IF_ERROR(MakeDefaultConfig(kConfigPath));
    ASSIGN_OR_RETURN(const Config config, LoadConfig(invocation.config_path));
    ASSIGN_OR_RETURN(const Made made, MakeStore(config));
    if (made == Made::kStore)
      AdminLine("initialised")
          .Add("state", config.paths.state)
          .Add("keys", config.paths.keys)
          .Send(Severity::kNotice);
    RETURN_IF_ERROR(Tell(invocation.format, config, made));
    return ExitCode::kDone;
  }

 private:
  Try<Made> MakeStore(const Config& config) const {
    if (keep_keys_) RETURN_IF_ERROR(RequireConsent(config));
    auto created = keep_keys_ ? FileStore::CreateForExistingKeys(config.paths)
                              : FileStore::Create(config.paths);
    if (created) return Made::kStore;
    if (created.error().code != ErrorCode::kExists)
      return Explain(config.paths, created.error());
    // What is there has to be good, too.
    auto store = FileStore::Open(config.paths, SystemClock());
    if (!store) return Explain(config.paths, store.error());
    return Made::kNothing;
  }

  // Keys serve without a store; a store is worth nothing without its keys.
  std::unexpected<Failure> Explain(const StorePaths& paths,
                                   const Error& error) const {
    Failure failure(error);
    const std::string marker = paths.state + "/" + kMarkerName;
    const bool has_keyring = !IsMissing(paths.keys + "/" + kKeyringName);
    if (keep_keys_ && has_keyring && !IsMissing(marker)) {
      failure.hint =
          "restore what is damaged from a backup; if that is the marker alone: "
          "move " +
          marker + " away and try again";
      return std::unexpected(failure);
    }
    if (error.code != ErrorCode::kStoreMissing) return std::unexpected(failure);
    const bool keys_are_left = !keep_keys_ && has_keyring && IsMissing(marker);
    failure.hint =
        "mount the disk, or restore what is missing from a backup; if it is "
        "gone for good: " +
        (keys_are_left
             ? "twofactor init --keep-keys"
             : "move what is left of " + paths.keys + " and " + paths.state +
                   " away, then: twofactor init, and enroll "
                   "everybody");
    return std::unexpected(failure);
  }

  Try<void> RequireConsent(const Config& config) const {
    if (yes_) return {};
    const char* effect = config.second_factor == SecondFactor::kOptional
                             ? "log in without a second factor"
                             : "be denied until they enroll again";
    ASSIGN_OR_RETURN(const Consent consent,
                     AskConsent("Make a new store?  All whose records are gone "
                                "will " +
                                std::string(effect) + "."));
    if (consent == Consent::kYes) return {};
    return Refuse(ExitCode::kFailed, "nothing was made", "");
  }

  static Try<void> Tell(Format format, const Config& config, Made made) {
    const bool is_new = made == Made::kStore;
    if (format == Format::kJson) {
      JsonWriter json;
      json.BeginObject()
          .Member("initialised", true)
          .Member("new", is_new)
          .Member("keys_folder", config.paths.keys)
          .Member("state_folder", config.paths.state)
          .EndObject();
      return PrintSecret(json.Finish());
    }
    Print(is_new ? "initialised: keys in " : "already initialised: keys in ");
    Print(EscapeForTerminal(config.paths.keys) + ", store in " +
          EscapeForTerminal(config.paths.state) + "\n");
    if (is_new) PrintNote("next: twofactor enroll totp --user NAME");
    return {};
  }

  bool keep_keys_ = false;
  bool yes_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeInit() { return std::make_unique<Init>(); }

}  // namespace twofactor::tool
