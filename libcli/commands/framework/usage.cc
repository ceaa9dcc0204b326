#include "libcli/commands/framework/usage.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <vector>

#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/framework/common_options.h"
#include "libcli/term/table.h"
#include "libcli/term/text.h"

namespace kt::cli {
namespace {

constexpr size_t usage_width = 75;  // argparse4j's

std::string help_of(const OptionSpec& option) {
  std::string help(option.help);
  if (!option.default_value.empty()) help.append(" (default: ").append(option.default_value).append(")");
  return help;
}

bool is_shown(const OptionSpec& option) { return option.group != Group::legacy; }

/// "CLUSTER_ID" for --cluster-id, unless the table names it.
std::string meta_variable(const OptionSpec& option) {
  if (!option.value_name.empty()) return std::string(option.value_name);
  std::string name(option.choices.empty() ? option.name : option.choices);
  if (!option.choices.empty()) {
    std::ranges::replace(name, ' ', ',');
    return "{" + name + "}";
  }
  std::ranges::replace(name, '-', '_');
  return term::capitals(name);
}

/// "--id ID"
std::string argparse_entry(const OptionSpec& option) {
  std::string text = "--" + std::string(option.name);
  if (option.value == Value::none) return text;
  text.append(" ").append(meta_variable(option));
  if (option.many == Many::words) text.append(" [").append(meta_variable(option)).append(" ...]");
  return text;
}

bool is_in_a_group(std::span<const OneOf> groups, const OptionSpec& option) {
  return std::ranges::any_of(groups,
                             [&](const OneOf& group) { return contains_word(group.options, option.name); });
}

/// "(--record-size RECORD-SIZE | --payload-file PAYLOAD-FILE)", one piece for each option.
std::vector<std::string> group_pieces(const OneOf& group, const OptionTable& table) {
  std::vector<std::string> pieces;
  for_each_word(group.options,
                [&](std::string_view name) { pieces.push_back(argparse_entry(*table.find(name))); });
  pieces.front().insert(0, group.required ? "(" : "[");
  pieces.back().append(group.required ? ")" : "]");
  for (size_t i = 0; i + 1 < pieces.size(); ++i) pieces[i] += " |";
  return pieces;
}

std::vector<std::string> usage_pieces(OptionSpecs options, std::span<const OneOf> groups) {
  std::vector<std::string> pieces = {"[-h]"};
  for (const OptionSpec& option : options) {
    if (!is_shown(option) || is_in_a_group(groups, option)) continue;
    const std::string entry = argparse_entry(option);
    pieces.push_back(option.required ? entry : "[" + entry + "]");
  }
  const OptionTable table({options});
  for (const OneOf& group : groups) {
    for (std::string& piece : group_pieces(group, table)) pieces.push_back(std::move(piece));
  }
  return pieces;
}

std::string subcommand_choices(const Syntax& syntax) {
  std::vector<std::string> names;
  for (const Subcommand& subcommand : syntax.grammar.subcommands) names.emplace_back(subcommand.name);
  return "{" + term::join(names, ",") + "} ...";
}

}  // namespace

std::string jopt_entry(const OptionSpec& option) {
  std::string text = (option.name.size() == 1 ? "-" : "--") + std::string(option.name);
  if (option.value == Value::none) return text;
  std::string value(java_type_name(option.value));
  if (!option.value_name.empty()) value.append(": ").append(option.value_name);
  return text + (option.value_optional ? " [" + value + "]" : " <" + value + ">");
}

void print_option_table(std::ostream& out, const Syntax& syntax) {
  const std::vector<OptionSpec> common = common_options(Mode::script, syntax);
  const OptionTable table({syntax.grammar.options, common});
  std::map<std::string_view, const OptionSpec*> sorted;
  bool any_required = false;
  for (const OptionSpec* option : table.all()) {
    if (!is_shown(*option)) continue;
    sorted.emplace(option->name, option);
    any_required |= option->required;
  }
  term::TwoColumns columns(any_required ? "Option (* = required)" : "Option", "Description");
  for (const auto& [name, option] : sorted)
    columns.add((option->required ? "* " : "") + jopt_entry(*option), help_of(*option));
  columns.print(out);
}

void print_usage_lines(std::ostream& out, const Syntax& syntax, const Subcommand* subcommand) {
  const std::string prefix = "usage: " + std::string(syntax.program) + " ";
  std::vector<std::string> pieces;
  if (subcommand) pieces.emplace_back(subcommand->name);
  const auto rest = subcommand ? usage_pieces(subcommand->options, subcommand->one_of)
                               : usage_pieces(syntax.grammar.options, syntax.grammar.one_of);
  pieces.insert(pieces.end(), rest.begin(), rest.end());
  if (!subcommand && !syntax.grammar.subcommands.empty()) pieces.push_back(subcommand_choices(syntax));
  std::string line = prefix;
  bool is_first = true;
  for (const std::string& piece : pieces) {
    if (!is_first && line.size() + 1 + piece.size() > usage_width) {
      out << line << '\n';
      line = std::string(prefix.size(), ' ');
      is_first = true;
    }
    line.append(is_first ? "" : " ").append(piece);
    is_first = false;
  }
  out << line << '\n';
}

}  // namespace kt::cli
