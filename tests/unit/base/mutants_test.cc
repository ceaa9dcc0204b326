#include "libbroker/base/mutants.h"

#include <gtest/gtest.h>

#include <set>

namespace kt {
namespace {

TEST(Mutants, NoneIsOnUntilItIsNamed) {
  EXPECT_FALSE(Mutants().has(Mutant::sim_wal_not_synced));
  EXPECT_TRUE(Mutants(Mutant::sim_wal_not_synced).has(Mutant::sim_wal_not_synced));
}

TEST(Mutants, EveryNameIsItsOwnAndParses) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < std::size(mutant_names); ++i) {
    const auto mutant = parse_mutant(mutant_names[i]);
    ASSERT_TRUE(mutant) << mutant_names[i];
    EXPECT_EQ(name_of(*mutant), mutant_names[i]);
    EXPECT_TRUE(seen.insert(mutant_names[i]).second) << mutant_names[i];
  }
  EXPECT_FALSE(parse_mutant("no-such-bug"));
}

}  // namespace
}  // namespace kt
