#include "libcli/commands/framework/common_options.h"

namespace kt::cli {
namespace {

constexpr OptionSpec era{.name = "era",
                         .value = Value::text,
                         .value_name = "era",
                         .choices = "modern 0.10",
                         .group = Group::legacy,
                         .complete = Complete::choice,
                         .help = "Whose texts and layouts to print"};

constexpr OptionSpec output{.name = "output",
                            .letter = 'o',
                            .value = Value::text,
                            .value_name = "format",
                            .group = Group::output,
                            .complete = Complete::choice,
                            .help = "How to print the result"};

constexpr OptionSpec client_property{.name = "client-property",
                                     .letter = 'X',
                                     .value = Value::text,
                                     .value_name = "key=value",
                                     .many = Many::occurrences,
                                     .group = Group::connection,
                                     .help = "A client setting, over those of files"};

constexpr OptionSpec kt_options[] = {
    {.name = "color",
     .aliases = {native_name("colour")},
     .value = Value::text,
     .value_name = "when",
     .choices = "auto always never",
     .group = Group::output,
     .complete = Complete::choice,
     .help = "When to use colour"},
    {.name = "quiet", .letter = 'q', .group = Group::output, .help = "No hints"},
    {.name = "help",
     .letter = 'h',
     .informs = true,
     .group = Group::output,
     .help = "Show how to use the command"},
    {.name = "help-all", .informs = true, .group = Group::output, .help = "Show all options, old ones too"},
    {.name = "version", .informs = true, .group = Group::output, .help = "Show the version"},
};

constexpr OptionSpec jopt_options[] = {
    {.name = "help", .informs = true, .help = "Print usage information"},
    {.name = "version", .informs = true, .help = "Print the version of Kafka that is followed"},
};

constexpr OptionSpec argparse_help{
    .name = "help", .letter = 'h', .informs = true, .help = "Show this help message and exit"};

constexpr Variable all_variables[] = {
    {"KT_BOOTSTRAP_SERVERS",
     "Where commands find the cluster when no option says (KT_BOOTSTRAP_SERVER and KT_BROKERS too)"},
    {"KT_OUTPUT", "The format of results, as --output"},
    {"KT_COLOR", "When to use colour, as --color"},
    {"KT_ERA", "Whose texts and layouts to print, as --era"},
    {"KT_NO_HINTS", "Any text: no hints, as --quiet"},
    {"NO_COLOR", "Any text: no colour"},
    {"CLICOLOR_FORCE", "Any text but 0: colour also where the output is no terminal"},
};

}  // namespace

std::vector<OptionSpec> common_options(Mode mode, const Syntax& syntax) {
  std::vector<OptionSpec> options;
  if (mode == Mode::kt) {
    if (syntax.outputs.contains(' ')) {
      options.push_back(output);
      options.back().choices = syntax.outputs;
    }
    options.insert(options.end(), std::begin(kt_options), std::end(kt_options));
    if (OptionTable({syntax.grammar.options}).find("bootstrap-server")) options.push_back(client_property);
  } else if (syntax.family == Family::jopt) {
    options.assign(std::begin(jopt_options), std::end(jopt_options));
  } else {
    options.push_back(argparse_help);
  }
  options.push_back(era);
  return options;
}

std::span<const Variable> variables() { return all_variables; }

}  // namespace kt::cli
