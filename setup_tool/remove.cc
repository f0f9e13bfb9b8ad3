// SPDX-License-Identifier: Apache-2.0
//
// remove.cc - twofactor remove: takes a device or address away from a user.

#include <optional>
#include <string>
#include <vector>

#include "core/session/notices.h"
#include "setup_tool/command_text.h"
#include "setup_tool/deed.h"
#include "setup_tool/device_choice.h"
#include "setup_tool/host.h"
#include "setup_tool/output.h"
#include "setup_tool/record_change.h"
#include "setup_tool/subject.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

struct Removal {
  std::string label;
  std::size_t devices_left = 0;
};

class Remove final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    options.Text("--name", "LABEL", label_, "the device, if there are several");
    options.Flag("--force", force_, "remove the last device, too");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    ASSIGN_OR_RETURN(Removal removal, RemoveFrom(host, user));
    RETURN_IF_ERROR(ReportDeed(invocation, {"removed", user, removal.label,
                                            "removed device " + removal.label +
                                                " of " + user.text()}));
    if (removal.devices_left == 0)
      PrintNote(user.text() + " is not enrolled any more: " +
                MeaningOfNoRecord(host.config, user));
    return ExitCode::kDone;
  }

 private:
  Try<Removal> RemoveFrom(Host& host, const UserName& user) {
    Removal removal;
    auto edit = [&](Record& record, const Moment& moment) -> Try<void> {
      Enrollment& enrollment = *record.enrollment;
      ASSIGN_OR_RETURN(removal.label, ChooseFactor(enrollment, label_));
      if (enrollment.factors() == 1 && !force_)
        return Refuse(ExitCode::kFailed,
                      "this is the last device; without it " +
                          MeaningOfNoRecord(host.config, user),
                      "twofactor remove --force --user " +
                          CommandWord(user.text()) + " --name " +
                          CommandWord(removal.label));
      const auto is_it = [&](const auto& factor) {
        return factor.label == removal.label;
      };
      Notify(host.config, NoticeKind::kRemoved, moment.now, {}, removal.label,
             record.state);
      std::erase_if(enrollment.devices, is_it);
      std::erase_if(enrollment.addresses, is_it);
      removal.devices_left = enrollment.factors();
      if (removal.devices_left == 0) record.enrollment.reset();
      return {};
    };
    RETURN_IF_ERROR(ChangeRecordOf(*host.store, user, edit));
    return removal;
  }

  UserChoice user_;
  std::optional<std::string> label_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeRemove() { return std::make_unique<Remove>(); }

}  // namespace twofactor::tool
