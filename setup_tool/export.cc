// SPDX-License-Identifier: Apache-2.0
//
// export.cc - twofactor export: a user's devices as otpauth URIs, to move them
// to another host or app.
//
// Every key that leaves is logged before it does.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/base/encoding.h"
#include "core/base/secret_text.h"
#include "core/session/key_uri.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/device_choice.h"
#include "setup_tool/device_report.h"
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/new_device.h"
#include "setup_tool/output.h"
#include "setup_tool/subject.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

struct Exported {
  const Device* device = nullptr;
  Counter next{};  // Of a token.
};

// What of the record goes, and what cannot.
struct Selection {
  std::vector<Exported> devices;
  std::vector<std::string> lost;  // Labels of tokens without a counter.
};

void WriteDevice(JsonWriter& json, const UserName& user,
                 const Exported& exported, std::string_view issuer) {
  const Device& device = *exported.device;
  json.BeginObject()
      .Member("name", device.label)
      .Member("type", TypeName(device.kind))
      .Member("algorithm", AlgorithmName(device.algorithm))
      .Member("digits", device.digits);
  if (device.kind == DeviceKind::kTotp)
    json.Member("period", device.period.count());
  else
    json.Member("counter", Number(exported.next));
  json.Member("key", Base32Encode(device.key.Expose()))
      .Member("uri", KeyUri(device, user, issuer, exported.next))
      .EndObject();
}

class Export final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    options.Text("--name", "LABEL", label_, "only this device, not all");
    options.Text("--issuer", "TEXT", issuer_,
                 "what the app shows beside the user [the host's name]");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    if (!user_.given())
      return Refuse(ExitCode::kUsage, "keys are shown of a user that is named",
                    "twofactor export --user NAME");
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    ASSIGN_OR_RETURN(const std::string issuer,
                     ChooseIssuer(issuer_, host.config));
    ASSIGN_OR_RETURN(const Record record, About(user, host.store->Read(user)));
    if (!record.enrollment) return NotEnrolled(user);
    ASSIGN_OR_RETURN(const Selection selection, Select(record));
    for (const Exported& exported : selection.devices)
      AdminLine("exported", user)
          .Add("device", exported.device->label)
          .Send(Severity::kNotice);
    RETURN_IF_ERROR(Show(user, selection, issuer, invocation.format));
    SayWhatStays(record, selection);
    if (selection.lost.empty()) return ExitCode::kDone;
    return selection.devices.empty() ? ExitCode::kFailed : ExitCode::kPartly;
  }

 private:
  Try<Selection> Select(const Record& record) const {
    const Enrollment& enrollment = *record.enrollment;
    std::optional<std::size_t> only;
    if (label_) {
      ASSIGN_OR_RETURN(only, ChooseDevice(enrollment, label_));
    }
    Selection selection;
    for (std::size_t i = 0; i < enrollment.devices.size(); ++i) {
      if (only && i != *only) continue;
      const Device& device = enrollment.devices[i];
      const DeviceState* state = record.state.Find(device.id);
      const bool is_token = device.kind == DeviceKind::kHotp;
      if (is_token && (!state || state->next == kCounterLost))
        selection.lost.push_back(device.label);
      else
        selection.devices.push_back(
            {&device, is_token ? state->next : Counter{}});
    }
    return selection;
  }

  static Try<void> Show(const UserName& user, const Selection& selection,
                        const std::string& issuer, Format format) {
    if (format == Format::kJson) {
      JsonWriter json;
      json.BeginObject().Member("user", user.text()).Member("issuer", issuer);
      json.Key("devices").BeginArray();
      for (const Exported& exported : selection.devices)
        WriteDevice(json, user, exported, issuer);
      json.EndArray().Key("counter_lost").BeginArray();
      for (const std::string& label : selection.lost) json.Value(label);
      json.EndArray().EndObject();
      return PrintSecret(json.Finish());
    }
    SecretText text;
    for (const Exported& exported : selection.devices)
      text.Append(KeyUri(*exported.device, user, issuer, exported.next))
          .Append("\n");
    return PrintSecret(text);
  }

  void SayWhatStays(const Record& record, const Selection& selection) const {
    for (const std::string& label : selection.lost)
      PrintWarning("not exported: the counter of " + label +
                   " was lost; first: twofactor resync");
    if (label_) return;
    if (!record.enrollment->addresses.empty())
      PrintNote("not exported: addresses, which have no keys");
    const auto& sets = record.enrollment->code_sets;
    if (std::ranges::any_of(sets, [](const CodeSet& set) {
          return set.kind != CodeSet::Kind::kBypass;
        }))
      PrintNote("not exported: backup codes, of which only hashes are kept");
  }

  UserChoice user_;
  std::optional<std::string> label_;
  std::optional<std::string> issuer_;
};

}  // namespace

std::unique_ptr<Verb> MakeExport() { return std::make_unique<Export>(); }

}  // namespace twofactor::tool
