// SPDX-License-Identifier: Apache-2.0
//
// command_line.cc - the only file that knows CLI11.
//
// CLI11 would take what it does not know to be an error of its own wording;
// here it collects such words, and the first one is refused with the nearest
// known name.
//
// Trust: argv is the caller's.  Values of options are not repeated.

#include "setup_tool/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/session/config.h"
#include "setup_tool/admin_log.h"
#include "setup_tool/caller.h"
#include "setup_tool/output.h"
#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

constexpr char kDefaultFactor[] = "totp";

// A parsed command line: which row of the table, and its verb.
struct Command {
  const VerbRow* row = nullptr;
  std::unique_ptr<Verb> verb;
};

struct Parser {
  CLI::App app{"Second factors for PAM logins", "twofactor"};
  Invocation invocation;
  bool json = false;
  std::map<const CLI::App*, Command> commands;
};

std::string Indented(std::string_view lines) {
  std::string text = "Examples:\n";
  while (!lines.empty()) {
    std::size_t end = std::min(lines.find('\n'), lines.size());
    text += "  " + std::string(lines.substr(0, end)) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

std::string RootFooter() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeMeaning& row : ExitCodeMeanings()) {
    std::string number = std::to_string(static_cast<int>(row.code));
    text += "  " + number + std::string(5 - number.size(), ' ') +
            std::string(row.meaning) + "\n";
  }
  return text + "\n" +
         Indented(
             "twofactor init\n"
             "twofactor enroll totp --user alice\n"
             "twofactor status alice\n"
             "twofactor enroll totp --help");
}

struct GroupRow {
  std::string_view name;
  std::string_view summary;
};
constexpr GroupRow kGroups[] = {
    {"enroll", "give a user a device"},
    {"import", "take devices over from another module"},
    {"send-test", "try how codes leave this host"},
    {"keys", "care for the master keys that records are sealed with"},
};

// Words of the table's names in front of the last one.
void AddGroups(CLI::App& root) {
  for (const GroupRow& row : kGroups)
    root.add_subcommand(std::string(row.name), std::string(row.summary))
        ->require_subcommand(0, 1)
        ->allow_extras()
        ->fallthrough()
        ->footer("");
}

// "enroll totp" is "totp" below "enroll".
CLI::App* AddCommand(CLI::App& root, const VerbRow& row) {
  std::string name(row.name);
  std::string summary(row.summary);
  std::size_t space = name.find(' ');
  if (space == std::string::npos) return root.add_subcommand(name, summary);
  return root.get_subcommand(name.substr(0, space))
      ->add_subcommand(name.substr(space + 1), summary);
}

void BuildParser(Parser& parser) {
  CLI::App& app = parser.app;
  app.require_subcommand(0, 1)->allow_extras();
  app.set_version_flag("--version", "twofactor " TWOFACTOR_VERSION);
  app.add_option("--config", parser.invocation.config_path,
                 "read FILE, and FILE.d/*.conf")
      ->option_text("FILE [" + std::string(kConfigPath) + "]");
  app.add_flag("--json", parser.json, "answer in JSON");
  app.footer(RootFooter());
  AddGroups(app);
  for (const VerbRow& row : VerbTable()) {
    CLI::App* added = AddCommand(app, row);
    added->allow_extras()->fallthrough();
    added->footer(Indented(row.examples) +
                  "\n--config FILE and --json go with every verb.");
    Command command{&row, row.make()};
    OptionList options(*added);
    command.verb->Describe(options);
    parser.commands.emplace(added, std::move(command));
  }
}

// The innermost verb that was named; the root itself if none was.
CLI::App* Chosen(CLI::App& app) {
  auto below = app.get_subcommands();
  return below.empty() ? &app : Chosen(*below.front());
}

std::string FullName(const CLI::App& app) {
  if (app.get_parent() == nullptr) return app.get_name();
  return FullName(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> OptionNames(const CLI::App& chosen) {
  std::vector<std::string> names;
  for (const CLI::App* app = &chosen; app != nullptr; app = app->get_parent())
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames())
        names.push_back("--" + name);
  return names;
}

std::vector<std::string> VerbNames(const CLI::App& chosen) {
  std::vector<std::string> names;
  for (const CLI::App* app : chosen.get_subcommands({}))
    names.push_back(app->get_name());
  return names;
}

std::unexpected<Failure> RefuseUsage(const std::string& message,
                                     const CLI::App& chosen) {
  return Refuse(ExitCode::kUsage, message, FullName(chosen) + " --help");
}

std::unexpected<Failure> RefuseUnknown(std::string word,
                                       const CLI::App& chosen) {
  const bool is_option = word.starts_with('-') && word != "-";
  if (is_option) word.resize(std::min(word.find('='), word.size()));
  const auto names = is_option ? OptionNames(chosen) : VerbNames(chosen);
  const std::vector<std::string_view> known(names.begin(), names.end());
  const char* what = is_option       ? "unknown option "
                     : known.empty() ? "unexpected argument "
                                     : "unknown verb ";
  std::string message = what + word;
  std::string_view nearest = NearestName(word, known);
  if (!nearest.empty()) message += ", did you mean " + std::string(nearest);
  return RefuseUsage(message, chosen);
}

// CLI11's message in our form.
std::string Reworded(std::string text) {
  std::size_t line = text.find('\n');
  if (line != std::string::npos) text.resize(line);
  while (text.ends_with('.') || text.ends_with(' ')) text.pop_back();
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])))
    text[0] =
        static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

