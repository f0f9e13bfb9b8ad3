// SPDX-License-Identifier: Apache-2.0
//
// resync.cc - twofactor resync: finds the counter of a token by two codes in a
// row.
//
// Trust: codes may be any bytes.

#include <algorithm>
#include <optional>
#include <string>

#include "core/factor/hotp.h"
#include "core/session/answer.h"
#include "core/session/device_codes.h"
#include "setup_tool/command_text.h"
#include "setup_tool/deed.h"
#include "setup_tool/device_choice.h"
#include "setup_tool/host.h"
#include "setup_tool/output.h"
#include "setup_tool/progress_bar.h"
#include "setup_tool/record_change.h"
#include "setup_tool/subject.h"
#include "setup_tool/terminal_conversation.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

// Codes that a token whose counter was lost may have made since it enrolled.
constexpr int kLostReach = 100'000;

// Two codes of the same length in a row.
struct CodePair {
  Secret codes;
  std::string_view first() const { return Text().substr(0, Half()); }
  std::string_view second() const { return Text().substr(Half()); }

 private:
  std::string_view Text() const { return AsText(codes.Expose()); }
  std::size_t Half() const { return codes.size() / 2; }
};

// Where the codes may be, in passes of at most kMaxResyncReach counters.
struct Range {
  Counter from{};
  int reach = 0;
};

class Resync final : public Verb {
 public:
  void Describe(OptionList& options) override {
    user_.AddOption(options);
    options.Text("--name", "LABEL", label_, "the token, if there are several");
  }

  Try<ExitCode> Run(const Invocation& invocation) override {
    ASSIGN_OR_RETURN(Host host, OpenHost(invocation));
    ASSIGN_OR_RETURN(std::string name, user_.Name());
    ASSIGN_OR_RETURN(UserName user,
                     RecordedUser(name, host.config, *host.store));
    ASSIGN_OR_RETURN(const Record record, About(user, host.store->Read(user)));
    if (!record.enrollment) return NotEnrolled(user);
    ASSIGN_OR_RETURN(const Device* token, ChooseToken(*record.enrollment));
    const DeviceState* state = record.state.Find(token->id);
    if (!state)
      return Refuse(ExitCode::kUndecided, "the token's state is missing",
                    "twofactor repair " + CommandWord(user.text()));

    Interrupts interrupts;
    ASSIGN_OR_RETURN(const CodePair pair, AskForPair(user, interrupts));
    ASSIGN_OR_RETURN(
        const std::optional<Counter> next,
        Search(host, *token, RangeOf(host, *token, *state), pair, interrupts));
    if (!next)
      return Refuse(ExitCode::kWrongCode,
                    "these are no two codes in a row of this token, or too far "
                    "ahead; nothing was changed",
                    "press the button twice and type both codes as they come");
    RETURN_IF_ERROR(Store(host, user, token->id, *next));
    RETURN_IF_ERROR(ReportDeed(
        invocation, {"resynced", user, token->label,
                     token->label + " of " + user.text() + " is in step"}));
    return ExitCode::kDone;
  }

 private:
  // Without a label: the only token, whatever else there is.
  Try<const Device*> ChooseToken(const Enrollment& enrollment) const {
    const auto& devices = enrollment.devices;
    const auto is_token = [](const Device& device) {
      return device.kind == DeviceKind::kHotp;
    };
    if (std::ranges::none_of(devices, is_token))
      return Refuse(ExitCode::kNotFound,
                    "there is no token, and only tokens get out of step",
                    "for clocks that are off: twofactor verify");
    if (!label_ && std::ranges::count_if(devices, is_token) == 1)
      return &*std::ranges::find_if(devices, is_token);
    ASSIGN_OR_RETURN(const std::size_t place, ChooseDevice(enrollment, label_));
    if (!is_token(devices[place]))
      return Refuse(ExitCode::kFailed,
                    devices[place].label + " makes codes by its clock",
                    "for clocks that are off: twofactor verify");
    return &devices[place];
  }

