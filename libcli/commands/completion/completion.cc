#include "libcli/commands/completion/completion.h"

#include <ostream>

#include "libcli/commands/argv/java_number.h"

namespace kt::cli::completion {
namespace {

constexpr std::string_view bash_script =
    R"(_kt() { local IFS=$'\n'; COMPREPLY=($(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" COMP_WORDBREAKS="$COMP_WORDBREAKS" kt __complete bash 2>/dev/null)); }
complete -o default -F _kt kt
)";

constexpr OptionSpec specs[] = {
    {.name = "shell",
     .value = Value::text,
     .value_name = "shell",
     .required = true,
     .positional = true,
     .choices = "bash",
     .complete = Complete::choice,
     .help = "The shell to complete in"},
};
constexpr Example examples[] = {
    {"kt completion bash", "Print the script that teaches bash"},
    {"source <(kt completion bash)", "Teach the shell that is running"},
};
constexpr Syntax syntax{.name = "completion",
                        .family = Family::argparse,
                        .summary = "Let the shell complete commands and options",
                        .grammar = {.options = specs},
                        .examples = examples};
constexpr Syntax answering_syntax{.name = "__complete",
                                  .family = Family::argparse,
                                  .summary = "Answer the shell's completion script",
                                  .grammar = {.options = specs},
                                  .hidden = true};

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};
constinit const Command answering_command{answering_syntax, parse_and_run<parse_question, answer>};

std::expected<Options, UsageError> parse(const Call& call) { return Options{*call.given.text("shell")}; }

Exit run(const Options&, Environment&, Streams& streams) {
  streams.out << bash_script;
  return Exit::done;
}

std::expected<Question, UsageError> parse_question(const Call& call) {
  const auto& variable = call.environment.variable;
  std::string text = variable("COMP_LINE").value_or("");
  const auto point = java_integer(variable("COMP_POINT").value_or(""));
  if (point && *point >= 0) text.resize(std::min(text.size(), static_cast<size_t>(*point)));
  return Question{call.commands, split_line(text), variable("COMP_WORDBREAKS").value_or("")};
}

Exit answer(const Question& question, Environment&, Streams& streams) {
  for (const std::string& candidate : candidates(question.line, question.commands)) {
    streams.out << after_word_break(candidate, question.line.begun, question.word_breaks) << '\n';
  }
  return Exit::done;
}

}  // namespace kt::cli::completion
