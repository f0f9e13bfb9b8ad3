// SPDX-License-Identifier: Apache-2.0
//
// enroll_batch.cc - line by line: parse, enroll, hand out.
//
// Trust: the file is the administrator's; its lines may hold any bytes.

#include "setup_tool/enroll_batch.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include "core/session/enroll_session.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/batch_line.h"
#include "setup_tool/interrupts.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/new_file.h"
#include "setup_tool/output.h"
#include "setup_tool/progress_bar.h"
#include "setup_tool/provisioning.h"
#include "setup_tool/stream.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_text.h"

namespace twofactor::tool {
namespace {

constexpr std::size_t kMaxInputSize = 64 * 1024 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

enum class LineResult { kNothing, kEnrolled, kSkipped, kFailed };

struct Tally {
  std::size_t enrolled = 0;
  std::size_t skipped = 0;
  std::size_t failed = 0;

  void Count(LineResult result) {
    switch (result) {
      case LineResult::kNothing:
        return;
      case LineResult::kEnrolled:
        ++enrolled;
        return;
      case LineResult::kSkipped:
        ++skipped;
        return;
      case LineResult::kFailed:
        ++failed;
        return;
    }
  }
};

// Where the keys go.
class KeyOutput {
 public:
  static Try<KeyOutput> Open(const std::optional<std::string>& path) {
    KeyOutput output;
    if (!path) return output;
    ASSIGN_OR_RETURN(NewFile file, NewFile::Create(*path));
    output.file_.emplace(std::move(file));
    return output;
  }
  Try<void> Write(const SecretText& text) {
    if (!file_) return PrintSecret(text);
    RETURN_IF_ERROR(file_->Write(text.Expose()));
    // The file may hold the only copy of a key.
    return file_->Keep();
  }
  Try<void> Keep() {
    if (!file_) return {};
    return file_->Keep();
  }

 private:
  std::optional<NewFile> file_;
};

class Batch {
 public:
  Batch(Host& host, const BatchRequest& request, KeyOutput& output,
        std::size_t lines)
      : host_(host),
        request_(request),
        output_(output),
        bar_(lines, host.clock) {}

  // A failure ends the run: the keys have nowhere to go.
  Try<void> Process(std::size_t number, std::string_view text) {
    number_ = number;
    ASSIGN_OR_RETURN(const LineResult result, EnrollLine(text));
    tally_.Count(result);
    bar_.Advance(number);
    return {};
  }

  void Finish() { bar_.Hide(); }
  const Tally& tally() const { return tally_; }

 private:
  Try<LineResult> EnrollLine(std::string_view text) {
    auto line = ParseBatchLine(text);
    if (!line) return ReportFailure("", line.error().context);
    if (line->kind == BatchLine::Kind::kNothing) return LineResult::kNothing;
    if (line->label.empty()) line->label = request_.label;

    auto user = ExistingUser(line->user, host_.config);
    if (!user) return ReportFailure(line->user, user.error().message);
    auto record = host_.store->Read(*user);
    if (!record) return ReportFailure(line->user, record.error().context);
    if (record->enrollment && record->enrollment->HasLabel(line->label))
      return ReportSkipped(*user, line->label);
    return EnrollUser(*user, std::move(*line));
  }

  Try<LineResult> EnrollUser(const UserName& user, BatchLine line) {
    auto session =
        EnrollSession::Begin(host_.config, *host_.store, host_.clock, user,
                             {.label = std::move(line.label),
                              .parameters = request_.parameters,
                              .key = std::move(line.key)});
    if (!session) return ReportFailure(line.user, session.error().context);
    session->ConfirmAsAdministrator();
    if (auto saved = session->Save(); !saved)
      return ReportFailure(line.user, saved.error().context);
    RETURN_IF_ERROR(HandOut(user, *session));
    AdminLine("enrolled", user)
        .Add("device", session->device().label)
        .Add("confirmed_by", "administrator")
        .Send(Severity::kNotice);
    return LineResult::kEnrolled;
  }

