#pragma once
#include <initializer_list>
#include <string_view>
#include <vector>

#include "libcli/commands/argv/option_spec.h"

namespace kt::cli {

/// The options that one command line may use, gathered from several lists; of two with one name the first
/// counts. Borrows the lists, which are constants of the commands.
class OptionTable {
 public:
  OptionTable(std::initializer_list<OptionSpecs> lists);

  const std::vector<const OptionSpec*>& all() const { return options_; }
  /// By name or alias; null when there is none.
  const OptionSpec* find(std::string_view name) const;
  /// By letter; null when there is none.
  const OptionSpec* find_letter(char letter) const;
  /// All whose name or alias starts with `prefix`, each once; only the exact one if there is one.
  std::vector<const OptionSpec*> starting_with(std::string_view prefix) const;
  bool has_action() const;

 private:
  std::vector<const OptionSpec*> options_;
};

/// Whether `name` is one of the blank-separated `words`.
bool contains_word(std::string_view words, std::string_view name);
/// Calls `each` with every blank-separated word.
template <class F>
void for_each_word(std::string_view words, F each) {
  while (!words.empty()) {
    const size_t size = words.find(' ');
    if (size != 0) each(words.substr(0, size));
    words = size == std::string_view::npos ? std::string_view() : words.substr(size + 1);
  }
}

}  // namespace kt::cli