// "--digits" of "... --digits = abc" or of "--user: ...".
std::string OptionIn(const std::string& text) {
  std::size_t start = text.find("--");
  if (start == std::string::npos) return "an argument";
  return text.substr(start, text.find_first_of(" :=", start) - start);
}

// `enroll --batch FILE` is `enroll totp --batch FILE`: it is the only factor
// that the tool itself sets up.
std::vector<std::string> Arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  auto verb = std::ranges::find(arguments, "enroll");
  if (verb == arguments.end() || verb + 1 == arguments.end()) return arguments;
  const std::string& next = *(verb + 1);
  if (next.starts_with('-') && next != "--help" && next != "-h")
    arguments.insert(verb + 1, kDefaultFactor);
  return arguments;
}

// Empty when CLI11 answered itself: --help or --version.
Try<Command*> Parse(Parser& parser, std::vector<std::string> arguments) {
  std::ranges::reverse(arguments);  // As CLI11 wants them.
  try {
    parser.app.parse(std::move(arguments));
  } catch (const CLI::Success& answer) {
    parser.app.exit(answer);
    return nullptr;
  } catch (const CLI::ConversionError& error) {
    return RefuseUsage(OptionIn(error.what()) + " takes a whole number",
                       *Chosen(parser.app));
  } catch (const CLI::ArgumentMismatch& error) {
    const bool twice = std::string_view(error.what()).find("At Most") !=
                       std::string_view::npos;
    return RefuseUsage(
        OptionIn(error.what()) + (twice ? " is given twice" : " needs a value"),
        *Chosen(parser.app));
  } catch (const CLI::ParseError& error) {
    return RefuseUsage(Reworded(error.what()), *Chosen(parser.app));
  }
  const CLI::App& chosen = *Chosen(parser.app);
  const auto unknown = parser.app.remaining(true);
  if (!unknown.empty()) return RefuseUnknown(unknown.front(), chosen);
  auto command = parser.commands.find(&chosen);
  if (command == parser.commands.end())
    return RefuseUsage("a verb is missing", chosen);
  parser.invocation.verb = command->second.row->name;
  parser.invocation.format = parser.json ? Format::kJson : Format::kText;
  return &command->second;
}

bool IsWorthLogging(const Failure& failure, Access access) {
  return access != Access::kAnybody && failure.exit_code != ExitCode::kUsage &&
         failure.exit_code != ExitCode::kNotFound;
}

Try<ExitCode> Run(Command& command, const Invocation& invocation) {
  RETURN_IF_ERROR(RequireAccess(invocation, command.row->access));
  auto result = command.verb->Run(invocation);
  if (!result && IsWorthLogging(result.error(), command.row->access))
    LogFailure(invocation.verb, result.error());
  return result;
}

int Report(const Try<ExitCode>& result) {
  auto finished = FinishOutput();
  if (!result) {
    PrintFailure(result.error());
    return static_cast<int>(result.error().exit_code);
  }
  if (!finished) {
    PrintFailure(finished.error());
    return static_cast<int>(finished.error().exit_code);
  }
  return static_cast<int>(*result);
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv) {
  Parser parser;
  BuildParser(parser);
  auto command = Parse(parser, Arguments(argc, argv));
  if (!command) return Report(std::unexpected(command.error()));
  if (*command == nullptr) return Report(ExitCode::kDone);
  return Report(Run(**command, parser.invocation));
}

void OptionList::Flag(const std::string& name, bool& target,
                      const std::string& help) {
  app_.add_flag(name, target, help);
}

void OptionList::Text(const std::string& name, const std::string& placeholder,
                      std::optional<std::string>& target,
                      const std::string& help) {
  app_.add_option(name, target, help)->option_text(placeholder);
}

void OptionList::Number(const std::string& name, const std::string& placeholder,
                        std::optional<int>& target, const std::string& help) {
  app_.add_option(name, target, help)->option_text(placeholder);
}

void OptionList::Argument(const std::string& placeholder,
                          std::optional<std::string>& target,
                          const std::string& help) {
  app_.add_option(placeholder, target, help)->option_text(" ");
}

}  // namespace twofactor::tool
