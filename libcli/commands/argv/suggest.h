#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kt::cli {

inline constexpr size_t suggestions_max = 3;

/// The least number of characters to insert, delete, replace or swap with their neighbour to make `a` from
/// `b`.
size_t edit_distance(std::string_view a, std::string_view b);

/// What the user may have meant by `typed`: candidates equal but for case, then those that start with it,
/// then those at most 2 edits and a third of its length away, nearest first; at most three.
std::vector<std::string> suggestions(std::string_view typed, const std::vector<std::string_view>& candidates);

}  // namespace kt::cli
