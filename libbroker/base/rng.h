#pragma once
#include <cstdint>

namespace kt {

/// A source of chance, passed in so that a seed replays it.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual uint64_t next() = 0;
  /// Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound) { return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64); }
};

/// splitmix64: small, fast, the same on every machine.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(uint64_t seed) : state_(seed) {}
  uint64_t next() override {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

/// 64 bits from the kernel's random pool, to seed a SeededRng with.
uint64_t system_seed();

}  // namespace kt
