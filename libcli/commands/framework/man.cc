#include "libcli/commands/framework/man.h"

#include <algorithm>
#include <ostream>
#include <string>

#include "libcli/commands/framework/common_options.h"
#include "libcli/commands/framework/help.h"
#include "libcli/commands/framework/version.h"
#include "libcli/term/text.h"

namespace kt::cli {
namespace {

/// Text as groff shows it: no dash becomes a hyphen, no leading dot or quote a request.
std::string escaped(std::string_view text) {
  std::string result;
  if (text.starts_with('.') || text.starts_with('\'')) result += "\\&";
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result.push_back(c);
  }
  return result;
}

void print_options(std::ostream& out, OptionSpecs options) {
  for (const OptionSpec& option : options) {
    out << ".TP\n.B " << escaped(help_entry(option)) << '\n' << escaped(option.help);
    if (!option.default_value.empty()) out << " (default: " << escaped(option.default_value) << ')';
    out << ".\n";
  }
}

void print_groups(std::ostream& out, const Syntax& syntax) {
  for (const OptionGroup& group : grouped_options(syntax, syntax.grammar.options, true)) {
    out << ".SS " << escaped(group.heading) << '\n';
    print_options(out, group.options);
  }
}

void print_verbs(std::ostream& out, const Syntax& syntax) {
  for (const OptionSpec& option : syntax.grammar.options) {
    if (option.action) out << ".TP\n.B " << escaped(option.name) << '\n' << escaped(option.help) << ".\n";
  }
  for (const Subcommand& subcommand : syntax.grammar.subcommands) {
    out << ".SS " << escaped(subcommand.name) << '\n' << escaped(subcommand.help) << ".\n";
    print_options(out, subcommand.options);
  }
}

bool has_verbs(const Syntax& syntax) {
  return !syntax.grammar.subcommands.empty() ||
         std::ranges::any_of(syntax.grammar.options, &OptionSpec::action);
}

void print_title(std::ostream& out, const std::string& page, std::string_view summary) {
  out << ".TH " << term::capitals(page) << " 1 \"\" \"kt " << kt_version << "\" \"kt manual\"\n";
  out << ".SH NAME\n" << escaped(page) << " \\- " << escaped(summary) << '\n';
}

constexpr std::string_view exit_status = R"(.SH "EXIT STATUS"
.TP
.B 0
Done.
.TP
.B 1
It failed, or some of it failed, or the answer is no. Under a Kafka script's name every failure is 1.
.TP
.B 2
The command line is wrong; nothing was tried.
.TP
.B 3
The cluster could not be reached, or the question not be decided.
.TP
.B 4
Something named does not exist.
.TP
.B 5
Denied.
.TP
.B 124
Time ran out.
.TP
.B 130, 143
Ended by SIGINT, by SIGTERM.
)";

}  // namespace

void print_man(std::ostream& out, const Syntax& syntax) {
  print_title(out, "kt-" + std::string(syntax.name), syntax.summary);
  out << ".SH SYNOPSIS\n.B " << escaped(synopsis(syntax)) << '\n';
  if (!syntax.script.empty()) out << ".br\n.B " << escaped(syntax.script) << ".sh\n[options]\n";
  if (!syntax.purpose.empty()) out << ".SH DESCRIPTION\n" << escaped(syntax.purpose) << '\n';
  if (has_verbs(syntax)) out << ".SH ACTIONS\n";
  print_verbs(out, syntax);
  out << ".SH OPTIONS\n";
  print_groups(out, syntax);
  if (!syntax.examples.empty()) out << ".SH EXAMPLES\n";
  for (const Example& example : syntax.examples) {
    out << ".TP\n" << escaped(example.says) << ":\n.B " << escaped(example.line) << '\n';
  }
  out << exit_status;
}

void print_man(std::ostream& out, Commands commands) {
  print_title(out, "kt", "Kafka in one program");
  out << ".SH SYNOPSIS\n.B kt COMMAND [options]\n.SH DESCRIPTION\n"
         "A broker that speaks Kafka's protocol and stores Kafka's log format, and Kafka's shell tools. "
         "Called as\n"
         ".BR kafka\\-topics.sh ,\n"
         "or by another name of theirs, it is that script.\n"
         ".SH COMMANDS\nEach has its own page.\n";
  for (const Command* command : commands) {
    if (command->syntax.hidden) continue;
    out << ".TP\n.BR kt\\-" << escaped(command->syntax.name) << " (1)\n"
        << escaped(command->syntax.summary) << ".\n";
  }
  out << ".SH ENVIRONMENT\n";
  for (const Variable& variable : variables())
    out << ".TP\n.B " << escaped(variable.name) << '\n' << escaped(variable.help) << ".\n";
  out << exit_status;
}

}  // namespace kt::cli
