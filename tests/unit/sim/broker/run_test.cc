#include "libbroker/sim/broker/run.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "libbroker/base/logger.h"

// The node of `kt server` on a simulated machine: killed, cut off and started again under load, by seeds.

namespace kt::sim {
namespace {

/// KT_SIM_SEEDS: how many seeds each test runs; KT_SIM_FIRST_SEED: from which on.
uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void run_seeds(Profile profile, uint64_t seeds, uint32_t nodes = 1) {
  set_log(LogLevel::off, false);  // crashes are loud
  const uint64_t first = from_environment("KT_SIM_FIRST_SEED", 1);
  uint64_t acknowledged = 0, faults = 0, starts = 0;
  for (uint64_t seed = first; seed < first + from_environment("KT_SIM_SEEDS", seeds); ++seed) {
    const RunResult result = run({.seed = seed, .profile = profile, .nodes = nodes});
    for (const std::string& violation : result.violations)
      ADD_FAILURE() << "seed " << seed << ": " << violation;
    if (!result.violations.empty()) break;
    acknowledged += result.acknowledged;
    faults += result.plan.size();
    starts += result.starts;
  }
  std::printf("%lu records acknowledged, %lu faults, %lu starts\n", acknowledged, faults, starts);
  EXPECT_GT(acknowledged, 0u);
}

TEST(BrokerRun, Quiet) { run_seeds(Profile::quiet, 2); }
TEST(BrokerRun, Kill) { run_seeds(Profile::kill, 10); }
TEST(BrokerRun, Power) { run_seeds(Profile::power, 6); }

TEST(ClusterRun, Quiet) { run_seeds(Profile::quiet, 2, 3); }
TEST(ClusterRun, Kill) { run_seeds(Profile::kill, 6, 3); }

TEST(ClusterRun, Power) { run_seeds(Profile::power, 4, 3); }

/// What went wrong once and must not again.
TEST(ClusterRun, SeedsThatFailed) {
  set_log(LogLevel::off, false);
  for (const auto& [profile, seed] : {std::pair(Profile::kill, 1303),   // a first batch was overtaken
                                      std::pair(Profile::power, 1351),  // logs called clean before recovery
                                      std::pair(Profile::power, 5354),  // likewise
                                      std::pair(Profile::power, 10413)}) {  // a torn partition.metadata
    for (const std::string& violation : run({.seed = uint64_t(seed), .profile = profile, .nodes = 3}).violations)
      ADD_FAILURE() << "seed " << seed << ": " << violation;
  }
}

/// What the world and its clients did wrong, so that a right broker looked wrong.
TEST(BrokerRun, SeedsThatFailed) {
  set_log(LogLevel::off, false);
  for (const auto& [profile, seed] : {std::pair(Profile::power, 7049),    // the flush of a dying process
                                      std::pair(Profile::power, 8030),    // answers slower than the patience
                                      std::pair(Profile::kill, 9156)}) {  // a commit's first attempt was last
    for (const std::string& violation : run({.seed = uint64_t(seed), .profile = profile}).violations)
      ADD_FAILURE() << "seed " << seed << ": " << violation;
  }
}

TEST(BrokerRun, TheSameSeedIsTheSameRun) {
  for (uint64_t seed = 1; seed < 4; ++seed)
    EXPECT_EQ(run({.seed = seed}).trace_hash, run({.seed = seed}).trace_hash) << seed;
}

}  // namespace
}  // namespace kt::sim
