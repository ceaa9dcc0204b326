#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcli/commands/argv/normalised.h"

namespace kt::cli {

/// What a command line gave, by the options' names. Values have been checked against their types, so reading
/// cannot fail; to ask for an option that the command does not have is a mistake of ours.
class Given {
 public:
  Given(OptionTable table, const Normalised& normalised);

  /// On the command line, with or without a value.
  bool has(std::string_view option) const;
  /// As has(), but also for options that only some commands have: then false.
  bool has_common(std::string_view option) const { return table_.find(option) && has(option); }
  /// The value given, else the table's default, else none (also for an optional value left out). The last of
  /// several.
  std::optional<std::string> text(std::string_view option) const;
  std::optional<int32_t> integer(std::string_view option) const;
  std::optional<int64_t> long_integer(std::string_view option) const;
  std::optional<double> number(std::string_view option) const;
  /// Every value given, in order, those separated by commas one by one.
  const std::vector<std::string>& all(std::string_view option) const;
  /// The name under which the option was first given, which may be an alias; empty when it was not given.
  std::string_view spelling(std::string_view option) const;
  /// Whether it was given, also, under this name.
  bool has_spelling(std::string_view option, std::string_view name) const;

  /// Words that belong to no option.
  const std::vector<std::string>& words() const { return words_; }
  /// The chosen subcommand; empty for tools without.
  std::string_view subcommand() const { return subcommand_; }
  const OptionTable& table() const { return table_; }
  /// All that was given, in order.
  const std::vector<Occurrence>& occurrences() const { return occurrences_; }
  /// The options given, in the order of their first occurrence.
  const std::vector<const OptionSpec*>& in_order() const { return in_order_; }

 private:
  void add(const Occurrence& occurrence);
  struct Entry {
    std::vector<std::string> spellings;
    std::vector<std::string> values;
  };
  const OptionSpec& spec(std::string_view option) const;
  const Entry* entry(std::string_view option) const;

  OptionTable table_;
  std::map<const OptionSpec*, Entry> entries_;
  std::vector<Occurrence> occurrences_;
  std::vector<const OptionSpec*> in_order_;
  std::vector<std::string> words_;
  std::string_view subcommand_;
};

}  // namespace kt::cli
