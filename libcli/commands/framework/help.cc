#include "libcli/commands/framework/help.h"

#include <algorithm>
#include <ostream>

#include "libcli/commands/framework/common_options.h"
#include "libcli/commands/framework/version.h"
#include "libcli/term/colour.h"
#include "libcli/term/text.h"

namespace kt::cli {
namespace {

constexpr size_t help_width = 80;
constexpr size_t entry_width = 26;

constexpr std::pair<Group, std::string_view> headings[] = {
    {Group::common, "options"}, {Group::filter, "filters"},    {Group::connection, "connection"},
    {Group::output, "output"},  {Group::advanced, "advanced"}, {Group::legacy, "of older Kafka"},
};

/// "  --topic <topic>          The topic", its text in a column of its own.
void print_entry(std::ostream& out, const std::string& entry, std::string_view text) {
  const auto lines = term::wrapped(text, help_width - entry_width);
  const bool fits = term::width_of(entry) + 4 <= entry_width;
  out << "  " << entry;
  if (fits)
    out << std::string(entry_width - 2 - term::width_of(entry), ' ');
  else
    out << '\n' << std::string(entry_width, ' ');
  for (size_t i = 0; i < lines.size(); ++i)
    out << (i == 0 ? "" : std::string(entry_width, ' ')) << lines[i] << '\n';
}

std::string text_of(const OptionSpec& option) {
  std::string text(option.help);
  if (!option.choices.empty()) {
    std::vector<std::string> choices;
    for_each_word(option.choices, [&](std::string_view choice) { choices.emplace_back(choice); });
    text += ": " + term::join(choices, ", ");
  }
  if (!option.default_value.empty()) text.append(" (default: ").append(option.default_value).append(")");
  return text;
}

void print_examples(std::ostream& out, const Syntax& syntax, const term::Paint& paint) {
  if (syntax.examples.empty()) return;
  out << '\n' << paint.heading("examples:") << '\n';
  for (const Example& example : syntax.examples) {
    for (const std::string& line : term::wrapped(example.says, help_width - 4)) out << "  # " << line << '\n';
    out << "  " << example.line << '\n';
  }
}

void print_verbs(std::ostream& out, const Syntax& syntax, const term::Paint& paint) {
  const auto& options = syntax.grammar.options;
  const bool has_actions = std::ranges::any_of(options, &OptionSpec::action);
  if (!has_actions && syntax.grammar.subcommands.empty()) return;
  out << '\n' << paint.heading("actions:") << '\n';
  for (const OptionSpec& option : options) {
    if (option.action)
      print_entry(out, std::string(option.name) + ", --" + std::string(option.name), option.help);
  }
  for (const Subcommand& subcommand : syntax.grammar.subcommands)
    print_entry(out, std::string(subcommand.name), subcommand.help);
}

void print_groups(std::ostream& out, const std::vector<OptionGroup>& groups, const term::Paint& paint) {
  for (const OptionGroup& group : groups) {
    out << '\n' << paint.heading(std::string(group.heading) + ":") << '\n';
    for (const OptionSpec& option : group.options) print_entry(out, help_entry(option), text_of(option));
  }
}

}  // namespace

std::string help_entry(const OptionSpec& option) {
  std::string text;
  if (option.letter != 0) text.append("-").append(1, option.letter).append(", ");
  text.append("--").append(option.name);
  if (option.value == Value::none) return text;
  const std::string_view name = option.value_name.empty() ? "value" : option.value_name;
  return text.append(option.value_optional ? " [" : " <")
      .append(name)
      .append(option.value_optional ? "]" : ">");
}

std::string synopsis(const Syntax& syntax) {
  std::string text = "kt " + std::string(syntax.name);
  const auto& grammar = syntax.grammar;
  if (std::ranges::any_of(grammar.options, &OptionSpec::action) || !grammar.subcommands.empty())
    text += " ACTION";
  const auto positional = std::ranges::find_if(grammar.options, &OptionSpec::positional);
  if (positional != grammar.options.end()) {
    text += " [" + term::capitals(positional->name) + "]" + (positional->many == Many::no ? "" : "...");
  }
  return text + " [options]";
}

std::vector<OptionGroup> grouped_options(const Syntax& syntax, OptionSpecs options, bool all) {
  const std::vector<OptionSpec> common = common_options(Mode::kt, syntax);
  const OptionTable table({options, common});
  std::vector<OptionGroup> groups;
  for (const auto& [group, heading] : headings) {
    if (group == Group::legacy && !all) continue;
    OptionGroup found{heading, {}};
    for (const OptionSpec* option : table.all()) {
      if (option->group == group && !option->action) found.options.push_back(*option);
    }
    if (!found.options.empty()) groups.push_back(std::move(found));
  }
  return groups;
}

void print_help(std::ostream& out, const Syntax& syntax, bool all, const term::Paint& paint) {
  out << syntax.summary << "\n\n" << paint.heading("usage:") << ' ' << synopsis(syntax) << '\n';
  if (!syntax.script.empty()) out << "       (also as " << syntax.script << ".sh)\n";
  print_examples(out, syntax, paint);
  print_verbs(out, syntax, paint);
  for (const Subcommand& subcommand : syntax.grammar.subcommands) {
    if (subcommand.options.empty()) continue;
    out << '\n' << paint.heading("options of " + std::string(subcommand.name) + ":") << '\n';
    for (const OptionSpec& option : subcommand.options) {
      if (all || option.group != Group::legacy) print_entry(out, help_entry(option), text_of(option));
    }
  }
  print_groups(out, grouped_options(syntax, syntax.grammar.options, all), paint);
}

void print_overview(std::ostream& out, Commands commands) {
  out << "kt " << kt_version << ": Kafka in one program\n\nusage: kt COMMAND [options]\n\ncommands:\n";
  for (const Command* command : commands) {
    if (!command->syntax.hidden) print_entry(out, std::string(command->syntax.name), command->syntax.summary);
  }
  out << "\nkt COMMAND --help tells more; kt help man COMMAND is a man page; kt help environment lists "
         "variables.\n"
         "Called as kafka-topics.sh and the like, kt is that script. kt sends no telemetry.\n";
}

}  // namespace kt::cli
