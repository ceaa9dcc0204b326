#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/raft/sim_cluster.h"

namespace kt::raft::sim {
namespace {

/// KT_RAFT_SEEDS: how many seeds each test runs; KT_RAFT_FIRST_SEED: from which on; KT_RAFT_TRACE: prints
/// every step.
uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void run_seeds(int voters, uint64_t seeds) {
  const uint64_t first = from_environment("KT_RAFT_FIRST_SEED", 1);
  Outcome total;
  for (uint64_t seed = first; seed < first + from_environment("KT_RAFT_SEEDS", seeds); ++seed) {
    const Outcome outcome =
        Cluster({.seed = seed, .voters = voters, .is_traced = std::getenv("KT_RAFT_TRACE") != nullptr}).run();
    ASSERT_FALSE(outcome.violation) << "seed " << seed << ": " << *outcome.violation;
    total.events += outcome.events;
    total.committed += outcome.committed;
    total.elections += outcome.elections;
  }
  std::printf("%lu events, %ld records, %zu elections\n", total.events, total.committed, total.elections);
}

TEST(Simulation, OneVoter) { run_seeds(1, 50); }
TEST(Simulation, ThreeVoters) { run_seeds(3, 150); }
TEST(Simulation, FiveVoters) { run_seeds(5, 100); }

TEST(Simulation, SameSeedSameTrace) {
  for (uint64_t seed = 1; seed < 6; ++seed) {
    const Outcome first = Cluster({.seed = seed}).run();
    const Outcome second = Cluster({.seed = seed}).run();
    EXPECT_EQ(first.trace_hash, second.trace_hash);
    EXPECT_NE(first.trace_hash, Cluster({.seed = seed + 1000}).run().trace_hash);
  }
}

}  // namespace
}  // namespace kt::raft::sim
