#include "libcli/commands/argv/option_table.h"

#include <algorithm>

namespace kt::cli {
namespace {

bool is_called(const OptionSpec& option, std::string_view name) {
  return option.name == name || std::ranges::any_of(option.aliases, [name](const Alias& alias) {
           return alias.kind != Alias::Kind::none && alias.name == name;
         });
}

bool has_name_starting_with(const OptionSpec& option, std::string_view prefix) {
  return option.name.starts_with(prefix) || std::ranges::any_of(option.aliases, [prefix](const Alias& alias) {
           return alias.kind != Alias::Kind::none && alias.name.starts_with(prefix);
         });
}

}  // namespace

OptionTable::OptionTable(std::initializer_list<OptionSpecs> lists) {
  for (const OptionSpecs list : lists) {
    for (const OptionSpec& option : list) {
      if (!find(option.name)) options_.push_back(&option);
    }
  }
}

const OptionSpec* OptionTable::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(options_, [name](const OptionSpec* o) { return is_called(*o, name); });
  return found == options_.end() ? nullptr : *found;
}

const OptionSpec* OptionTable::find_letter(char letter) const {
  if (letter == 0) return nullptr;
  const auto found = std::ranges::find(options_, letter, &OptionSpec::letter);
  return found == options_.end() ? nullptr : *found;
}

std::vector<const OptionSpec*> OptionTable::starting_with(std::string_view prefix) const {
  if (const OptionSpec* exact = find(prefix)) return {exact};
  std::vector<const OptionSpec*> found;
  std::ranges::copy_if(options_, std::back_inserter(found),
                       [prefix](const OptionSpec* o) { return has_name_starting_with(*o, prefix); });
  return found;
}

bool OptionTable::has_action() const { return std::ranges::any_of(options_, &OptionSpec::action); }

bool contains_word(std::string_view words, std::string_view name) {
  bool found = false;
  for_each_word(words, [&](std::string_view word) { found |= word == name; });
  return found;
}

}  // namespace kt::cli
