// SPDX-License-Identifier: Apache-2.0
//
// backup_codes.cc - twofactor backup-codes: codes for the day when the phone
// is lost.

#include <optional>

#include "setup_tool/host.h"
#include "setup_tool/new_codes.h"
#include "setup_tool/output.h"
#include "setup_tool/subject.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

using Existing = NewCodesRequest::Existing;
using Form = NewCodesRequest::Form;

class BackupCodes final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    options.Number("--count", "N", count_,
                   "make N codes, 1 to 32 [as configured]");
    options.Flag("--print", print_, "as a page to print on paper");
    options.Flag("--regenerate", regenerate_,
                 "replace the codes that there are");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    const bool json = invocation.format == Format::kJson;
    if (json && print_)
      return Refuse(ExitCode::kUsage, "--json and --print exclude each other",
                    "twofactor backup-codes --help");
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    NewCodesRequest request;
    request.count = count_.value_or(host.config.backup_codes);
    request.existing = regenerate_ ? Existing::kReplaced : Existing::kStay;
    if (print_) request.form = Form::kPage;
    if (json) request.form = Form::kJson;
    RETURN_IF_ERROR(HandOutBackupCodes(host, user, request));
    return ExitCode::kDone;
  }

 private:
  UserChoice user_;
  std::optional<int> count_;
  bool print_ = false;
  bool regenerate_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeBackupCodesVerb() {
  return std::make_unique<BackupCodes>();
}

}  // namespace twofactor::tool
