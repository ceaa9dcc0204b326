#include "libcli/commands/argv/command_line.h"

#include <algorithm>

#include "libcli/commands/argv/argparse.h"
#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/argv/jopt.h"
#include "libcli/commands/argv/match.h"

namespace kt::cli {
namespace {

using Failure = std::optional<UsageError>;

bool stands_in(const Normalised& line, std::string_view option) {
  return std::ranges::any_of(line.options,
                             [option](const Occurrence& o) { return o.option->name == option; });
}

/// The words that stand for options become them: a verb, then what the table calls positional.
class WordBinder {
 public:
  WordBinder(const OptionTable& table, Normalised& line) : table_(table), line_(line) {}

  Failure bind_verb() {
    if (!table_.has_action() || line_.words.empty()) return std::nullopt;
    if (std::ranges::any_of(line_.options, [](const Occurrence& o) { return o.option->action; }))
      return std::nullopt;
    const OptionSpec* verb = table_.find(line_.words.front());
    if (!verb || !verb->action) {
      return UsageError{"Unknown action: " + line_.words.front(), Show::usage, line_.words.front()};
    }
    line_.words.erase(line_.words.begin());
    std::optional<std::string> value;
    if (verb->value != Value::none) {
      if (line_.words.empty()) {
        return UsageError{"Option " + std::string(verb->name) + " requires an argument", Show::parser_error};
      }
      value = line_.words.front();
      line_.words.erase(line_.words.begin());
    }
    line_.options.push_back({verb, std::string(verb->name), std::move(value)});
    return std::nullopt;
  }

  void bind_positional() {
    for (const OptionSpec* option : table_.all()) {
      if (!option->positional || stands_in(line_, option->name)) continue;
      const size_t count =
          option->many == Many::no ? std::min<size_t>(line_.words.size(), 1) : line_.words.size();
      for (size_t i = 0; i < count; ++i)
        line_.options.push_back({option, std::string(option->name), line_.words[i]});
      line_.words.erase(line_.words.begin(), line_.words.begin() + static_cast<std::ptrdiff_t>(count));
    }
  }

 private:
  const OptionTable& table_;
  Normalised& line_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

/// Argparse refuses words that nothing takes; jopt leaves them lying unless `freedom` gives words a meaning.
Failure bind_words(Family family, Freedom freedom, const OptionTable& table, Normalised& line) {
  if (family == Family::jopt && !freedom.words) return std::nullopt;
  WordBinder binder(table, line);
  if (family == Family::jopt) {
    if (auto failure = binder.bind_verb()) return failure;
  }
  binder.bind_positional();
  if (line.words.empty()) return std::nullopt;
  return UsageError{"unrecognized arguments: '" + joined(line.words) + "'"};
}

UsageError not_convertible(Family family, const Occurrence& o) {
  const std::string& value = *o.value;
  if (family == Family::jopt) {
    return {"Cannot parse argument '" + value + "' of option " + o.spelling, Show::message};
  }
  return {"argument " + argparse_name(*o.option) + ": could not convert '" + value + "' to " +
          std::string(java_type_name(o.option->value)) + " (For input string: \"" + value + "\")"};
}

std::string in_braces(std::string_view choices) {
  std::string text(choices);
  std::ranges::replace(text, ' ', ',');
  return "{" + text + "}";
}

Failure check_values(Family family, const Normalised& line) {
  for (const Occurrence& o : line.options) {
    if (!o.value) continue;
    if (!converts_to(o.option->value, *o.value)) return not_convertible(family, o);
    if (family == Family::argparse && !o.option->choices.empty() &&
        !contains_word(o.option->choices, *o.value)) {
      return UsageError{"argument " + argparse_name(*o.option) + ": invalid choice: '" + *o.value +
                        "' (choose from " + in_braces(o.option->choices) + ")"};
    }
  }
  return std::nullopt;
}

Failure check_one_of(const OneOf& group, const OptionTable& table, const Normalised& line) {
  const OptionSpec* first = nullptr;
  for (const Occurrence& o : line.options) {
    if (!contains_word(group.options, o.option->name) || o.option == first) continue;
    if (first) {
      return UsageError{"argument " + argparse_name(*o.option) + ": not allowed with argument " +
                        argparse_name(*first)};
    }
    first = o.option;
  }
  if (first || !group.required) return std::nullopt;
  std::string names;
  for_each_word(group.options,
                [&](std::string_view name) { names += " " + argparse_name(*table.find(name)); });
  return UsageError{"one of the arguments" + names + " is required"};
}

bool asks_about_the_command(const Normalised& line) {
  return std::ranges::any_of(line.options, [](const Occurrence& o) { return o.option->informs; });
}

Failure check_required(Family family, const OptionTable& table, const Normalised& line) {
  std::string missing;
  for (const OptionSpec* option : table.all()) {
    if (!option->required || stands_in(line, option->name)) continue;
    if (family == Family::argparse) return UsageError{"argument " + argparse_name(*option) + " is required"};
    missing.append(missing.empty() ? "" : ", ").append(option->name);
  }
  if (missing.empty()) return std::nullopt;
  return UsageError{"Missing required option(s) [" + missing + "]", Show::parser_error};
}

/// jopt's availableIf: an option that makes sense only beside one of some others.
Failure check_available(const OptionTable& table, const Normalised& line) {
  std::string unavailable;
  for (const OptionSpec* option : table.all()) {
    if (option->available_with.empty() || !stands_in(line, option->name)) continue;
    bool available = false;
    for_each_word(option->available_with, [&](std::string_view name) { available |= stands_in(line, name); });
    if (!available) unavailable.append(unavailable.empty() ? "" : ", ").append(option->name);
  }
  if (unavailable.empty()) return std::nullopt;
  return UsageError{"Option(s) [" + unavailable + "] are unavailable given other options on the command line",
                    Show::parser_error};
}

Failure check(Family family, const Grammar& grammar, const OptionTable& table, const Normalised& line) {
  if (auto failure = check_values(family, line)) return failure;
  if (asks_about_the_command(line)) return std::nullopt;
  if (auto failure = check_required(family, table, line)) return failure;
  if (auto failure = check_available(table, line)) return failure;
  for (const OneOf& group : grammar.one_of) {
    if (auto failure = check_one_of(group, table, line)) return failure;
  }
  if (!line.subcommand) return std::nullopt;
  for (const OneOf& group : line.subcommand->one_of) {
    if (auto failure = check_one_of(group, table, line)) return failure;
  }
  return std::nullopt;
}

}  // namespace

std::expected<Given, UsageError> read_command_line(Family family, const Grammar& grammar, Freedom freedom,
                                                   std::span<const std::string> args, const Amend& amend) {
  auto line = family == Family::jopt ? normalise_jopt(grammar, freedom, args)
                                     : normalise_argparse(grammar, freedom, args);
  if (!line) return std::unexpected(line.error());
  const OptionSpecs own = line->subcommand ? line->subcommand->options : OptionSpecs();
  const OptionTable table({own, grammar.options, grammar.common});
  Failure failure = bind_words(family, freedom, table, *line);
  if (!failure) {
    if (amend) amend(table, *line);
    failure = check(family, grammar, table, *line);
  }
  if (failure) {
    if (line->subcommand) failure->subcommand = line->subcommand->name;
    return std::unexpected(*failure);
  }
  return match(family, table, *line);
}

}  // namespace kt::cli
