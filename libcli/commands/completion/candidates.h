#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libcli/commands/framework/command.h"

namespace kt::cli::completion {

/// A command line as far as the cursor: whole words, and the begun one, which may be empty.
struct Line {
  std::vector<std::string> words;  // the program's name first
  std::string begun;
};

/// Splits as a shell does: blanks separate, quotes and backslashes protect.
Line split_line(std::string_view text);

/// What may stand where the cursor is, sorted: commands, verbs, options, or the values of an option, each as
/// the whole word ("--output=json" when that is how it was begun). Nothing old, nothing hidden.
std::vector<std::string> candidates(const Line& line, Commands commands);

/// The part of `candidate` that bash still has to insert: bash replaces only what follows the last of its
/// `word_breaks` (usually '=' and ':' among them) in the word begun.
std::string after_word_break(const std::string& candidate, std::string_view begun,
                             std::string_view word_breaks);

}  // namespace kt::cli::completion
