#pragma once
#include <cstdint>
#include <string_view>

#include "libbroker/base/rng.h"

namespace kt {

/// Points where, in a simulation, code takes an unlikely but legal turn: rolls a segment early, splits a
/// batch, answers late (FoundationDB's BUGGIFY). In life none ever does. Outlived by its `Rng`.
class Buggify {
 public:
  Buggify() = default;
  explicit Buggify(Rng& rng) : rng_(&rng), seed_(rng.next()) {}

  /// Each point is armed for a whole run with one chance in four; an armed one fires one time in four.
  bool at(std::string_view point) { return rng_ != nullptr && is_armed(point) && rng_->below(4) == 0; }
  bool is_armed(std::string_view point) const {
    uint64_t hash = seed_;
    for (const char c : point) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001B3;
    return SeededRng(hash).below(4) == 0;
  }

 private:
  Rng* rng_ = nullptr;
  uint64_t seed_ = 0;
};

}  // namespace kt
