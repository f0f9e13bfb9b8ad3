// SPDX-License-Identifier: Apache-2.0
//
// new_codes.cc - making, storing and showing backup codes.

#include "setup_tool/new_codes.h"

#include <unistd.h>

#include <string>

#include "core/base/secret_text.h"
#include "core/session/code_set.h"
#include "core/session/notices.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/command_text.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/provisioning.h"
#include "setup_tool/record_change.h"
#include "setup_tool/terminal_conversation.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/time_text.h"

namespace twofactor::tool {
namespace {

using Existing = NewCodesRequest::Existing;
using Form = NewCodesRequest::Form;

constexpr char kHowToUse[] =
    "  Type a code where a verification code is asked for.  Small or capital\n"
    "  letters, dashes and spaces do not matter.  Each code works once.\n";

// " 7" of a list of more than nine.
std::string Place(std::size_t index, std::size_t count) {
  const std::string number = std::to_string(index + 1);
  return std::string(std::to_string(count).size() - number.size(), ' ') +
         number;
}

// `before` the number, then the code, a line each.
void AppendCodes(const NewCodes& made, std::string_view before,
                 SecretText& text) {
  for (std::size_t i = 0; i < made.codes.size(); ++i)
    text.Append(before)
        .Append(Place(i, made.codes.size()))
        .Append("  ")
        .Append(made.codes[i])
        .Append("\n");
}

SecretText AsList(const UserName& user, const NewCodes& made) {
  SecretText text;
  text.Append("Backup codes of ")
      .Append(EscapeForTerminal(user.text()))
      .Append(", shown this once:\n\n");
  AppendCodes(made, "  ", text);
  text.Append("\n").Append(kHowToUse);
  return text;
}

SecretText AsPage(const UserName& user, const NewCodes& made) {
  SecretText text;
  text.Append("BACKUP CODES\n\n  user  ")
      .Append(EscapeForTerminal(user.text()))
      .Append("\n  host  ")
      .Append(EscapeForTerminal(HostName()))
      .Append("\n  made  ")
      .Append(TimeText(made.set.created))
      .Append("\n\n");
  AppendCodes(made, "  [ ]  ", text);
  text.Append("\n").Append(kHowToUse).Append(
      "  Tick it off when it is used.  Keep this page where your phone is "
      "not,\n  and show it to nobody; when it is lost or used up, ask for "
      "new codes,\n  which make these worthless.\n");
  return text;
}

SecretText AsJson(const UserName& user, const NewCodes& made) {
  JsonWriter json;
  json.BeginObject()
      .Member("user", user.text())
      .Member("done", "backup_codes")
      .Member("created", TimeStamp(made.set.created))
      .Key("codes")
      .BeginArray();
  for (const Secret& code : made.codes) json.Value(code);
  json.EndArray().EndObject();
  return json.Finish();
}

SecretText InForm(Form form, const UserName& user, const NewCodes& made) {
  switch (form) {
    case Form::kList:
      break;
    case Form::kPage:
      return AsPage(user, made);
    case Form::kJson:
      return AsJson(user, made);
  }
  return AsList(user, made);
}

// What there was before.
struct Before {
  Existing codes = Existing::kStay;  // kReplaced: there were some.
  bool has_usable_device = false;
};

Try<Before> Store(Host& host, const UserName& user, const CodeSet& set,
                  Existing existing) {
  Before before;
  auto edit = [&](Record& record, const Moment& moment) -> Try<void> {
    const bool has_codes =
        record.enrollment->FindSet(CodeSet::Kind::kBackup) != nullptr;
    if (has_codes && existing == Existing::kStay)
      return Refuse(ExitCode::kFailed,
                    user.text() + " has backup codes already",
                    "new ones make those worthless: twofactor backup-codes "
                    "--regenerate --user " +
                        CommandWord(user.text()));
    before.codes = has_codes ? Existing::kReplaced : Existing::kStay;
    before.has_usable_device = record.enrollment->usable();
    DropBackupCodes(record);
    DropDeadBypasses(record, moment.now);  // They must not take the room.
    Notify(host.config, NoticeKind::kBackupCodesMade, moment.now, {}, "",
           record.state);
    return About(user, AddCodeSet(set, record));
  };
  RETURN_IF_ERROR(ChangeRecordOf(*host.store, user, edit));
  return before;
}

}  // namespace

Try<void> HandOutBackupCodes(Host& host, const UserName& user,
                             const NewCodesRequest& request) {
  if (request.count < 1 || request.count > static_cast<int>(kMaxCodesInSet))
    return Refuse(ExitCode::kUsage, "a set has 1 to 32 backup codes",
                  "twofactor backup-codes --help");
  ASSIGN_OR_RETURN(const Moment moment, host.clock.Now());
  ASSIGN_OR_RETURN(const NewCodes made, MakeBackupCodes(request.count, moment));
  ASSIGN_OR_RETURN(const Before before,
                   Store(host, user, made.set, request.existing));
  AdminLine("backup_codes", user)
      .Add("codes", request.count)
      .Add("replaced", before.codes == Existing::kReplaced ? "yes" : "no")
      .Send(Severity::kNotice);
  auto shown = PrintSecret(InForm(request.form, user, made));
  if (shown && !before.has_usable_device)
    PrintWarning("no device of " + user.text() +
                 " is enabled, and codes alone let nobody in");
  if (shown) return {};
  RETURN_IF_ERROR(TakeBack(*host.store, user, made.set.id));
  if (before.codes == Existing::kReplaced)
    shown.error().hint = "the codes of before are gone, too; run it again";
  return shown;
}

Try<void> OfferBackupCodes(Host& host, const UserName& user,
                           Interrupts& interrupts) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return {};
  ASSIGN_OR_RETURN(const Record record, About(user, host.store->Read(user)));
  if (!record.enrollment || record.enrollment->factors() != 1 ||
      record.enrollment->FindSet(CodeSet::Kind::kBackup))
    return {};
  Print("\n");
  if (AskOffer(interrupts, "Make backup codes now?") == Consent::kNo) {
    PrintNote("later: twofactor backup-codes --user " +
              CommandWord(user.text()));
    return {};
  }
  NewCodesRequest request;
  request.count = host.config.backup_codes;
  return HandOutBackupCodes(host, user, request);
}

}  // namespace twofactor::tool
