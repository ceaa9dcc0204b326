#include "libcli/commands/framework/dispatch.h"

#include <algorithm>
#include <ostream>

#include "libbroker/base/disk.h"
#include "libcli/commands/argv/suggest.h"
#include "libcli/commands/framework/common_options.h"
#include "libcli/commands/framework/connection.h"
#include "libcli/commands/framework/help.h"
#include "libcli/commands/framework/refusal.h"
#include "libcli/commands/framework/usage.h"
#include "libcli/commands/framework/version.h"
#include "libcli/term/colour.h"
#include "libcli/term/report.h"

namespace kt::cli {
namespace {

constexpr uint64_t argument_file_bytes_max = 1 << 20;

std::string_view file_name(std::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// One command, from its words to its end.
class CommandRunner {
 public:
  CommandRunner(const Program& program, const Command& command, Mode mode, Environment& environment,
                Streams& streams)
      : program_(program),
        command_(command),
        mode_(mode),
        common_(common_options(mode, command.syntax)),
        environment_(environment),
        streams_(streams) {
    setting_.mode = mode;
    setting_.hints = mode == Mode::kt;
  }

  Exit run(std::vector<std::string> args) {
    if (args.empty() && says_usage_when_bare()) return bare();
    if (syntax().argument_files) {
      if (const auto error = insert_argument_files(args)) return refuse(*error);
    }
    Grammar grammar = syntax().grammar;
    grammar.common = common_;
    const auto given =
        read_command_line(syntax().family, grammar, freedom(), args, supply_bootstrap(mode_, environment_));
    if (!given) return refuse(given.error());
    return run(*given, args);
  }

 private:
  const Syntax& syntax() const { return command_.syntax; }

  Freedom freedom() const {
    const bool is_kafkas_argparse = syntax().family == Family::argparse && !syntax().script.empty();
    const bool lives_in_the_past = environment_.variable("KT_ERA") == "0.10";
    const bool is_kt = mode_ == Mode::kt;
    return {.letters = is_kt, .prefixes = is_kafkas_argparse || lives_in_the_past, .words = is_kt};
  }

  Exit run(const Given& given, const std::vector<std::string>& words) {
    const auto setting = setting_of(given, syntax(), mode_, program_.path, environment_);
    if (!setting) return refuse(setting.error());
    setting_ = *setting;
    if (given.has_common("help") || given.has_common("help-all")) return help(given.has_common("help-all"));
    if (given.has_common("version")) return version();
    tell_about_old_options(given);
    const auto exit = command_.enter({given, setting_, environment_, program_.commands, words}, streams_);
    return exit ? *exit : refuse(exit.error());
  }

  /// Kafka's tools show how to use them when called without a word.
  bool says_usage_when_bare() const {
    if (syntax().script.empty() || !syntax().grammar.subcommands.empty()) return false;
    return mode_ == Mode::script ? !syntax().script_runs_bare : !syntax().runs_bare;
  }

  Exit bare() {
    if (syntax().family == Family::argparse) return help(false);
    streams_.err << syntax().purpose << '\n';
    print_option_table(streams_.err, syntax());
    return Exit::usage;
  }

  Exit help(bool all) {
    if (mode_ == Mode::script && syntax().family == Family::jopt) {
      streams_.out << syntax().purpose << '\n';
      print_option_table(streams_.out, syntax());
    } else {
      print_help(streams_.out, syntax(), all, term::Paint(setting_.out_has_colour));
    }
    return Exit::done;
  }

  Exit version() {
    if (mode_ == Mode::script)
      streams_.out << kafka_compatible_version << '\n';
    else
      streams_.out << "kt " << kt_version << '\n';
    return Exit::done;
  }

  Exit refuse(UsageError error) {
    if (error.show == Show::parser_error) error.show = syntax().parser_errors;
    print_refusal(command_, error, setting_, program_.commands, streams_);
    return Exit::usage;
  }

  void tell_about_old_options(const Given& given) {
    const term::Paint paint(setting_.err_has_colour);
    for (const OptionSpec* option : given.in_order()) {
      const std::string spelling(given.spelling(option->name));
      if (option->ignored == Ignored::with_warning) streams_.err << "kt: --" << spelling << " is ignored\n";
      const bool is_old = std::ranges::any_of(option->aliases, [&spelling](const Alias& alias) {
        return alias.kind == Alias::Kind::old && alias.name == spelling;
      });
      if (is_old && setting_.hints) {
        streams_.err << paint.hint("--" + spelling + " is now --" + std::string(option->name)) << '\n';
      }
    }
  }

  /// "@file" becomes the lines of the file, as argparse4j has it.
  std::optional<UsageError> insert_argument_files(std::vector<std::string>& args) const {
    std::vector<std::string> expanded;
    for (std::string& arg : args) {
      if (!arg.starts_with('@')) {
        expanded.push_back(std::move(arg));
        continue;
      }
      const auto text = environment_.disk.read_all(arg.substr(1), argument_file_bytes_max);
      if (!text) return UsageError{"Could not read arguments from file '" + arg.substr(1) + "'"};
      for (size_t start = 0; start < text->size();) {
        const size_t end = std::min(text->find('\n', start), text->size());
        expanded.push_back(text->substr(start, end - start));
        start = end + 1;
      }
    }
    args = std::move(expanded);
    return std::nullopt;
  }

  const Program& program_;
  const Command& command_;
  const Mode mode_;
  const std::vector<OptionSpec> common_;
  Environment& environment_;
  Streams& streams_;
  Setting setting_;
};

/// Commands near the word, and those that have it as a verb: "create" is `kt topics create`.
std::vector<std::string> commands_like(const std::string& word, Commands commands) {
  std::vector<std::string_view> names;
  std::vector<std::string> found;
  for (const Command* command : commands) {
    const Syntax& syntax = command->syntax;
    if (syntax.hidden) continue;
    names.push_back(syntax.name);
    const OptionSpec* verb = OptionTable({syntax.grammar.options}).find(word);
    const bool has_subcommand = std::ranges::any_of(syntax.grammar.subcommands,
                                                    [&word](const Subcommand& s) { return s.name == word; });
    if ((verb && verb->action) || has_subcommand) found.push_back(std::string(syntax.name) + " " + word);
  }
  const std::vector<std::string> near = suggestions(word, names);
  found.insert(found.begin(), near.begin(), near.end());
  if (found.size() > suggestions_max) found.resize(suggestions_max);
  return found;
}

Exit unknown_command(const std::string& word, Commands commands, Streams& streams) {
  term::print_failure(streams.err,
                      {.message = "kt has no command " + word,
                       .did_you_mean = commands_like(word, commands),
                       .try_this = "kt help"},
                      term::Paint(false));
  return Exit::usage;
}

Exit run_kt(const Program& program, Environment& environment, Streams& streams) {
  if (program.args.empty() || program.args[0] == "-h" || program.args[0] == "--help") {
    print_overview(streams.out, program.commands);
    return Exit::done;
  }
  if (program.args[0] == "--version") {
    streams.out << "kt " << kt_version << '\n';
    return Exit::done;
  }
  const Command* command = find_command(program.commands, program.args[0]);
  if (!command) return unknown_command(program.args[0], program.commands, streams);
  const std::vector<std::string> rest(program.args.begin() + 1, program.args.end());
  return CommandRunner(program, *command, Mode::kt, environment, streams).run(rest);
}

/// Kafka's scripts know only 0 and 1; death by signal looks the same everywhere.
int script_status(Exit exit) {
  const bool by_signal = exit == Exit::interrupted || exit == Exit::terminated;
  return by_signal ? static_cast<int>(exit) : exit == Exit::done ? 0 : 1;
}

}  // namespace

int run_program(const Program& program, Environment& environment, Streams& streams) {
  const std::string_view name = file_name(program.path);
  const Command* script = find_command(program.commands, name);
  if (!script || !is_script_name(script->syntax, name))
    return static_cast<int>(run_kt(program, environment, streams));
  return script_status(CommandRunner(program, *script, Mode::script, environment, streams).run(program.args));
}

}  // namespace kt::cli
