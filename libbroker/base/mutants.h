#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace kt {

/// Known bugs that a run may switch on, to prove that the simulator and the tests would find them. Each is
/// named after what the code then fails to do, and is consulted at one place: `if (!mutants.has(Mutant::x))
/// ...`. Whoever plants one adds it here and to `mutant_names`, in the same order.
enum class Mutant : uint8_t {
  sim_wal_not_synced,  // the simulator's own toy log, so that the machinery itself is tested
  count
};

inline constexpr std::string_view mutant_names[] = {
    "sim-wal-not-synced",
};
static_assert(std::size(mutant_names) == static_cast<size_t>(Mutant::count) && std::size(mutant_names) <= 64);

/// Which mutants are on: none, in life. A value, passed down at construction.
class Mutants {
 public:
  constexpr Mutants() = default;
  constexpr explicit Mutants(Mutant only) : bits_(bit(only)) {}
  constexpr bool has(Mutant mutant) const { return (bits_ & bit(mutant)) != 0; }
  bool operator==(const Mutants&) const = default;

 private:
  static constexpr uint64_t bit(Mutant mutant) { return uint64_t{1} << static_cast<uint8_t>(mutant); }

  uint64_t bits_ = 0;
};

constexpr std::string_view name_of(Mutant mutant) { return mutant_names[static_cast<size_t>(mutant)]; }

constexpr std::optional<Mutant> parse_mutant(std::string_view name) {
  for (size_t i = 0; i < std::size(mutant_names); ++i) {
    if (mutant_names[i] == name) return static_cast<Mutant>(i);
  }
  return std::nullopt;
}

}  // namespace kt
