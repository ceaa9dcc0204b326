#include "libbroker/metadata/config_def.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/metadata/java_text.h"

namespace kt::metadata {
namespace {

std::unexpected<Error> invalid(const ConfigDef& def, std::string_view value, std::string_view why) {
  return fail(ErrorCode::invalid_config,
              fmt::format("Invalid value {} for configuration {}: {}", value, def.name, why));
}

/// Built in its place: g++ 12 takes a moved variant for uninitialised.
template <class T>
Result<ConfigValue> valued(T value) {
  Result<ConfigValue> out;
  out->emplace<T>(std::move(value));
  return out;
}

std::string_view java_name(ConfigType type) {
  switch (type) {
    case ConfigType::int32:
      return "INT";
    case ConfigType::int16:
      return "SHORT";
    case ConfigType::int64:
      return "LONG";
    default:
      return "DOUBLE";
  }
}

/// A bound as Kafka's sentences print it: whole numbers without a point.
std::string bound_text(double bound) {
  return bound == std::floor(bound) ? fmt::format("{:.0f}", bound) : java::text_of(bound);
}

Result<ConfigValue> parse_number(const ConfigDef& def, std::string_view raw) {
  const std::string_view text = java::trim(raw);
  if (def.type == ConfigType::float64) {
    if (const auto number = java::parse_double(text)) return valued(*number);
  } else if (const auto number = java::parse_long(text)) {
    const bool fits = def.type == ConfigType::int64 ||
                      (def.type == ConfigType::int32 && std::in_range<int32_t>(*number)) ||
                      (def.type == ConfigType::int16 && std::in_range<int16_t>(*number));
    if (fits) return valued(*number);
  }
  return invalid(def, raw, fmt::format("Not a number of type {}", java_name(def.type)));
}

Result<ConfigValue> parse_type(const ConfigDef& def, std::string_view raw) {
  const std::string_view text = java::trim(raw);
  switch (def.type) {
    case ConfigType::boolean:
      if (java::equal_ignoring_case(text, "true")) return valued(true);
      if (java::equal_ignoring_case(text, "false")) return valued(false);
      return invalid(def, raw, "Expected value to be either true or false");
    case ConfigType::int16:
    case ConfigType::int32:
    case ConfigType::int64:
    case ConfigType::float64:
      return parse_number(def, raw);
    case ConfigType::list:
      return valued(java::split_list(text));
    default:
      return valued(std::string(text));
  }
}

bool is_word_of(std::string_view words, std::string_view word) {
  while (true) {
    const size_t comma = words.find(", ");
    if (words.substr(0, comma) == word) return true;
    if (comma == words.npos) return false;
    words.remove_prefix(comma + 2);
  }
}

bool is_throttled_replica(std::string_view entry) {
  entry = java::trim(entry);
  const size_t colon = entry.find(':');
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return '0' <= c && c <= '9'; });
  };
  return entry.empty() ||
         (colon != entry.npos && all_digits(entry.substr(0, colon)) && all_digits(entry.substr(colon + 1)));
}

/// "[a, b]", as Java prints a list.
std::string bracketed(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? ", " : "") + item;
  return out + "]";
}

Result<void> check_range(const ConfigDef& def, const ConfigValue& value) {
  const double number = std::holds_alternative<double>(value) ? std::get<double>(value)
                                                              : static_cast<double>(std::get<int64_t>(value));
  const Valid& valid = def.valid;
  if (valid.rule == Valid::Rule::range_or) {
    if ((number >= *valid.min && number <= *valid.max) || number == valid.also) return {};
    return invalid(def, *text_of(value),
                   fmt::format("Value must be between {} and {} or equal to {}", bound_text(*valid.min),
                               bound_text(*valid.max), bound_text(valid.also)));
  }
  if (valid.min && number < *valid.min)
    return invalid(def, *text_of(value), "Value must be at least " + bound_text(*valid.min));
  if (valid.max && number > *valid.max)
    return invalid(def, *text_of(value), "Value must be no more than " + bound_text(*valid.max));
  return {};
}

Result<void> check_word(const ConfigDef& def, const std::string& word) {
  if (is_word_of(def.valid.words, word)) return {};
  return invalid(def, word, fmt::format("String must be one of: {}", def.valid.words));
}

Result<void> check_throttled_replicas(const ConfigDef& def, const std::vector<std::string>& entries) {
  const bool wildcard = entries.size() == 1 && java::trim(entries.front()) == "*";
  if (wildcard || std::ranges::all_of(entries, is_throttled_replica)) return {};
  return invalid(def, bracketed(entries),
                 fmt::format("{} must be the literal '*' or a list of replicas in the following format: "
                             "[partitionId]:[brokerId],[partitionId]:[brokerId],...",
                             def.name));
}

Result<void> check(const ConfigDef& def, const ConfigValue& value) {
  const auto* word = std::get_if<std::string>(&value);
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  switch (def.valid.rule) {
    case Valid::Rule::anything:
      return {};
    case Valid::Rule::range:
    case Valid::Rule::range_or:
      return check_range(def, value);
    case Valid::Rule::one_of:
      return check_word(def, *word);
    case Valid::Rule::each_of:
      for (const std::string& item : *list)
        if (auto checked = check_word(def, item); !checked) return checked;
      return {};
    case Valid::Rule::non_empty:
      if (word->empty()) return invalid(def, "", "String must be non-empty");
      return {};
    case Valid::Rule::throttled_replicas:
      return check_throttled_replicas(def, *list);
    case Valid::Rule::offset_reset:
      if (*word == "latest" || *word == "earliest" || word->starts_with("by_duration:P")) return {};
      return invalid(def, *word, "Invalid value for share.auto.offset.reset");
  }
  return {};
}

/// How many single-character edits lead from one word to the other (Levenshtein).
size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

}  // namespace

const ConfigDef* ConfigDefs::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(rows_, name, {}, &ConfigDef::name);
  return found != rows_.end() && found->name == name ? &*found : nullptr;
}

std::string_view ConfigDefs::nearest(std::string_view name) const {
  size_t fewest = std::max<size_t>(3, name.size() / 3);  // beyond this a suggestion is noise
  std::string_view best;
  for (const ConfigDef& def : rows_) {
    const size_t edits = edits_between(name, def.name);
    if (edits < fewest) fewest = edits, best = def.name;
  }
  return best;
}

Result<ConfigValue> parse_config(const ConfigDef& def, std::string_view text) {
  Result<ConfigValue> value = parse_type(def, text);
  if (!value) return value;
  if (const Result<void> checked = check(def, *value); !checked) return fail(checked.error());
  return value;
}

ConfigValue fallback_of(const ConfigDef& def) {
  if (!def.fallback) return {};
  Result<ConfigValue> value = parse_type(def, *def.fallback);
  KT_ASSERT(value.has_value());
  return *std::move(value);
}

std::optional<std::string> text_of(const ConfigValue& value) {
  struct Print {
    std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
    std::optional<std::string> operator()(bool b) const { return b ? "true" : "false"; }
    std::optional<std::string> operator()(int64_t i) const { return std::to_string(i); }
    std::optional<std::string> operator()(double d) const { return java::text_of(d); }
    std::optional<std::string> operator()(const std::string& s) const { return s; }
    std::optional<std::string> operator()(const std::vector<std::string>& items) const {
      std::string out;
      for (size_t i = 0; i < items.size(); ++i) out += (i > 0 ? "," : "") + items[i];
      return out;
    }
  };
  return std::visit(Print{}, value);
}

}  // namespace kt::metadata
