#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace kt::cli {

/// What an option's value is. The numbers are Java's, for Kafka's tools are what decides which text is a
/// number.
enum class Value : uint8_t { none, text, integer, long_integer, number };

/// How many values an option gathers.
enum class Many : uint8_t {
  no,
  occurrences,  // --config a=1 --config b=2
  commas,       // --files a,b --files c
  words,        // --producer-props a=1 b=2, up to the next option (argparse)
};

/// What a shell may offer for the value.
enum class Complete : uint8_t { nothing, topic, group, broker, config_key, file, directory, choice, command };

/// Where `--help` and the man page show the option. Kafka's usage table shows all but `legacy`.
enum class Group : uint8_t { common, filter, output, connection, advanced, legacy };

/// Options of other times that are accepted and change nothing.
enum class Ignored : uint8_t { no, silently, with_warning };

/// Another name of the same option.
struct Alias {
  enum class Kind : uint8_t {
    none,
    old,      // of an older Kafka: kt suggests the present name
    renamed,  // what Kafka 4.2 calls it (KIP-1147); its tools refuse both names at once
    native,   // kt's own
  };
  std::string_view name = {};
  Kind kind = Kind::none;
};
constexpr Alias old_name(std::string_view name) { return {name, Alias::Kind::old}; }
constexpr Alias renamed(std::string_view name) { return {name, Alias::Kind::renamed}; }
constexpr Alias native_name(std::string_view name) { return {name, Alias::Kind::native}; }

inline constexpr size_t aliases_max = 3;

/// One option of one command. Parsing, Kafka's usage table, --help, the man page and shell completion all
/// come from it.
struct OptionSpec {
  std::string_view name;  // without dashes
  char letter = 0;        // short form; Kafka's jopt tools have none, there only kt itself understands it
  std::array<Alias, aliases_max> aliases = {};
  Value value = Value::none;
  std::string_view value_name = {};
  bool value_optional = false;
  Many many = Many::no;
  bool required = false;
  bool action = false;      // a verb: `kt topics create` is `kt topics --create`
  bool informs = false;     // tells about the command instead of running it, whatever else is missing
  bool positional = false;  // what `kt topics create orders` means by "orders"
  std::string_view default_value = {};   // as the user would write it; empty: none
  std::string_view available_with = {};  // names of options of which one must be there, blank-separated
  std::string_view choices = {};         // blank-separated; offered by the shell, checked by argparse tools
  Ignored ignored = Ignored::no;
  Group group = Group::common;
  Complete complete = Complete::nothing;
  std::string_view help;  // a clause without a full stop
};

using OptionSpecs = std::span<const OptionSpec>;

/// Options of which at most one may be given (argparse's mutually exclusive group).
struct OneOf {
  std::string_view options;  // names, blank-separated
  bool required = false;     // then exactly one
};

/// A verb of an argparse tool, with options of its own.
struct Subcommand {
  std::string_view name;
  std::string_view help;  // a clause without a full stop
  OptionSpecs options = {};
  std::span<const OneOf> one_of = {};
};

/// All that the words of one command line may mean.
struct Grammar {
  OptionSpecs options;
  OptionSpecs common = {};  // options of every command, where they may be used; the command's own go first
  std::span<const OneOf> one_of = {};
  std::span<const Subcommand> subcommands = {};
};

}  // namespace kt::cli
