#include <gtest/gtest.h>

#include "tests/unit/raft/sim_cluster.h"

// The simulation is worth something only if it finds the bugs that are known.
namespace kt::raft::sim {
namespace {

constexpr uint64_t seeds_max = 3000;
constexpr uint64_t caught_wanted = 3;

class Mutation : public testing::TestWithParam<Mutant> {};

/// Prints its line of tests/soak/MUTANTS.md, which is where those are looked up that whole nodes cannot show.
TEST_P(Mutation, IsFound) {
  uint64_t seed = 0, first_seed = 0, caught = 0;
  std::string found;
  while (caught < caught_wanted && seed < seeds_max) {
    const Outcome outcome = Cluster({.seed = ++seed, .mutants = Mutants(GetParam())}).run();
    if (!outcome.violation || ++caught > 1) continue;
    first_seed = seed;
    found = *outcome.violation;
  }
  std::printf("| %s | %lu (raft) | %lu of %lu | %s |\n", std::string(name_of(GetParam())).c_str(), first_seed,
              caught, seed, found.c_str());
  EXPECT_EQ(caught, caught_wanted) << "it survived " << seeds_max << " seeds";
}

std::string name(const testing::TestParamInfo<Mutant>& info) {
  std::string text(name_of(info.param));
  std::ranges::replace(text, '-', '_');
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Raft, Mutation,
    testing::Values(Mutant::raft_vote_not_persisted, Mutant::raft_votes_twice, Mutant::raft_vote_ignores_log,
                    Mutant::raft_pre_vote_skipped, Mutant::raft_pre_vote_always_granted,
                    Mutant::raft_commits_older_epoch, Mutant::raft_commits_not_durable,
                    Mutant::raft_fetches_before_durable, Mutant::raft_truncates_whole_epoch,
                    Mutant::raft_high_watermark_beyond_end, Mutant::raft_leads_again_after_restart,
                    Mutant::raft_trusts_late_flush),
    name);

}  // namespace
}  // namespace kt::raft::sim
