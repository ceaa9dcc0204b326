#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace kt::cli::groups {

/// Whether brokers take this regular expression as a subscription (KIP-848): RE2's syntax, with Perl's
/// classes and groups, as re2j reads it. Returns what is wrong with it, in re2j's words; none: nothing.
/// Scripts in
/// \p{...} are not looked up: any capitalised word counts as one.
std::optional<std::string> re2_problem(std::string_view pattern);

}  // namespace kt::cli::groups
