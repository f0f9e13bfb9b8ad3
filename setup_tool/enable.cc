// SPDX-License-Identifier: Apache-2.0
//
// enable.cc - twofactor enable and disable: whether a device's codes count.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/session/code_set.h"
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

// The word for it, in the log as on the terminal.
const char* EventName(DeviceStatus status) {
  switch (status) {
    case DeviceStatus::kDisabled:
      return "disabled";
    case DeviceStatus::kEnabled:
      return "enabled";
  }
  return "disabled";
}

// What can still let a user in.
struct Ways {
  bool device = false;
  bool bypass = false;
};

Ways WaysIn(const Record& record, UnixTime now) {
  const auto is_live = [&](const CodeSet& set) {
    return IsLiveBypass(set, record.state.Find(set.id), now);
  };
  return {record.enrollment->usable(),
          std::ranges::any_of(record.enrollment->code_sets, is_live)};
}

void NoteWaysIn(const UserName& user, const Ways& ways) {
  if (ways.device) return;
  const std::string none =
      "no device of " + user.text() + " is left to log in with: ";
  if (ways.bypass)
    PrintWarning(none + "only a bypass lets " + user.text() +
                 " in; to end that: twofactor bypass --revoke " +
                 CommandWord(user.text()));
  else
    PrintNote(none +
              "logins are denied, never let through, until: twofactor enable "
              "--user " +
              CommandWord(user.text()));
}

class SetStatus final : public Verb {
 public:
  explicit SetStatus(DeviceStatus status) : status_(status) {}

  void Describe(OptionList& options) override {
    user_.AddOption(options);
    options.Text("--name", "LABEL", label_, "only this device, not all");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    Ways ways;
    auto edit = [&](Record& record, const Moment& moment) -> Try<void> {
      RETURN_IF_ERROR(Apply(*record.enrollment));
      Notify(host.config,
             status_ == DeviceStatus::kEnabled ? NoticeKind::kEnabled
                                               : NoticeKind::kDisabled,
             moment.now, {}, label_.value_or(""), record.state);
      ways = WaysIn(record, moment.now);
      return {};
    };
    RETURN_IF_ERROR(ChangeRecordOf(*host.store, user, edit));
    const std::string devices =
        label_ ? "device " + *label_ : std::string("all devices");
    RETURN_IF_ERROR(
        ReportDeed(invocation, {EventName(status_), user, label_,
                                std::string(EventName(status_)) + " " +
                                    devices + " of " + user.text()}));
    NoteWaysIn(user, ways);
    return ExitCode::kDone;
  }

 private:
  void Set(Enrollment& enrollment, const auto& which) const {
    for (Device& device : enrollment.devices)
      if (which(device)) device.status = status_;
    for (Address& address : enrollment.addresses)
      if (which(address)) address.status = status_;
  }

  Try<void> Apply(Enrollment& enrollment) const {
    if (!label_) {
      Set(enrollment, [](const auto&) { return true; });
      return {};
    }
    ASSIGN_OR_RETURN(const std::string label, ChooseFactor(enrollment, label_));
    Set(enrollment, [&](const auto& factor) { return factor.label == label; });
    return {};
  }

  DeviceStatus status_;
  UserChoice user_;
  std::optional<std::string> label_;
};

}  // namespace

std::unique_ptr<Verb> MakeEnable() {
  return std::make_unique<SetStatus>(DeviceStatus::kEnabled);
}

std::unique_ptr<Verb> MakeDisable() {
  return std::make_unique<SetStatus>(DeviceStatus::kDisabled);
}

}  // namespace twofactor::tool
