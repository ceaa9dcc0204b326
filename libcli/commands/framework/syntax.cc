#include "libcli/commands/framework/syntax.h"

namespace kt::cli {

std::string_view without_suffix(std::string_view word) {
  for (const std::string_view suffix : {".sh", ".bat"}) {
    if (word.ends_with(suffix)) return word.substr(0, word.size() - suffix.size());
  }
  return word;
}

bool is_script_name(const Syntax& syntax, std::string_view word) {
  word = without_suffix(word);
  return !word.empty() && (word == syntax.script || contains_word(syntax.also, word));
}

bool is_called(const Syntax& syntax, std::string_view word) {
  return without_suffix(word) == syntax.name || is_script_name(syntax, word);
}

}  // namespace kt::cli