  Try<void> HandOut(const UserName& user, const EnrollSession& session) {
    auto written = Write(TextOf(user, session));
    if (written) return {};
    RETURN_IF_ERROR(TakeBack(*host_.store, user, session.device().id));
    return written;
  }

  SecretText TextOf(const UserName& user, const EnrollSession& session) const {
    if (request_.format == Format::kJson) {
      JsonWriter json;
      json.BeginObject();
      WriteProvisioning(json, user, session, request_.issuer);
      json.EndObject();
      return json.Finish();
    }
    SecretText text;
    text.Append(EscapeForTerminal(user.text()))
        .Append("\t")
        .Append(session.Uri(request_.issuer))
        .Append("\n");
    return text;
  }

  Try<void> Write(const SecretText& text) {
    bar_.Hide();
    RETURN_IF_ERROR(output_.Write(text));
    return {};
  }

  Try<LineResult> ReportSkipped(const UserName& user,
                                const std::string& label) {
    Complain(user.text() + " has a device " + label + " already, skipped");
    if (request_.format == Format::kJson) {
      JsonWriter json;
      json.BeginObject()
          .Member("user", user.text())
          .Member("name", label)
          .Member("result", "skipped")
          .EndObject();
      RETURN_IF_ERROR(Write(json.Finish()));
    }
    return LineResult::kSkipped;
  }

  Try<LineResult> ReportFailure(const std::string& user,
                                const std::string& reason) {
    Complain(user.empty() ? reason : user + ": " + reason);
    if (request_.format == Format::kJson) {
      JsonWriter json;
      json.BeginObject()
          .Member("line", number_)
          .Member("user", user)
          .Member("result", "failed")
          .Member("reason", reason)
          .EndObject();
      RETURN_IF_ERROR(Write(json.Finish()));
    }
    return LineResult::kFailed;
  }

  // "users.tsv:7: alice: there is no user alice"
  void Complain(const std::string& reason) {
    bar_.Hide();
    std::string line =
        request_.input + ":" + std::to_string(number_) + ": " + reason;
    std::fputs((EscapeForTerminal(line) + "\n").c_str(), stderr);
  }

  Host& host_;
  const BatchRequest& request_;
  KeyOutput& output_;
  ProgressBar bar_;
  std::size_t number_ = 0;
  Tally tally_;
};

Try<void> ProcessLines(std::string_view text, Batch& batch,
                       Interrupts& interrupts) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    RETURN_IF_ERROR(interrupts.Check());
    const std::size_t end = std::min(text.find('\n'), text.size());
    RETURN_IF_ERROR(batch.Process(number, text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

ExitCode ExitCodeOf(const Tally& tally) {
  if (tally.failed == 0) return ExitCode::kDone;
  return tally.enrolled + tally.skipped == 0 ? ExitCode::kFailed
                                             : ExitCode::kPartly;
}

Failure WithHint(Failure failure) {
  failure.hint = "run it again to go on: who is enrolled by then is skipped";
  return failure;
}

}  // namespace

Try<ExitCode> EnrollBatch(Host& host, const BatchRequest& request) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenInput(request.input));
  ASSIGN_OR_RETURN(const Secret input,
                   ReadWhole(fd.get(), kMaxInputSize, request.input));
  ASSIGN_OR_RETURN(KeyOutput output, KeyOutput::Open(request.output));
  const std::string_view text = AsText(input.Expose());
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) +
                     (text.empty() || text.ends_with('\n') ? 0U : 1U);

  Interrupts interrupts;
  Batch batch(host, request, output, lines);
  auto processed = ProcessLines(text, batch, interrupts);
  batch.Finish();
  const Tally& tally = batch.tally();
  PrintNote(std::to_string(tally.enrolled) + " enrolled, " +
            std::to_string(tally.skipped) + " were already, " +
            std::to_string(tally.failed) + " failed");
  // Whoever is enrolled needs the key, however the run ended.
  if (tally.enrolled > 0 || processed) RETURN_IF_ERROR(output.Keep());
  if (!processed) return std::unexpected(WithHint(processed.error()));
  return ExitCodeOf(tally);
}

}  // namespace twofactor::tool
