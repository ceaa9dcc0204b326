#include "libcli/commands/argv/argparse.h"

#include <algorithm>

namespace kt::cli {
namespace {

using Failure = std::optional<UsageError>;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "-5" or "-.5": a value although it starts with a dash.
bool is_negative_number(std::string_view word) {
  const std::string_view number = word.substr(1);
  const size_t point = number.find('.');
  if (point == std::string_view::npos) return is_digits(number);
  return is_digits(number.substr(point + 1)) && (point == 0 || is_digits(number.substr(0, point)));
}

bool looks_like_an_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && !is_negative_number(word);
}

UsageError unrecognized(const std::string& word) {
  return {"unrecognized arguments: '" + word + "'", Show::usage, word.substr(word.find_first_not_of('-'))};
}

UsageError about(const OptionSpec& option, const std::string& complaint) {
  return {"argument " + argparse_name(option) + ": " + complaint, Show::usage};
}

template <class T, class Projection>
std::string join(const std::vector<T>& items, std::string_view separator, Projection text) {
  std::string joined;
  for (const T& item : items) joined.append(joined.empty() ? "" : separator).append(text(item));
  return joined;
}

class ArgparseReader {
 public:
  ArgparseReader(const Grammar& grammar, Freedom freedom, std::span<const std::string> args)
      : grammar_(grammar), freedom_(freedom), rest_(args), table_({grammar.options, grammar.common}) {}

  std::expected<Normalised, UsageError> read() {
    while (!rest_.empty()) {
      const std::string& word = next_word();
      Failure failure;
      if (only_words_ || !looks_like_an_option(word))
        failure = plain(word);
      else if (word == "--")
        only_words_ = true;
      else if (word.starts_with("--"))
        failure = long_option(word);
      else
        failure = short_options(word);
      if (!failure) continue;
      if (read_.subcommand) failure->subcommand = read_.subcommand->name;
      return std::unexpected(*failure);
    }
    const bool lacks_subcommand = !grammar_.subcommands.empty() && !read_.subcommand;
    if (lacks_subcommand && !informs_) return std::unexpected(UsageError{"too few arguments"});
    return std::move(read_);
  }

 private:
  const std::string& next_word() {
    const std::string& word = rest_.front();
    rest_ = rest_.subspan(1);
    return word;
  }

  Failure plain(const std::string& word) {
    if (grammar_.subcommands.empty() || read_.subcommand) {
      read_.words.push_back(word);
      return std::nullopt;
    }
    return choose_subcommand(word);
  }

  Failure choose_subcommand(const std::string& word) {
    std::vector<const Subcommand*> candidates;
    for (const Subcommand& subcommand : grammar_.subcommands) {
      if (subcommand.name == word) candidates = {&subcommand};
      if (subcommand.name == word) break;
      if (freedom_.prefixes && subcommand.name.starts_with(word)) candidates.push_back(&subcommand);
    }
    if (candidates.empty()) return no_such_subcommand(word);
    if (candidates.size() > 1) {
      return UsageError{"ambiguous command: " + word + " could match " +
                        join(candidates, ", ", [](const Subcommand* s) { return std::string(s->name); })};
    }
    read_.subcommand = candidates.front();
    table_ = OptionTable({read_.subcommand->options, grammar_.options, grammar_.common});
    return std::nullopt;
  }

  UsageError no_such_subcommand(const std::string& word) const {
    const std::vector<Subcommand> all(grammar_.subcommands.begin(), grammar_.subcommands.end());
    const auto quoted = [](const Subcommand& s) { return "'" + std::string(s.name) + "'"; };
    return {"invalid choice: '" + word + "' (choose from " + join(all, ", ", quoted) + ")", Show::usage,
            word};
  }

  Failure long_option(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    const OptionSpec* option = table_.find(name);
    if (!option && freedom_.prefixes) {
      const auto candidates = table_.starting_with(name);
      if (candidates.size() > 1) {
        return UsageError{
            "ambiguous option: --" + name + " could match " +
            join(candidates, ", ", [](const OptionSpec* o) { return "--" + std::string(o->name); })};
      }
      if (!candidates.empty()) option = candidates.front();
    }
    if (!option) return unrecognized("--" + name);
    return take(*option, name, std::move(value));
  }

  /// "-b value", "-bvalue", "-b=value", or flags in front of such: "-fgb value".
  Failure short_options(const std::string& word) {
    for (size_t i = 1; i < word.size(); ++i) {
      const OptionSpec* option = table_.find_letter(word[i]);
      if (!option) return unrecognized(word);
      const std::string spelling(1, word[i]);
      std::string_view rest = std::string_view(word).substr(i + 1);
      if (option->value == Value::none) {
        if (const Failure failure = take(*option, spelling, std::nullopt)) return failure;
        continue;
      }
      if (rest.empty()) return take(*option, spelling, std::nullopt);
      if (rest.starts_with('=')) rest.remove_prefix(1);
      return take(*option, spelling, std::string(rest));
    }
    return std::nullopt;
  }

  Failure take(const OptionSpec& option, const std::string& spelling, std::optional<std::string> value) {
    if (option.value == Value::none) {
      if (value) return about(option, "ignore implicit argument '" + *value + "'");
      read_.options.push_back({&option, spelling, std::nullopt});
      if (option.informs) informs_ = true, rest_ = {};  // argparse acts on it at once
      return std::nullopt;
    }
    if (value) {
      read_.options.push_back({&option, spelling, std::move(value)});
      return std::nullopt;
    }
    return take_following(option, spelling);
  }

  /// The value is the next word, or with Many::words all up to the next option.
  Failure take_following(const OptionSpec& option, const std::string& spelling) {
    const bool missing = rest_.empty() || looks_like_an_option(rest_.front());
    if (missing && option.value_optional) {
      read_.options.push_back({&option, spelling, std::nullopt});
      return std::nullopt;
    }
    if (missing)
      return about(option, option.many == Many::words ? "expected 1 argument(s)" : "expected one argument");
    do {
      read_.options.push_back({&option, spelling, next_word()});
    } while (option.many == Many::words && !rest_.empty() && !looks_like_an_option(rest_.front()));
    return std::nullopt;
  }

  const Grammar& grammar_;
  const Freedom freedom_;
  std::span<const std::string> rest_;
  OptionTable table_;
  bool only_words_ = false;  // after "--"
  bool informs_ = false;
  Normalised read_;
};

}  // namespace

std::string argparse_name(const OptionSpec& option) {
  std::string name = "--" + std::string(option.name);
  if (option.letter != 0) name.append("/-").push_back(option.letter);
  return name;
}

std::expected<Normalised, UsageError> normalise_argparse(const Grammar& grammar, Freedom freedom,
                                                         std::span<const std::string> args) {
  return ArgparseReader(grammar, freedom, args).read();
}

}  // namespace kt::cli
