#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libbroker/base/result.h"

namespace kt::lab {

/// A number to compare with: "3", "=3", "!=3", ">=2", "<50".
struct Bound {
  enum class Op : uint8_t { equal, unequal, less, at_most, more, at_least } op = Op::equal;
  int64_t value = 0;
  bool holds(int64_t of) const;
};
/// None for what is no number to compare with.
std::optional<Bound> parse_bound(std::string_view text);

/// What was seen at one look.
struct Sight {
  bool holds = false;
  std::string actual;
};

/// How long one waits for a thing to be so, and how long it must stay so.
struct Patience {
  std::optional<int64_t> within_ms;  // none: it is so at the first look
  std::optional<int64_t> for_ms;     // none: once is enough
  bool never = false;                // the opposite is expected
};

/// Decides after each look at something whether the answer is known. A look that failed (an error: a leader
/// has just moved) is no answer while there is time to look again.
class Vigil {
 public:
  static constexpr int64_t blind_ms_max = 5'000;  // when the first look that tells something decides
  enum class Verdict : uint8_t { look_again, holds, fails, undecided, timed_out };
  Vigil(const Patience& patience, int64_t now_ms) : patience_(patience), begun_ms_(now_ms) {}
  Verdict step(const Result<Sight>& sight, int64_t now_ms);

 private:
  const Patience patience_;
  const int64_t begun_ms_;
  std::optional<int64_t> held_since_ms_;  // once what is waited for has come
};

/// Whether the lines of two texts have the same words, however far apart they stand; `*` in `expected` is any
/// word. Returns the first line that differs, from 1; none when they are the same.
std::optional<size_t> first_difference(std::string_view expected, std::string_view actual);

}  // namespace kt::lab
