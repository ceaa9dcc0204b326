#include "libcli/lab/expectation.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace kt::lab {
namespace {

using Words = std::vector<std::string_view>;

/// The words of each line.
std::vector<Words> lines_of(std::string_view text) {
  std::vector<Words> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    Words words;
    for (size_t at; (at = line.find_first_not_of(" \t\r")) != line.npos;) {
      line.remove_prefix(at);
      const size_t length = std::min(line.find_first_of(" \t\r"), line.size());
      words.push_back(line.substr(0, length));
      line.remove_prefix(length);
    }
    lines.push_back(std::move(words));
  }
  return lines;
}

bool is_same(const Words& expected, const Words& actual) {
  return std::ranges::equal(expected, actual,
                            [](std::string_view e, std::string_view a) { return e == "*" || e == a; });
}

}  // namespace

bool Bound::holds(int64_t of) const {
  switch (op) {
    case Op::equal:
      return of == value;
    case Op::unequal:
      return of != value;
    case Op::less:
      return of < value;
    case Op::at_most:
      return of <= value;
    case Op::more:
      return of > value;
    case Op::at_least:
      return of >= value;
  }
  return false;
}

std::optional<Bound> parse_bound(std::string_view text) {
  constexpr std::pair<std::string_view, Bound::Op> signs[] = {
      {"!=", Bound::Op::unequal}, {"<=", Bound::Op::at_most}, {">=", Bound::Op::at_least},
      {"==", Bound::Op::equal},   {"<", Bound::Op::less},     {">", Bound::Op::more},
      {"=", Bound::Op::equal}};
  Bound bound;
  for (const auto& [sign, op] : signs) {
    if (!text.starts_with(sign)) continue;
    text.remove_prefix(sign.size());
    bound.op = op;
    break;
  }
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bound.value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return bound;
}

Vigil::Verdict Vigil::step(const Result<Sight>& sight, int64_t now_ms) {
  const bool is_as_expected = sight && sight->holds != patience_.never;
  if (is_as_expected) {
    if (!held_since_ms_) held_since_ms_ = now_ms;
    return now_ms - *held_since_ms_ >= patience_.for_ms.value_or(0) ? Verdict::holds : Verdict::look_again;
  }
  if (held_since_ms_) return sight ? Verdict::fails : Verdict::undecided;
  const int64_t ms_max = patience_.within_ms.value_or(sight ? 0 : blind_ms_max);
  const bool is_over = now_ms - begun_ms_ >= ms_max;
  if (!is_over) return Verdict::look_again;
  if (!sight) return Verdict::undecided;
  return patience_.within_ms ? Verdict::timed_out : Verdict::fails;
}

std::optional<size_t> first_difference(std::string_view expected, std::string_view actual) {
  const auto wanted = lines_of(expected), there = lines_of(actual);
  for (size_t i = 0; i < std::max(wanted.size(), there.size()); ++i) {
    if (i >= wanted.size() || i >= there.size() || !is_same(wanted[i], there[i])) return i + 1;
  }
  return std::nullopt;
}

}  // namespace kt::lab
