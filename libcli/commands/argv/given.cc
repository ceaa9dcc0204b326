#include "libcli/commands/argv/given.h"

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libcli/commands/argv/java_number.h"

namespace kt::cli {
namespace {

/// Empty parts are dropped, as Java's StringTokenizer does; a text of nothing but commas stays as it is.
std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    if (end > start) parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  if (parts.empty()) parts.emplace_back(text);
  return parts;
}

}  // namespace

Given::Given(OptionTable table, const Normalised& normalised)
    : table_(std::move(table)),
      occurrences_(normalised.options),
      words_(normalised.words),
      subcommand_(normalised.subcommand ? normalised.subcommand->name : std::string_view()) {
  for (const Occurrence& occurrence : normalised.options) add(occurrence);
}

void Given::add(const Occurrence& occurrence) {
  const auto [at, is_new] = entries_.try_emplace(occurrence.option);
  if (is_new) in_order_.push_back(occurrence.option);
  at->second.spellings.push_back(occurrence.spelling);
  if (!occurrence.value) return;
  std::vector<std::string>& values = at->second.values;
  if (occurrence.option->many != Many::commas) {
    values.push_back(*occurrence.value);
    return;
  }
  for (std::string& part : split_at_commas(*occurrence.value)) values.push_back(std::move(part));
}

const OptionSpec& Given::spec(std::string_view option) const {
  const OptionSpec* found = table_.find(option);
  KT_ASSERT(found != nullptr);
  return *found;
}

const Given::Entry* Given::entry(std::string_view option) const {
  const auto found = entries_.find(&spec(option));
  return found == entries_.end() ? nullptr : &found->second;
}

bool Given::has(std::string_view option) const { return entry(option) != nullptr; }

std::optional<std::string> Given::text(std::string_view option) const {
  if (const Entry* given = entry(option); given && !given->values.empty()) return given->values.back();
  const std::string_view fallback = spec(option).default_value;
  if (fallback.empty()) return std::nullopt;
  return std::string(fallback);
}

std::optional<int32_t> Given::integer(std::string_view option) const {
  KT_ASSERT(spec(option).value == Value::integer);
  const std::optional<std::string> value = text(option);
  return value ? java_integer(*value) : std::nullopt;
}

std::optional<int64_t> Given::long_integer(std::string_view option) const {
  KT_ASSERT(spec(option).value == Value::long_integer);
  const std::optional<std::string> value = text(option);
  return value ? java_long(*value) : std::nullopt;
}

std::optional<double> Given::number(std::string_view option) const {
  KT_ASSERT(spec(option).value == Value::number);
  const std::optional<std::string> value = text(option);
  return value ? java_double(*value) : std::nullopt;
}

const std::vector<std::string>& Given::all(std::string_view option) const {
  static const std::vector<std::string> nothing;
  const Entry* given = entry(option);
  return given ? given->values : nothing;
}

std::string_view Given::spelling(std::string_view option) const {
  const Entry* given = entry(option);
  return given ? std::string_view(given->spellings.front()) : std::string_view();
}

bool Given::has_spelling(std::string_view option, std::string_view name) const {
  const Entry* given = entry(option);
  return given && std::ranges::find(given->spellings, name) != given->spellings.end();
}

}  // namespace kt::cli
