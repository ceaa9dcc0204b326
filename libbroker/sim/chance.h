#pragma once
#include <bit>
#include <compare>
#include <cstdint>

#include "libbroker/base/rng.h"

namespace kt::sim {

/// How often something goes wrong, in parts per million, so that a configuration prints and replays exactly.
struct Chance {
  uint32_t per_million = 0;
  /// Draws from `rng` even when the answer is certain: switching a fault off leaves the other draws where
  /// they were.
  bool roll(Rng& rng) const { return rng.below(1'000'000) < per_million; }
  auto operator<=>(const Chance&) const = default;
};

inline constexpr Chance never{0}, always{1'000'000};

/// Uniform in [least, most].
inline int64_t between(Rng& rng, int64_t least, int64_t most) {
  return least + static_cast<int64_t>(rng.below(static_cast<uint64_t>(most - least) + 1));
}

/// Exponentially distributed around `mean`, at most 44 times it. In integers (-ln u, linear between powers of
/// two), so that every machine draws the same.
inline int64_t exponential(Rng& rng, int64_t mean) {
  const uint64_t u = rng.next() | 1;
  const int halvings = std::countl_zero(u);
  const uint64_t fraction = (u << halvings << 1) >> 44;  // the 20 bits after the leading one
  const uint64_t log2 =
      (uint64_t(halvings) << 20) + ((1 << 20) - fraction);  // -log2(u), 20 bits after the point
  return static_cast<int64_t>(
      (static_cast<unsigned __int128>(log2) * 726'817 * static_cast<uint64_t>(mean)) >> 40);
}

}  // namespace kt::sim
