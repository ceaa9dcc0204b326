#include "libcli/commands/argv/suggest.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace kt::cli {
namespace {

constexpr size_t edits_max = 2;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

/// Lower is better; none when `candidate` is too far from `typed`.
std::optional<size_t> rank(const std::string& typed, const std::string& candidate) {
  if (candidate == typed) return 0;
  if (typed.size() > 1 && candidate.starts_with(typed)) return 1;
  const size_t distance = edit_distance(typed, candidate);
  if (distance > edits_max || distance * 3 > std::max(typed.size(), candidate.size())) return std::nullopt;
  return 1 + distance;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::vector<std::string> suggestions(std::string_view typed,
                                     const std::vector<std::string_view>& candidates) {
  std::vector<std::pair<size_t, std::string>> ranked;
  const std::string wanted = lowered(typed);
  for (const std::string_view candidate : candidates) {
    if (const std::optional<size_t> r = rank(wanted, lowered(candidate))) ranked.emplace_back(*r, candidate);
  }
  std::ranges::sort(ranked);
  ranked.erase(std::ranges::unique(ranked).begin(), ranked.end());
  std::vector<std::string> found;
  for (auto& [r, candidate] : ranked) {
    if (found.size() < suggestions_max) found.push_back(std::move(candidate));
  }
  return found;
}

}  // namespace kt::cli
