// SPDX-License-Identifier: Apache-2.0
//
// list.cc - twofactor list: who is enrolled, damaged records too.

#include <algorithm>
#include <optional>
#include <vector>

#include "setup_tool/code_set_report.h"
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

struct Row {
  UserName user;
  std::size_t devices = 0;
  std::size_t enabled = 0;
  std::optional<int> backup_codes;  // Left; empty: none were made.
  std::optional<Error> damage;
};

Row RowOf(Store& store, const UserName& user) {
  Row row{user, 0, 0, std::nullopt, std::nullopt};
  auto record = store.Read(user);
  if (!record) {
    row.damage = record.error();
    return row;
  }
  if (!record->enrollment) return row;  // Removed since the folder was read.
  const Enrollment& enrollment = *record->enrollment;
  const auto enabled = [](const auto& factor) {
    return factor.status == DeviceStatus::kEnabled;
  };
  row.devices = enrollment.factors();
  row.enabled = static_cast<std::size_t>(
      std::ranges::count_if(enrollment.devices, enabled) +
      std::ranges::count_if(enrollment.addresses, enabled));
  row.backup_codes = CodesLeftOf(*record, CodeSet::Kind::kBackup);
  return row;
}

void PrintRow(const Row& row) {
  std::string line = EscapeForTerminal(row.user.text()) + "\t";
  if (row.damage) {
    line += "DAMAGED: " + EscapeForTerminal(row.damage->context);
  } else {
    line += std::to_string(row.devices) +
            (row.devices == 1 ? " device" : " devices");
    if (row.enabled < row.devices)
      line += ", " + std::to_string(row.devices - row.enabled) + " disabled";
    if (row.backup_codes)
      line += ", " + std::to_string(*row.backup_codes) +
              (*row.backup_codes == 1 ? " backup code" : " backup codes");
  }
  Print(line + "\n");
}

void WriteRow(JsonWriter& json, const Row& row) {
  std::optional<std::string> error;
  std::optional<std::string> detail;
  if (row.damage) {
    error = ErrorName(row.damage->code);
    detail = row.damage->context;
  }
  json.BeginObject()
      .Member("user", row.user.text())
      .Member("damaged", row.damage.has_value());
  if (row.damage) {
    json.Member("error", error).Member("detail", detail);
  } else {
    json.Member("devices", row.devices)
        .Member("enabled_devices", row.enabled)
        .Member("backup_codes", row.backup_codes);
  }
  json.EndObject();
}

Try<void> PrintAsJson(const std::vector<Row>& rows) {
  JsonWriter json;
  json.BeginObject().Key("users").BeginArray();
  for (const Row& row : rows) WriteRow(json, row);
  json.EndArray().EndObject();
  return PrintSecret(json.Finish());
}

class List final : public Verb {
 public:
  void Describe(OptionList&) override {}

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(const auto users, host.store->Users());
    std::vector<Row> rows;
    for (const UserName& user : users) rows.push_back(RowOf(*host.store, user));
    if (invocation.format == Format::kJson) {
      RETURN_IF_ERROR(PrintAsJson(rows));
    } else {
      for (const Row& row : rows) PrintRow(row);
    }
    const bool damaged =
        std::any_of(rows.begin(), rows.end(),
                    [](const Row& r) { return r.damage.has_value(); });
    return damaged ? ExitCode::kPartly : ExitCode::kDone;
  }
};

}  // namespace

std::unique_ptr<Verb> MakeList() { return std::make_unique<List>(); }

}  // namespace twofactor::tool
