#include "libcli/commands/argv/match.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace kt::cli {
namespace {

using Policy = CLI::MultiOptionPolicy;

Policy policy_of(Family family, const OptionSpec& spec) {
  if (spec.many != Many::no || spec.value == Value::none) return Policy::TakeAll;
  return family == Family::jopt ? Policy::Throw : Policy::TakeLast;
}

/// One value an occurrence, taken as it stands: CLI11 would otherwise look for more and read "[a,b]" as a
/// list.
void declare(CLI::App& app, Policy policy, const OptionSpec& spec, std::string_view name) {
  const std::string dashed = "--" + std::string(name);
  CLI::Option* option = spec.value == Value::none ? app.add_flag(dashed) : app.add_option(dashed);
  if (spec.value != Value::none) option->expected(spec.value_optional ? 0 : 1, 1)->allow_extra_args(false);
  option->multi_option_policy(policy);
}

/// The names that count apart: an option's own, and what Kafka 4.2 calls it, since the tools themselves say
/// that the two do not go together.
std::vector<std::string_view> counted_names(const OptionSpec& spec) {
  std::vector<std::string_view> names = {spec.name};
  for (const Alias& alias : spec.aliases) {
    if (alias.kind == Alias::Kind::renamed) names.push_back(alias.name);
  }
  return names;
}

std::string_view counted_name(const Occurrence& o) {
  for (const std::string_view name : counted_names(*o.option)) {
    if (name == o.spelling) return name;
  }
  return o.option->name;
}

/// Last word first, as CLI11 consumes them. An empty value stands alone, for "--name=" means no value to
/// CLI11.
std::vector<std::string> canonical_words(const Normalised& line) {
  std::vector<std::string> words;
  for (const Occurrence& o : line.options) {
    std::string word = "--" + std::string(counted_name(o));
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
  std::vector<std::string_view> once;
  for (const OptionSpec* spec : table.all()) {
    const Policy policy = policy_of(family, *spec);
    for (const std::string_view name : counted_names(*spec)) {
      declare(app, policy, *spec, name);
      if (policy == Policy::Throw) once.push_back(name);
    }
  }
  try {
    app.parse(canonical_words(line));
  } catch (const CLI::ArgumentMismatch&) {
    for (const std::string_view name : once) {
      if (app.get_option("--" + std::string(name))->count() < 2) continue;
      return std::unexpected(UsageError{
          "Found multiple arguments for option " + std::string(name) + ", but you asked for only one",
          Show::message});
    }
    throw;
  }
  return Given(table, line);
}

}  // namespace kt::cli
