#include "libcli/commands/argv/jopt.h"

#include <algorithm>

#include "libcli/commands/argv/java_number.h"

namespace kt::cli {
namespace {

using Failure = std::optional<UsageError>;

UsageError unrecognized(std::string_view name) {
  return {std::string(name) + " is not a recognized option", Show::parser_error, std::string(name)};
}

bool looks_like_an_option(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

/// "name=value" cut at the first '='.
struct NameAndValue {
  std::string_view name;
  std::optional<std::string> value;
  explicit NameAndValue(std::string_view word) : name(word.substr(0, word.find('='))) {
    if (name.size() < word.size()) value = word.substr(name.size() + 1);
  }
};

class JoptReader {
 public:
  JoptReader(const Grammar& grammar, Freedom freedom, std::span<const std::string> args)
      : table_({grammar.options, grammar.common}), freedom_(freedom), rest_(args) {}

  std::expected<Normalised, UsageError> read() {
    while (!rest_.empty()) {
      const std::string& word = next_word();
      Failure failure;
      if (word == "--") {
        read_.words.insert(read_.words.end(), rest_.begin(), rest_.end());
        rest_ = {};
      } else if (word.starts_with("--")) {
        failure = long_option(word.substr(2));
      } else if (looks_like_an_option(word)) {
        failure = short_option(word.substr(1));
      } else {
        read_.words.push_back(word);
      }
      if (failure) return std::unexpected(*failure);
    }
    return std::move(read_);
  }

 private:
  const std::string& next_word() {
    const std::string& word = rest_.front();
    rest_ = rest_.subspan(1);
    return word;
  }

  const OptionSpec* known(std::string_view name) const {
    if (const OptionSpec* option = table_.find(name)) return option;
    if (freedom_.letters && name.size() == 1) return table_.find_letter(name[0]);
    return nullptr;
  }

  Failure long_option(const std::string& text) {
    const NameAndValue given(text);
    const OptionSpec* option = known(given.name);
    if (!option && freedom_.prefixes) {
      const auto candidates = table_.starting_with(given.name);
      if (candidates.size() == 1) option = candidates.front();
    }
    if (!option) return unrecognized(given.name);
    return take(*option, given.name, given.value);
  }

  Failure short_option(const std::string& text) {
    const NameAndValue given(text);
    if (const OptionSpec* option = known(given.name)) return take(*option, given.name, given.value);
    return cluster(text);
  }

  /// "-abc": flags a, b and c, or flag a and option b with the value "c". All letters are looked up first.
  Failure cluster(std::string_view letters) {
    for (size_t i = 0; i < letters.size(); ++i) {
      const OptionSpec* option = known(letters.substr(i, 1));
      if (!option) return unrecognized(letters.substr(i, 1));
      if (option->value != Value::none) break;
    }
    for (size_t i = 0; i < letters.size(); ++i) {
      const OptionSpec& option = *known(letters.substr(i, 1));
      if (option.value == Value::none) {
        take(option, letters.substr(i, 1), std::nullopt);
        continue;
      }
      std::optional<std::string> value;
      if (i + 1 < letters.size()) value = letters.substr(i + 1);
      return take(option, letters.substr(i, 1), std::move(value));
    }
    return std::nullopt;
  }

  /// Records the option, with the next word as its value where it needs one and has none.
  Failure take(const OptionSpec& option, std::string_view spelling, std::optional<std::string> value) {
    if (option.value == Value::none) {
      value.reset();  // --list=yes is --list
    } else if (!value && !option.value_optional) {
      if (rest_.empty())
        return UsageError{"Option " + std::string(spelling) + " requires an argument", Show::parser_error};
      value = next_word();
    } else if (!value && !rest_.empty() && is_optional_value(option, rest_.front())) {
      value = next_word();
    }
    read_.options.push_back({&option, std::string(spelling), std::move(value)});
    return std::nullopt;
  }

  static bool is_optional_value(const OptionSpec& option, std::string_view word) {
    const bool is_number = option.value != Value::text;
    return converts_to(option.value, word) && (is_number || !looks_like_an_option(word));
  }

  const OptionTable table_;
  const Freedom freedom_;
  std::span<const std::string> rest_;
  Normalised read_;
};

}  // namespace

std::expected<Normalised, UsageError> normalise_jopt(const Grammar& grammar, Freedom freedom,
                                                     std::span<const std::string> args) {
  return JoptReader(grammar, freedom, args).read();
}

}  // namespace kt::cli
