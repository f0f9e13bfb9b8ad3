// SPDX-License-Identifier: Apache-2.0
//
// keys.cc - twofactor keys: the master keys that records are sealed with.

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "core/base/encoding.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/host.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/progress_bar.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

struct KeyUse {
  KeyId id{};
  std::size_t records = 0;
  bool active = false;
  bool seals_marker = false;
};

struct KeyReport {
  std::vector<KeyUse> keys;
  std::vector<UserName> unreadable;
};

Result<KeyReport> ReportKeys(FileStore& store) {
  std::map<KeyId, std::size_t> records;
  KeyReport report;
  ASSIGN_OR_RETURN(const auto ids, store.keyring().Keys());
  for (const KeyId& id : ids) records[id] = 0;
  ASSIGN_OR_RETURN(auto users, store.Users());
  users.push_back(UserName::Nobody());
  for (const UserName& user : users) {
    auto id = store.KeyOf(user);
    if (id)
      ++records[*id];
    else
      report.unreadable.push_back(user);
  }
  ASSIGN_OR_RETURN(const KeyId marker, store.KeyOfMarker());
  for (const auto& [id, count] : records)
    report.keys.push_back(
        {id, count, id == store.keyring().active(), id == marker});
  return report;
}

void PrintReport(const KeyReport& report) {
  for (const KeyUse& key : report.keys) {
    std::string line = HexEncode(key.id) + "\t" + std::to_string(key.records) +
                       (key.records == 1 ? " record" : " records");
    if (key.seals_marker) line += ", the store's marker";
    if (key.active) line += ", active";
    if (key.records == 0 && !key.active && !key.seals_marker)
      line += ", not needed any more";
    Print(line + "\n");
  }
  for (const UserName& user : report.unreadable)
    Print(EscapeForTerminal(user.text()) + "\tDAMAGED\n");
}

Try<void> PrintReportAsJson(const KeyReport& report) {
  JsonWriter json;
  json.BeginObject().Key("keys").BeginArray();
  for (const KeyUse& key : report.keys)
    json.BeginObject()
        .Member("id", HexEncode(key.id))
        .Member("active", key.active)
        .Member("records", key.records)
        .Member("seals_marker", key.seals_marker)
        .EndObject();
  json.EndArray().Key("damaged").BeginArray();
  for (const UserName& user : report.unreadable) json.Value(user.text());
  json.EndArray().EndObject();
  return PrintSecret(json.Finish());
}

class KeysStatus final : public Verb {
 public:
  void Describe(OptionList&) override {}

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(const KeyReport report, ReportKeys(*host.store));
    if (invocation.format == Format::kJson) {
      RETURN_IF_ERROR(PrintReportAsJson(report));
    } else {
      PrintReport(report);
    }
    return report.unreadable.empty() ? ExitCode::kDone : ExitCode::kPartly;
  }
};

class KeysRotate final : public Verb {
 public:
  void Describe(OptionList&) override {}

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(const KeyId id, host.store->keyring().Rotate());
    AdminLine("keys_rotated").Add("key", HexEncode(id)).Send(Severity::kNotice);
    if (invocation.format == Format::kJson) {
      JsonWriter json;
      json.BeginObject().Member("active", HexEncode(id)).EndObject();
      RETURN_IF_ERROR(PrintSecret(json.Finish()));
    } else {
      Print("key " + HexEncode(id) + " is active now\n");
      PrintNote(
          "records keep their old key until they are written again, or: "
          "twofactor keys rewrap");
    }
    return ExitCode::kDone;
  }
};

enum class Rewrapped { kAlready, kNow };

// Seals anew what an older key has sealed.
Try<Rewrapped> RewrapRecord(FileStore& store, const UserName& user) {
  ASSIGN_OR_RETURN(const KeyId id, About(user, store.KeyOf(user)));
  if (id == store.keyring().active()) return Rewrapped::kAlready;
  auto changed = store.Change(
      user,
      [](Record record, const Moment&) -> Result<Record> { return record; });
  RETURN_IF_ERROR(About(user, std::move(changed)));
  return Rewrapped::kNow;
}

class KeysRewrap final : public Verb {
 public:
  void Describe(OptionList&) override {}

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    Interrupts interrupts;
    RETURN_IF_ERROR(host.store->RewrapMarker());
    ASSIGN_OR_RETURN(const auto users, host.store->Users());
    RewrapAll(host, users, interrupts);
    AdminLine("keys_rewrapped")
        .Add("records", static_cast<std::int64_t>(rewrapped_))
        .Add("failed", static_cast<std::int64_t>(failed_))
        .Send(Severity::kNotice);
    RETURN_IF_ERROR(PrintResult(invocation.format));
    RETURN_IF_ERROR(interrupts.Check());
    return failed_ == 0 ? ExitCode::kDone : ExitCode::kPartly;
  }

 private:
  void RewrapAll(Host& host, const std::vector<UserName>& users,
                 Interrupts& interrupts) {
    ProgressBar bar(users.size(), host.clock);
    for (std::size_t i = 0; i < users.size() && !interrupts.Requested(); ++i) {
      auto result = RewrapRecord(*host.store, users[i]);
      if (!result) {
        ++failed_;
        bar.Hide();
        PrintFailure(result.error());
      } else if (*result == Rewrapped::kNow) {
        ++rewrapped_;
      } else {
        ++already_;
      }
      bar.Advance(i + 1);
    }
  }

  Try<void> PrintResult(Format format) const {
    if (format == Format::kJson) {
      JsonWriter json;
      json.BeginObject()
          .Member("rewrapped", rewrapped_)
          .Member("already", already_)
          .Member("failed", failed_)
          .EndObject();
      return PrintSecret(json.Finish());
    }
    Print(std::to_string(rewrapped_) + " records sealed anew, " +
          std::to_string(already_) + " were already, " +
          std::to_string(failed_) + " failed\n");
    return {};
  }

  std::size_t rewrapped_ = 0;
  std::size_t already_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace

std::unique_ptr<Verb> MakeKeysStatus() {
  return std::make_unique<KeysStatus>();
}
std::unique_ptr<Verb> MakeKeysRotate() {
  return std::make_unique<KeysRotate>();
}
std::unique_ptr<Verb> MakeKeysRewrap() {
  return std::make_unique<KeysRewrap>();
}

}  // namespace twofactor::tool
