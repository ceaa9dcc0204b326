#include "libcli/commands/help/help.h"

#include <ostream>

#include "libcli/commands/framework/common_options.h"
#include "libcli/commands/framework/help.h"
#include "libcli/commands/framework/man.h"
#include "libcli/term/colour.h"
#include "libcli/term/report.h"
#include "libcli/term/text.h"

namespace kt::cli::help {
namespace {

constexpr OptionSpec specs[] = {
    {.name = "topic",
     .value = Value::text,
     .value_name = "topic",
     .many = Many::words,
     .positional = true,
     .complete = Complete::command,
     .help = "A command, man and a command, or environment"},
};
constexpr Example examples[] = {
    {"kt help topics", "How to use kt topics"},
    {"kt help environment", "The variables that kt reads"},
};
constexpr Syntax syntax{.name = "help",
                        .family = Family::argparse,
                        .summary = "Show how to use a command",
                        .grammar = {.options = specs},
                        .examples = examples};

void print_variables(std::ostream& out) {
  size_t width = 0;
  for (const Variable& variable : variables()) width = std::max(width, variable.name.size());
  for (const Variable& variable : variables())
    out << term::padded(variable.name, width) << "  " << variable.help << '\n';
}

Exit unknown(const std::string& name, Streams& streams) {
  term::print_failure(streams.err, {.message = "kt has no command " + name, .try_this = "kt help"},
                      term::Paint(false));
  return Exit::not_found;
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

std::expected<Options, UsageError> parse(const Call& call) {
  const auto& topic = call.given.all("topic");
  if (topic.size() > 2 || (topic.size() == 2 && topic[0] != "man")) {
    return std::unexpected(UsageError{"unrecognized arguments: '" + term::join(topic, " ") + "'"});
  }
  return Options{call.commands, call.setting, topic};
}

Exit run(const Options& options, Environment&, Streams& streams) {
  if (options.topic.empty()) {
    print_overview(streams.out, options.commands);
    return Exit::done;
  }
  if (options.topic[0] == "environment") {
    print_variables(streams.out);
    return Exit::done;
  }
  const std::string& name = options.topic.back();
  if (options.topic.size() == 2 && name == "kt") {
    print_man(streams.out, options.commands);
    return Exit::done;
  }
  const Command* found = find_command(options.commands, name);
  if (!found) return unknown(name, streams);
  if (options.topic.size() == 2)
    print_man(streams.out, found->syntax);
  else
    print_help(streams.out, found->syntax, true, term::Paint(options.setting.out_has_colour));
  return Exit::done;
}

}  // namespace kt::cli::help
