#include "tests/unit/sim/toy_broker.h"

#include <gtest/gtest.h>

#include "libbroker/sim/fault_plan.h"
#include "libbroker/sim/history/checker.h"

// The whole machinery on the smallest broker: it survives every seed, and each of its mutants is caught.

namespace kt::sim {
namespace {

constexpr uint64_t seeds = 1'000;
constexpr int64_t faults_ms = 5'000;

struct Outcome {
  World::Outcome outcome;
  Report report;
  uint64_t hash, operations;
};

/// As the seed has it, or with another plan of faults.
Outcome run(uint64_t seed, Mutants mutants, FaultPlan* plan = nullptr) {
  SeededRng rng(seed);
  WorldOptions options = draw_world(rng);
  options.disk.sync = {20'000};
  toy::Workload workload;
  workload.operations_left = 200;
  World world(seed, options);
  world.add("broker",
            [&](Machine& machine) -> Process { return std::make_shared<toy::Broker>(machine, mutants); });
  for (const char* host : {"worker1", "worker2"}) {
    world.add(host, [&](Machine& machine) -> Process {
      return std::make_shared<toy::Worker>(machine, world, workload);
    });
  }
  const FaultPlan drawn = plan_faults(rng, draw_faults(rng, world.ids()), faults_ms);
  if (plan && plan->empty()) *plan = drawn;
  world.start_all();
  schedule(world, plan ? *plan : drawn);
  world.run_until([&] { return workload.operations_left == 0; }, {.ms = faults_ms});
  world.heal();
  workload.only_polls = true;
  for (const uint32_t worker : {1, 2}) world.machine(worker).kill();  // anew, from the beginning
  world.start_all();
  const auto at_end = [&](uint32_t id) {
    return world.machine(id).is_running() && world.machine(id).process<toy::Worker>().is_at_end();
  };
  const auto outcome = world.run_until([&] { return at_end(1) && at_end(2); }, {.ms = 600'000});
  world.machine(1).kill();
  world.machine(2).kill();
  const History history = workload.recorder.take();
  return {outcome, check(history), world.trace().hash(), history.rows().size()};
}

TEST(ToyBroker, LosesNothingOverAThousandSeeds) {
  uint64_t operations = 0;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const Outcome done = run(seed, {});
    ASSERT_EQ(done.outcome, World::Outcome::met) << "seed " << seed;
    ASSERT_TRUE(done.report.is_valid()) << "seed " << seed << "\n" << done.report.text();
    operations += done.operations;
  }
  EXPECT_GT(operations, seeds * 200);
}

TEST(ToyBroker, TheMutantThatDoesNotSyncIsCaughtAndItsFaultsShrink) {
  uint64_t caught = 0;
  const Mutants mutants(Mutant::sim_wal_not_synced);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    FaultPlan plan;
    if (run(seed, mutants, &plan).report.is_valid()) continue;
    if (caught++ > 0 || plan.empty()) continue;
    const FaultPlan least = shrink(plan, [&](FaultPlan smaller) {
      return !smaller.empty() && !run(seed, mutants, &smaller).report.is_valid();
    });
    EXPECT_EQ(least.size(), 1u);
    EXPECT_TRUE(least[0].fault == Fault::power_off || least[0].fault == Fault::power_off_all)
        << least[0].text();
  }
  EXPECT_GT(caught, 20u);
}

TEST(ToyBroker, TheMutantThatTrustsTheCacheAfterAFailedFlushIsCaught) {
  uint64_t caught = 0;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    caught += !run(seed, Mutants(Mutant::sim_wal_trusts_the_cache)).report.is_valid();
  }
  EXPECT_GT(caught, 5u);
}

TEST(ToyBroker, TheSameSeedIsTheSameRun) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const uint64_t hash = run(seed, {}).hash;
    EXPECT_EQ(hash, run(seed, {}).hash) << "seed " << seed;
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), 50u);
}

}  // namespace
}  // namespace kt::sim
