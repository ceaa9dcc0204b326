#include "libcli/commands/argv/match.h"

#include <CLI/CLI.hpp>

namespace kt::cli {
namespace {

using Policy = CLI::MultiOptionPolicy;

Policy policy_of(Family family, const OptionSpec& spec) {
  if (spec.many != Many::no || spec.value == Value::none) return Policy::TakeAll;
  return family == Family::jopt ? Policy::Throw : Policy::TakeLast;
}

/// One value an occurrence, taken as it stands: CLI11 would otherwise look for more and read "[a,b]" as a list.
CLI::Option* declare(CLI::App& app, Family family, const OptionSpec& spec) {
  const std::string name = "--" + std::string(spec.name);
  CLI::Option* option = spec.value == Value::none ? app.add_flag(name) : app.add_option(name);
  if (spec.value != Value::none) option->expected(spec.value_optional ? 0 : 1, 1)->allow_extra_args(false);
  return option->multi_option_policy(policy_of(family, spec));
}

/// Last word first, as CLI11 consumes them. An empty value stands alone, for "--name=" means no value to CLI11.
std::vector<std::string> canonical_words(const Normalised& line) {
  std::vector<std::string> words;
  for (const Occurrence& o : line.options) {
    std::string word = "--" + std::string(o.option->name);
    const bool has_text = o.value && !o.value->empty();
    words.push_back(has_text ? std::move(word) + "=" + *o.value : std::move(word));
    if (o.value && !has_text) words.emplace_back();
  }
  std::ranges::reverse(words);
  return words;
}

}  // namespace

std::expected<Given, UsageError> match(Family family, const OptionTable& table, const Normalised& line) {
  CLI::App app;
  app.set_help_flag();
  for (const OptionSpec* spec : table.all()) declare(app, family, *spec);
  try {
    app.parse(canonical_words(line));
  } catch (const CLI::ArgumentMismatch&) {
    for (const OptionSpec* spec : table.all()) {
      const bool once = policy_of(family, *spec) == Policy::Throw;
      if (once && app.get_option("--" + std::string(spec->name))->count() > 1) {
        return std::unexpected(UsageError{
            "Found multiple arguments for option " + std::string(spec->name) + ", but you asked for only one",
            Show::message});
      }
    }
    throw;
  }
  return Given(table, line);
}

}  // namespace kt::cli
