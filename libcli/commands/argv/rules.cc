#include "libcli/commands/argv/rules.h"

#include <algorithm>

namespace kt::cli {
namespace {

/// jopt prints an option as the list of its names.
std::string bracketed(std::string_view option) { return "[" + std::string(option) + "]"; }

}  // namespace

Rules& Rules::require(std::initializer_list<std::string_view> options) {
  for (const std::string_view option : options) {
    that(given_.has(option), "Missing required argument \"" + bracketed(option) + "\"");
  }
  return *this;
}

Rules& Rules::forbid(std::string_view option, std::initializer_list<std::string_view> with) {
  if (!given_.has(option)) return *this;
  for (const std::string_view other : with) {
    that(!given_.has(other),
         "Option \"" + bracketed(option) + "\" can't be used with option \"" + bracketed(other) + "\"");
  }
  return *this;
}

Rules& Rules::forbid_all(std::initializer_list<std::string_view> together,
                         std::initializer_list<std::string_view> with, std::string_view suffix) {
  if (count_given(given_, together) < together.size()) return *this;
  std::string names;
  for (const std::string_view option : together)
    names.append(names.empty() ? "" : ", ").append(bracketed(option));
  for (const std::string_view other : with) {
    that(!given_.has(other), "Option combination \"[" + names + "]\" can't be used with option \"" +
                                 bracketed(other) + "\"" + std::string(suffix));
  }
  return *this;
}

Rules& Rules::one_name(std::string_view option, std::string_view first, std::string_view second) {
  const bool both = given_.has_spelling(option, first) && given_.has_spelling(option, second);
  return that(!both, "Options --" + std::string(first) + " and --" + std::string(second) +
                         " cannot be specified together.");
}

Rules& Rules::that(bool holds, std::string_view message, Show show) {
  if (!holds && !broken_) broken_ = UsageError{std::string(message), show};
  return *this;
}

size_t count_given(const Given& given, std::initializer_list<std::string_view> options) {
  return static_cast<size_t>(
      std::ranges::count_if(options, [&given](auto option) { return given.has(option); }));
}

}  // namespace kt::cli
