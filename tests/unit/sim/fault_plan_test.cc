#include "libbroker/sim/fault_plan.h"

#include <gtest/gtest.h>

#include <set>

namespace kt::sim {
namespace {

/// Who hears whom, as "1>2" for each open pair.
std::set<std::pair<uint32_t, uint32_t>> open_pairs(PartitionShape shape, uint32_t machines, uint64_t seed) {
  SeededRng rng(seed);
  std::vector<uint32_t> ids;
  std::set<std::pair<uint32_t, uint32_t>> open;
  for (uint32_t id = 0; id < machines; ++id) ids.push_back(id);
  for (const uint32_t from : ids) {
    for (const uint32_t to : ids) {
      if (from != to) open.emplace(from, to);
    }
  }
  for (const Link& link : cut_links(shape, ids, rng)) EXPECT_EQ(open.erase({link.from, link.to}), 1u);
  return open;
}

TEST(PartitionShapes, CutWhatTheirNamesSay) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(open_pairs(PartitionShape::isolate_one, 5, seed).size(), 4u * 3);
    EXPECT_EQ(open_pairs(PartitionShape::halves, 5, seed).size(), 2u * 1 + 3 * 2);
    EXPECT_EQ(open_pairs(PartitionShape::bridge, 5, seed).size(),
              3u * 2 + 3 * 2);  // two groups of 3 share one
    EXPECT_EQ(open_pairs(PartitionShape::one_way, 5, seed).size(), 20u - 4);
  }
}

TEST(PartitionShapes, InARingEachOfFiveSeesAMajorityAndNoTwoTheSame) {
  const auto open = open_pairs(PartitionShape::ring, 5, 1);
  std::set<std::set<uint32_t>> seen;
  for (uint32_t from = 0; from < 5; ++from) {
    std::set<uint32_t> heard = {from};
    for (uint32_t to = 0; to < 5; ++to) {
      if (open.contains({from, to})) heard.insert(to);
    }
    EXPECT_EQ(heard.size(), 3u);
    seen.insert(heard);
  }
  EXPECT_EQ(seen.size(), 5u);
}

TEST(FaultPlan, IsDrawnFromItsSeedAndKeepsItsLimits) {
  const FaultOptions options{
      .machines = {0, 1, 2, 3}, .faults = {Fault::kill, Fault::pause}, .period_ms_mean = 100};
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SeededRng one(seed), two(seed);
    const FaultPlan plan = plan_faults(one, options, 20'000);
    EXPECT_EQ(plan, plan_faults(two, options, 20'000));
    ASSERT_GT(plan.size(), 3u);
    for (size_t i = 1; i < plan.size(); ++i) {
      EXPECT_GT(plan[i].at_ms, plan[i - 1].at_ms + plan[i - 1].for_ms) << "down_max is 1";
    }
  }
}

TEST(FaultPlan, EveryFaultStrikesAndHeals) {
  for (size_t i = 0; i < static_cast<size_t>(Fault::count); ++i) {
    const auto fault = static_cast<Fault>(i);
    World world(i);
    for (const char* host : {"a", "b", "c"}) {
      world.add(host, [](Machine& machine) -> Process {
        EXPECT_TRUE(machine.disk().replace("/file", "something"));
        return std::make_shared<int>();
      });
    }
    world.start_all();
    const uint64_t before = world.trace().notes();
    schedule(world, {{.fault = fault, .at_ms = 10, .for_ms = 1'000, .victim = 1, .seed = i}});
    world.run_for(20);
    EXPECT_GT(world.trace().notes(), before) << name_of(fault);
    world.heal();
    world.run_for(2'000);
    for (const uint32_t id : world.ids()) {
      EXPECT_TRUE(world.machine(id).is_running() && !world.machine(id).is_paused()) << name_of(fault);
      EXPECT_TRUE(world.network().links().passes({id, (id + 1) % 3}, 1)) << name_of(fault);
      EXPECT_LE(world.network().links().clogged_until_ns({id, (id + 1) % 3}), world.scheduler().now_ns());
    }
    const bool is_whole = *world.machine(1).disk().read_all("/file") == "something";
    EXPECT_EQ(is_whole, fault != Fault::rot) << name_of(fault);
  }
}

TEST(FaultPlan, WhoIsCutOffFromPeersStillHearsTheOthers) {
  std::set<std::pair<bool, bool>> ways;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    World world(seed);
    for (const char* host : {"broker1", "broker2", "broker3", "client"})
      world.add(host, [](Machine&) -> Process { return std::make_shared<int>(); });
    schedule(world,
             {{.fault = Fault::cut_off, .at_ms = 1, .for_ms = 10, .victim = 1, .peers = 3, .seed = seed}});
    const auto passes = [&](uint32_t from, uint32_t to) {
      return world.network().links().passes({from, to}, 1);
    };
    world.run_for(5);
    EXPECT_TRUE(passes(1, 3) && passes(3, 1) && passes(0, 2) && passes(2, 0));
    EXPECT_EQ(passes(1, 0), passes(1, 2));
    EXPECT_EQ(passes(0, 1), passes(2, 1));
    ways.emplace(passes(1, 0), passes(0, 1));
    world.run_for(10);
    EXPECT_TRUE(passes(1, 0) && passes(0, 1));
  }
  EXPECT_EQ(ways, (std::set<std::pair<bool, bool>>{{false, false}, {false, true}, {true, false}}));
}

TEST(FaultPlan, ShrinksToTheFaultsThatMatter) {
  FaultPlan plan(100);
  for (uint32_t i = 0; i < plan.size(); ++i) plan[i].victim = i;
  const auto has = [](const FaultPlan& some, uint32_t victim) {
    return std::ranges::find(some, victim, &PlannedFault::victim) != some.end();
  };
  int runs = 0;
  const FaultPlan least = shrink(plan, [&](const FaultPlan& some) {
    ++runs;
    return has(some, 17) && has(some, 71);
  });
  ASSERT_EQ(least.size(), 2u);
  EXPECT_TRUE(has(least, 17) && has(least, 71));
  EXPECT_LT(runs, 60);
}

}  // namespace
}  // namespace kt::sim
