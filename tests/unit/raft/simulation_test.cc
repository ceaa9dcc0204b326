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

Outcome run_seeds(int voters, uint64_t seeds) {
  const uint64_t first = from_environment("KT_RAFT_FIRST_SEED", 1);
  const bool is_traced = std::getenv("KT_RAFT_TRACE") != nullptr;
  Outcome total;
  for (uint64_t seed = first; seed < first + from_environment("KT_RAFT_SEEDS", seeds); ++seed) {
    const Outcome outcome = Cluster({.seed = seed, .voters = voters, .is_traced = is_traced}).run();
    EXPECT_FALSE(outcome.violation) << "seed " << seed << ": " << *outcome.violation;
    if (outcome.violation) break;
    total.events += outcome.events;
    total.committed += outcome.committed;
    total.elections += outcome.elections;
    total.truncations += outcome.truncations;
    total.installs += outcome.installs;
    total.crashes += outcome.crashes;
  }
  std::printf(
      "%lu events, %ld records, %zu elections, %lu truncations, %lu snapshots installed, %lu crashes\n",
      total.events, total.committed, total.elections, total.truncations, total.installs, total.crashes);
  return total;
}

TEST(Simulation, OneVoter) { run_seeds(1, 50); }

TEST(Simulation, ThreeVoters) {
  const Outcome total = run_seeds(3, 300);
  // A run in which nothing goes wrong proves nothing.
  EXPECT_GT(total.truncations, 0u);
  EXPECT_GT(total.installs, 0u);
  EXPECT_GT(total.crashes, 0u);
}

TEST(Simulation, FiveVoters) { run_seeds(5, 200); }

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
