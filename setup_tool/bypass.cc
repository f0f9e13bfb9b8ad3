// SPDX-License-Identifier: Apache-2.0
//
// bypass.cc - twofactor bypass: a code of the administrator's, for a user who
// has no device at hand.

#include <optional>
#include <string>

#include "core/base/secret_text.h"
#include "core/session/code_set.h"
#include "core/session/notices.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/command_text.h"
#include "setup_tool/host.h"
#include "setup_tool/json_writer.h"
#include "setup_tool/output.h"
#include "setup_tool/provisioning.h"
#include "setup_tool/record_change.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/time_text.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

constexpr char kHelp[] = "twofactor bypass --help";

class Bypass final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    user_.AddArgument(options);
    options.Number("--uses", "N", uses_, "good for N logins, 1 to 100 [1]");
    options.Text("--for", "DURATION", lifetime_,
                 "until then, such as 30min, 1h, 2d; up to 7d [1h]");
    options.Text("--reason", "TEXT", reason_, "why; it stands in the log");
    options.Flag("--revoke", revoke_, "end all bypasses of the user");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(const BypassRequest request, Request());
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    if (revoke_) return Revoke(host, user, invocation.format);
    return Give(host, user, request, invocation.format);
  }

 private:
  Try<BypassRequest> Request() const {
    if (!user_.given())
      return Refuse(ExitCode::kUsage, "a bypass needs a user",
                    "twofactor bypass USER --reason TEXT");
    BypassRequest request;
    if (revoke_) {
      if (uses_ || lifetime_ || reason_)
        return Refuse(ExitCode::kUsage, "--revoke makes no new bypass", kHelp);
      return request;
    }
    if (!reason_ || reason_->empty())
      return Refuse(ExitCode::kUsage, "a bypass needs a reason",
                    "--reason TEXT, such as --reason 'phone lost, ticket 42'");
    request.reason = *reason_;
    request.uses = uses_.value_or(request.uses);
    if (lifetime_) {
      const auto lifetime = ParseDuration(*lifetime_);
      if (!lifetime)
        return Refuse(ExitCode::kUsage, "--for takes a time",
                      "such as 30min, 1h, 2d");
      request.lifetime = *lifetime;
    }
    return request;
  }

  static Try<ExitCode> Give(Host& host, const UserName& user,
                            const BypassRequest& request, Format format) {
    ASSIGN_OR_RETURN(const Moment now, host.clock.Now());
    auto made = MakeBypass(request, now);
    if (!made && made.error().code == ErrorCode::kInvalid)
      return Refuse(ExitCode::kUsage, made.error().context, kHelp);
    if (!made) return std::unexpected(Failure(made.error()));
    RETURN_IF_ERROR(Store(host, user, made->set));
    AdminLine("bypass", user)
        .Add("uses", request.uses)
        .Add("until", TimeStamp(made->set.expires))
        .Add("reason", request.reason)
        .Send(Severity::kNotice);
    if (auto shown = Show(user, *made, format); !shown) {
      RETURN_IF_ERROR(TakeBack(*host.store, user, made->set.id));
      return std::unexpected(shown.error());
    }
    return ExitCode::kDone;
  }

  static Try<void> Store(Host& host, const UserName& user, const CodeSet& set) {
    auto edit = [&](Record& record, const Moment& moment) -> Try<void> {
      DropDeadBypasses(record, moment.now);
      Notify(host.config, NoticeKind::kBypassMade, moment.now, {}, set.reason,
             record.state);
      auto added = AddCodeSet(set, record);
      if (!added && added.error().code == ErrorCode::kCapacity)
        return Refuse(ExitCode::kFailed,
                      user.text() + " has as many bypasses as can be",
                      "twofactor bypass --revoke " + CommandWord(user.text()));
      return About(user, std::move(added));
    };
    return ChangeRecordOf(*host.store, user, edit);
  }

  // The code alone goes to stdout, for scripts.
  static Try<void> Show(const UserName& user, const NewCodes& made,
                        Format format) {
    const CodeSet& set = made.set;
    if (format == Format::kJson) {
      JsonWriter json;
      json.BeginObject()
          .Member("user", user.text())
          .Member("done", "bypass")
          .Member("code", made.codes.front())
          .Member("uses", set.uses)
          .Member("until", TimeStamp(set.expires))
          .Member("reason", set.reason)
          .EndObject();
      return PrintSecret(json.Finish());
    }
    SecretText text;
    text.Append(made.codes.front()).Append("\n");
    RETURN_IF_ERROR(PrintSecret(text));
    PrintNote("with this code " + user.text() + " can log in " +
              (set.uses == 1 ? "once" : std::to_string(set.uses) + " times") +
              " until " + TimeText(set.expires));
    return {};
  }

  static Try<ExitCode> Revoke(Host& host, const UserName& user, Format format) {
    std::int64_t live = 0;
    auto edit = [&](Record& record, const Moment& moment) -> Try<void> {
      DropDeadBypasses(record, moment.now);
      live = static_cast<std::int64_t>(DropBypasses(record));
      return {};
    };
    RETURN_IF_ERROR(ChangeRecordOf(*host.store, user, edit));
    AdminLine("bypass_revoked", user)
        .Add("bypasses", live)
        .Send(Severity::kNotice);
    if (format == Format::kJson) {
      JsonWriter json;
      json.BeginObject()
          .Member("user", user.text())
          .Member("done", "bypass_revoked")
          .Member("bypasses", live)
          .EndObject();
      RETURN_IF_ERROR(PrintSecret(json.Finish()));
    } else {
      Print("revoked " + std::to_string(live) +
            (live == 1 ? " bypass of " : " bypasses of ") +
            EscapeForTerminal(user.text()) + "\n");
    }
    return ExitCode::kDone;
  }

  UserChoice user_;
  std::optional<int> uses_;
  std::optional<std::string> lifetime_;
  std::optional<std::string> reason_;
  bool revoke_ = false;
};

}  // namespace

std::unique_ptr<Verb> MakeBypassVerb() { return std::make_unique<Bypass>(); }

}  // namespace twofactor::tool
