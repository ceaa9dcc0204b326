#include "libcli/commands/framework/refusal.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "libcli/commands/argv/suggest.h"
#include "libcli/commands/framework/common_options.h"
#include "libcli/commands/framework/usage.h"
#include "libcli/term/colour.h"
#include "libcli/term/report.h"
#include "libcli/term/text.h"

namespace kt::cli {
namespace {

constexpr size_t argparse_line_width_max = 74;  // argparse4j's 75, in which it counts the blank that it drops

const Subcommand* find_subcommand(const Syntax& syntax, std::string_view name) {
  for (const Subcommand& subcommand : syntax.grammar.subcommands) {
    if (subcommand.name == name) return &subcommand;
  }
  return nullptr;
}

/// Kafka's own text: the message with the usage after it (jopt) or before it (argparse).
void print_as_kafka(const Syntax& syntax, const UsageError& error, const Setting& setting, Streams& streams) {
  if (error.show == Show::message_on_out) {
    streams.out << error.message << '\n';
  } else if (error.show == Show::message) {
    streams.err << syntax.message_prefix << error.message << '\n';
  } else if (syntax.family == Family::jopt) {
    streams.err << error.message << '\n';
    print_option_table(streams.err, syntax);
  } else {
    print_usage_lines(streams.err, syntax, find_subcommand(syntax, error.subcommand));
    const std::string text = std::string(syntax.program) + ": error: " + error.message;
    for (const std::string& line : term::wrapped(text, argparse_line_width_max)) streams.err << line << '\n';
    const auto names = suggestions_for(syntax, setting.mode, error);
    if (names.empty()) return;
    streams.err << "\nDid you mean:\n";
    for (const std::string& name : names) streams.err << '\t' << name << '\n';
  }
}

/// "--group belongs to kt consume", for an option that this command does not have but another does.
std::string owner_of(std::string_view option, Commands commands) {
  for (const Command* command : commands) {
    if (command->syntax.hidden || !OptionTable({command->syntax.grammar.options}).find(option)) continue;
    return "--" + std::string(option) + " belongs to kt " + std::string(command->syntax.name);
  }
  return {};
}

void print_hints(const Syntax& syntax, const UsageError& error, const Setting& setting, Commands commands,
                 Streams& streams) {
  const term::Paint paint(setting.err_has_colour);
  const auto names = suggestions_for(syntax, setting.mode, error);
  const bool said_already =
      syntax.family == Family::argparse && error.show == Show::usage && !syntax.script.empty();
  if (!names.empty() && !said_already) {
    streams.err << paint.hint("did you mean: " + term::join(names, ", ")) << '\n';
  } else if (names.empty() && !error.unknown.empty()) {
    const std::string owner = owner_of(error.unknown, commands);
    if (!owner.empty()) streams.err << paint.hint(owner) << '\n';
  }
  streams.err << paint.hint("try: kt " + std::string(syntax.name) + " --help") << '\n';
}

std::string failed_verb(const Syntax& syntax, const UsageError& error) {
  std::string name(syntax.name);
  if (!error.subcommand.empty()) name.append(".").append(error.subcommand);
  return name;
}

}  // namespace

std::vector<std::string> suggestions_for(const Syntax& syntax, Mode mode, const UsageError& error) {
  if (error.unknown.empty()) return {};
  std::vector<std::string_view> names;
  const Subcommand* subcommand = find_subcommand(syntax, error.subcommand);
  const std::vector<OptionSpec> common = common_options(mode, syntax);
  const OptionTable table({subcommand ? subcommand->options : OptionSpecs(), syntax.grammar.options, common});
  for (const OptionSpec* option : table.all()) names.push_back(option->name);
  std::vector<std::string> found = suggestions(error.unknown, names);
  for (std::string& name : found) name.insert(0, table.find(name)->action ? "" : "--");
  if (!found.empty() || subcommand) return found;
  names.clear();
  for (const Subcommand& each : syntax.grammar.subcommands) names.push_back(each.name);
  return suggestions(error.unknown, names);
}

void print_refusal(const Command& command, const UsageError& error, const Setting& setting, Commands commands,
                   Streams& streams) {
  const Syntax& syntax = command.syntax;
  if (setting.output == Output::json) {
    const term::Failure failure{.message = error.message,
                                .did_you_mean = suggestions_for(syntax, setting.mode, error),
                                .try_this = "kt " + std::string(syntax.name) + " --help"};
    term::print_document(streams.out, failed_verb(syntax, error), nlohmann::ordered_json::array(), {failure});
    return;
  }
  if (syntax.script.empty()) {
    streams.err << term::Paint(setting.err_has_colour).error("error:") << ' ' << error.message << '\n';
  } else {
    print_as_kafka(syntax, error, setting, streams);
  }
  if (setting.hints) print_hints(syntax, error, setting, commands, streams);
}

}  // namespace kt::cli
