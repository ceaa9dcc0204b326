#include <gtest/gtest.h>

#include <algorithm>

#include "libbroker/base/logger.h"
#include "libbroker/sim/broker/run.h"

// The runs are worth something only if they find the bugs that are known.
namespace kt::sim {
namespace {

constexpr uint64_t seeds_max = 40;

struct MutantCase {
  Mutant mutant;
  Profile profile;
  uint32_t nodes = 1;
  uint64_t first_seed = 1;  // for what few find
};

class BrokerMutation : public testing::TestWithParam<MutantCase> {};

TEST_P(BrokerMutation, IsFound) {
  set_log(LogLevel::off, false);
  const auto [mutant, profile, nodes, first_seed] = GetParam();
  for (uint64_t seed = first_seed; seed < first_seed + seeds_max; ++seed) {
    const RunResult result =
        run({.seed = seed, .profile = profile, .nodes = nodes, .mutants = Mutants(mutant)});
    if (result.violations.empty()) continue;
    std::printf("seed %lu: %s\n", seed, result.violations.front().substr(0, 300).c_str());
    return;
  }
  FAIL() << name_of(mutant) << " survived " << seeds_max << " seeds";
}

std::string name(const testing::TestParamInfo<MutantCase>& info) {
  std::string text(name_of(info.param.mutant));
  std::ranges::replace(text, '-', '_');
  return text;
}

INSTANTIATE_TEST_SUITE_P(Broker, BrokerMutation,
                         testing::Values(MutantCase{Mutant::log_duplicates_appended, Profile::kill},
                                         MutantCase{Mutant::log_producers_not_recovered, Profile::kill},
                                         MutantCase{Mutant::log_new_names_not_synced, Profile::power},
                                         MutantCase{Mutant::log_epochs_not_synced, Profile::power},
                                         MutantCase{Mutant::node_acknowledges_unflushed, Profile::power},
                                         MutantCase{Mutant::node_serves_unflushed, Profile::power},
                                         MutantCase{Mutant::node_clean_marker_kept, Profile::power}),
                         name);
INSTANTIATE_TEST_SUITE_P(
    Cluster, BrokerMutation,
    testing::Values(MutantCase{Mutant::raft_vote_not_persisted, Profile::net, 3},
                    MutantCase{Mutant::raft_votes_twice, Profile::net, 3, 60},
                    MutantCase{Mutant::raft_vote_ignores_log, Profile::kill, 3, 165},
                    MutantCase{Mutant::node_groups_not_loaded, Profile::kill, 3},
                    MutantCase{Mutant::controller_ignores_broker_epochs, Profile::disk, 3, 310},
                    MutantCase{Mutant::controller_answers_early, Profile::admin, 3},
                    MutantCase{Mutant::log_takes_other_topics, Profile::admin, 3},
                    MutantCase{Mutant::partition_commits_alone, Profile::kill, 3},
                    MutantCase{Mutant::partition_vouches_for_unflushed, Profile::power, 3, 490},
                    MutantCase{Mutant::partition_shrinks_unasked, Profile::kill, 3},
                    MutantCase{Mutant::partition_joins_unready, Profile::kill, 3},
                    MutantCase{Mutant::partition_ignores_divergence, Profile::kill, 3},
                    MutantCase{Mutant::partition_cuts_at_high_watermark, Profile::kill, 3}),
    name);

}  // namespace
}  // namespace kt::sim
