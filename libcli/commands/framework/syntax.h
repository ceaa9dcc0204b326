#pragma once
#include <span>
#include <string_view>

#include "libcli/commands/argv/command_line.h"

namespace kt::cli {

/// A command line worth showing. Every one of them is run by the tests of examples.
struct Example {
  std::string_view line;  // "kt topics create orders --partitions 3"
  std::string_view says;  // a clause without a full stop
};

/// What a command accepts and how it is described: a constant in the command's folder, from which its parser,
/// Kafka's usage text, --help, its man page and its completion are made.
struct Syntax {
  std::string_view name;          // "topics"
  std::string_view script = {};   // "kafka-topics"; empty: only kt has it
  std::string_view also = {};     // scripts of other times with the same meaning, blank-separated
  std::string_view program = {};  // argparse tools: the name in their messages
  Family family = Family::jopt;
  std::string_view summary;       // a clause without a full stop
  std::string_view purpose = {};  // the sentence before Kafka's usage table
  Grammar grammar = {};           // without the options of every command
  std::span<const Example> examples = {};
  std::string_view outputs = "table";    // the first of them is the default
  Show parser_errors = Show::message;    // how the tool tells that words could not be parsed
  std::string_view message_prefix = {};  // in front of messages without usage
  bool argument_files = false;           // "@file" stands for the words in the file, one a line
  bool runs_bare = false;                // `kt NAME` alone does something, instead of showing the usage
  bool script_runs_bare = false;         // and so does the script
  bool hidden = false;                   // not for people
};

/// Whether `word` names the command: "topics", "kafka-topics", "kafka-topics.sh", "kafka-topics.bat".
bool is_called(const Syntax& syntax, std::string_view word);
/// Whether `word` is the name of the Kafka script, past or present, that the command stands for.
bool is_script_name(const Syntax& syntax, std::string_view word);
/// `word` without ".sh" or ".bat".
std::string_view without_suffix(std::string_view word);

}  // namespace kt::cli
