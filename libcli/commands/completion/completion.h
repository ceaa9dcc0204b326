#pragma once
#include <expected>
#include <string>

#include "libcli/commands/completion/candidates.h"
#include "libcli/commands/framework/command.h"

namespace kt::cli::completion {

/// `kt completion bash`: what to put into ~/.bashrc. The script never changes; it asks `kt __complete`.
struct Options {
  std::string shell;
};
extern const Command command;
std::expected<Options, UsageError> parse(const Call& call);
Exit run(const Options& options, Environment& environment, Streams& streams);

/// `kt __complete bash`: answers the script above, which hands over bash's COMP_ variables.
struct Question {
  Commands commands;
  Line line;
  std::string word_breaks;
};
extern const Command answering_command;
std::expected<Question, UsageError> parse_question(const Call& call);
Exit answer(const Question& question, Environment& environment, Streams& streams);

}  // namespace kt::cli::completion