  // Two prompts, or both codes in one answer.
  static Try<CodePair> AskForPair(const UserName& user,
                                  Interrupts& interrupts) {
    TerminalConversation conversation(interrupts);
    ASSIGN_OR_RETURN(const Secret typed,
                     AskLine(conversation, interrupts, "Code: ", Echo::kOn));
    Answer first = ClassifyAnswer(typed.Expose(), user.text());
    if (first.kind == Answer::Kind::kCodePair)
      return CodePair{std::move(first.code)};
    if (first.kind != Answer::Kind::kCode) return NotACode();
    ASSIGN_OR_RETURN(const Secret more, AskLine(conversation, interrupts,
                                                "The next code: ", Echo::kOn));
    const Answer second = ClassifyAnswer(more.Expose(), user.text());
    if (second.kind != Answer::Kind::kCode ||
        second.code.size() != first.code.size())
      return NotACode();
    CodePair pair{Secret(2 * first.code.size())};
    std::ranges::copy(first.code.Expose(), pair.codes.ExposeMutable().begin());
    std::ranges::copy(second.code.Expose(),
                      pair.codes.ExposeMutable().begin() +
                          static_cast<std::ptrdiff_t>(first.code.size()));
    return pair;
  }

  static std::unexpected<Failure> NotACode() {
    return Refuse(ExitCode::kWrongCode,
                  "that is not a code: 6 to 8 digits; nothing was changed", "");
  }

  static Range RangeOf(const Host& host, const Device& token,
                       const DeviceState& state) {
    const bool is_lost = state.next == kCounterLost;
    const Counter from = is_lost ? token.first : state.next;
    const int reach = is_lost ? kLostReach : host.config.hotp_resync_reach;
    // Counters end below kCounterLost; they never begin anew.
    const std::uint64_t room = Number(kCounterLost) - Number(from);
    if (room < static_cast<std::uint64_t>(reach) + 2) return {from, 0};
    return {from, reach};
  }

  // The counter after the pair; empty when it is not there.
  static Try<std::optional<Counter>> Search(const Host& host,
                                            const Device& token,
                                            const Range& range,
                                            const CodePair& pair,
                                            Interrupts& interrupts) {
    ProgressBar bar(static_cast<std::size_t>(range.reach), host.clock);
    for (int done = 0; done < range.reach;) {
      RETURN_IF_ERROR(interrupts.Check());
      const int reach = std::min(kMaxResyncReach, range.reach - done);
      const Counter from{Number(range.from) + static_cast<std::uint64_t>(done)};
      ASSIGN_OR_RETURN(const HotpVerification found,
                       ResyncHotp(HotpParametersOf(token), token.key.Expose(),
                                  pair.first(), pair.second(), from, reach));
      if (found.verdict == Verdict::kAccepted) return found.next;
      done += reach;
      bar.Advance(static_cast<std::size_t>(done));
    }
    return std::nullopt;
  }

  // The counter only grows: a login may have been faster.
  static Try<void> Store(Host& host, const UserName& user, DeviceId token,
                         Counter next) {
    auto edit = [&](Record& record, const Moment& moment) -> Try<void> {
      DeviceState* state = record.state.Find(token);
      if (!state)
        return Refuse(ExitCode::kFailed, "the token was removed meanwhile", "");
      if (state->next != kCounterLost && Number(next) < Number(state->next))
        return Refuse(ExitCode::kWrongCode,
                      "these codes were used already; nothing was changed",
                      "press the button twice more and try again");
      state->next = next;
      state->boot = BootIsKnown(moment) ? moment.boot->id : BootId{};
      return {};
    };
    return ChangeRecordOf(*host.store, user, edit);
  }

  UserChoice user_;
  std::optional<std::string> label_;
};

}  // namespace

std::unique_ptr<Verb> MakeResync() { return std::make_unique<Resync>(); }

}  // namespace twofactor::tool
