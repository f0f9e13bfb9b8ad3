// SPDX-License-Identifier: Apache-2.0
//
// verb.h - one thing that the tool can be told to do.
//
// Each verb is a class in a file of its own, and one row of the table in
// verbs.cc.

#ifndef TWOFACTOR_SETUP_TOOL_VERB_H_
#define TWOFACTOR_SETUP_TOOL_VERB_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/store/paths.h"
#include "setup_tool/failure.h"
#include "setup_tool/option_list.h"

namespace twofactor::tool {

enum class Format : std::uint8_t { kText = 0, kJson = 1 };

// The options that stand before or behind any verb.
struct Invocation {
  std::string verb;  // As in the table: "enroll totp".
  std::string config_path = kConfigPath;
  Format format = Format::kText;
};

class Verb {
 public:
  virtual ~Verb() = default;
  // Names the options; they are set when Run is called.
  virtual void Describe(OptionList& options) = 0;
  virtual Try<ExitCode> Run(const Invocation& invocation) = 0;
};

// Who may run it.
enum class Access : std::uint8_t {
  kRoot = 0,
  kRootForUser,  // Root, and --user says on whom it acts.
  kAnybody,
};

struct VerbRow {
  std::string_view name;
  Access access;
  std::string_view summary;
  std::string_view examples;  // Lines, each a command.
  std::unique_ptr<Verb> (*make)();
};

std::span<const VerbRow> VerbTable();

std::unique_ptr<Verb> MakeInit();
std::unique_ptr<Verb> MakeEnrollTotp();
std::unique_ptr<Verb> MakeEnrollHotp();
std::unique_ptr<Verb> MakeEnrollEmail();
std::unique_ptr<Verb> MakeFlushNotices();
std::unique_ptr<Verb> MakeEnrollSms();
std::unique_ptr<Verb> MakeImportGoogleAuthenticator();
std::unique_ptr<Verb> MakeImportOath();
std::unique_ptr<Verb> MakeStatus();
std::unique_ptr<Verb> MakeList();
std::unique_ptr<Verb> MakeVerify();
std::unique_ptr<Verb> MakeRemove();
std::unique_ptr<Verb> MakeEnable();
std::unique_ptr<Verb> MakeDisable();
std::unique_ptr<Verb> MakeBackupCodesVerb();
std::unique_ptr<Verb> MakeBypassVerb();
std::unique_ptr<Verb> MakeResync();
std::unique_ptr<Verb> MakeExport();
std::unique_ptr<Verb> MakeUnlock();
std::unique_ptr<Verb> MakeReset();
std::unique_ptr<Verb> MakeRepair();
std::unique_ptr<Verb> MakeKeysRotate();
std::unique_ptr<Verb> MakeKeysRewrap();
std::unique_ptr<Verb> MakeKeysStatus();
std::unique_ptr<Verb> MakeRecoveryAddress();
std::unique_ptr<Verb> MakeSendTestEmail();
std::unique_ptr<Verb> MakeSendTestSms();
std::unique_ptr<Verb> MakeCheckConfig();
std::unique_ptr<Verb> MakeEditConfig();

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_VERB_H_
