#include "libcli/commands/completion/candidates.h"

#include <algorithm>
#include <set>

#include "libcli/commands/framework/common_options.h"

namespace kt::cli::completion {
namespace {

/// Gathers what starts with the word begun.
class Finder {
 public:
  Finder(const Line& line, Commands commands) : line_(line), commands_(commands) {}

  std::vector<std::string> find() {
    if (line_.words.empty()) return {};
    const std::string_view program = std::string_view(line_.words[0]).substr(line_.words[0].rfind('/') + 1);
    const Command* script = find_command(commands_, program);
    if (script && is_script_name(script->syntax, program)) {
      within(script->syntax, Mode::script, 1);
    } else if (line_.words.size() == 1) {
      offer_commands("");
      for (const char* option : {"--help", "--version"}) offer(option);
    } else if (const Command* command = find_command(commands_, line_.words[1])) {
      within(command->syntax, Mode::kt, 2);
    }
    return {found_.begin(), found_.end()};
  }

 private:
  void offer(std::string candidate) {
    if (candidate.starts_with(line_.begun)) found_.insert(std::move(candidate));
  }

  void offer_commands(const std::string& prefix) {
    for (const Command* command : commands_) {
      if (!command->syntax.hidden) offer(prefix + std::string(command->syntax.name));
    }
  }

  void offer_values(const OptionSpec& option, const std::string& prefix) {
    for_each_word(option.choices, [&](std::string_view choice) { offer(prefix + std::string(choice)); });
    if (option.complete == Complete::command) offer_commands(prefix);
  }

  void within(const Syntax& syntax, Mode mode, size_t first_word) {
    const Subcommand* subcommand = chosen_subcommand(syntax, first_word);
    const std::vector<OptionSpec> common = common_options(mode, syntax);
    const OptionTable table(
        {subcommand ? subcommand->options : OptionSpecs(), syntax.grammar.options, common});
    const OptionSpec* waiting = line_.words.size() > first_word ? named(table, line_.words.back()) : nullptr;
    if (waiting && waiting->value != Value::none) {
      offer_values(*waiting, "");
      if (!waiting->value_optional) return;
    }
    const size_t equals = line_.begun.find('=');
    if (line_.begun.starts_with("--") && equals != std::string::npos) {
      const OptionSpec* option = table.find(line_.begun.substr(2, equals - 2));
      if (option) offer_values(*option, line_.begun.substr(0, equals + 1));
      return;
    }
    if (line_.begun.starts_with('-'))
      offer_options(table);
    else
      offer_words(syntax, table, subcommand, first_word);
  }

  static const OptionSpec* named(const OptionTable& table, std::string_view word) {
    if (word.starts_with("--")) return table.find(word.substr(2));
    return word.size() == 2 && word[0] == '-' ? table.find_letter(word[1]) : nullptr;
  }

  const Subcommand* chosen_subcommand(const Syntax& syntax, size_t first_word) const {
    for (const Subcommand& subcommand : syntax.grammar.subcommands) {
      if (std::find(line_.words.begin() + static_cast<std::ptrdiff_t>(first_word), line_.words.end(),
                    subcommand.name) != line_.words.end()) {
        return &subcommand;
      }
    }
    return nullptr;
  }

  void offer_options(const OptionTable& table) {
    for (const OptionSpec* option : table.all()) {
      if (option->group != Group::legacy) offer("--" + std::string(option->name));
    }
  }

  void offer_words(const Syntax& syntax, const OptionTable& table, const Subcommand* subcommand,
                   size_t first_word) {
    if (!subcommand) {
      for (const Subcommand& each : syntax.grammar.subcommands) offer(std::string(each.name));
    }
    const bool has_verb = std::any_of(line_.words.begin() + static_cast<std::ptrdiff_t>(first_word),
                                      line_.words.end(), [&](std::string_view word) {
                                        const OptionSpec* option = table.find(
                                            word.substr(std::min(word.find_first_not_of('-'), word.size())));
                                        return option && option->action;
                                      });
    for (const OptionSpec* option : table.all()) {
      if (option->action && !has_verb) offer(std::string(option->name));
      if (option->positional && (has_verb || !table.has_action())) offer_values(*option, "");
    }
  }

  const Line& line_;
  Commands commands_;
  std::set<std::string> found_;
};

}  // namespace

Line split_line(std::string_view text) {
  Line line;
  char quote = 0;
  bool in_word = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == ' ' || c == '\t')) {
      if (in_word) line.words.push_back(std::exchange(line.begun, {}));
      in_word = false;
      continue;
    }
    in_word = true;
    if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == quote)
      quote = 0;
    else if (c == '\\' && quote != '\'' && i + 1 < text.size())
      line.begun.push_back(text[++i]);
    else
      line.begun.push_back(c);
  }
  return line;
}

std::vector<std::string> candidates(const Line& line, Commands commands) {
  return Finder(line, commands).find();
}

std::string after_word_break(const std::string& candidate, std::string_view begun,
                             std::string_view word_breaks) {
  size_t start = 0;
  for (const char c : {'=', ':'}) {
    const size_t at = begun.rfind(c);
    if (word_breaks.contains(c) && at != std::string_view::npos) start = std::max(start, at + 1);
  }
  return candidate.substr(start);
}

}  // namespace kt::cli::completion
