#pragma once
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

}  // namespace kt::sim
