#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/raft/scenario.h"

// How long a quorum with Kafka's timeouts has nobody to commit, when each message takes up to 10 ms.
namespace kt::raft::sim {
namespace {

constexpr uint64_t seeds = 200;
constexpr int64_t forever_ms = 60'000;

/// Sorted times from what happens to the leader until another one has committed, one for each seed.
template <class Happens>
std::vector<int64_t> gaps_ms(int voters, Happens happens) {
  std::vector<int64_t> gaps;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    Scenario scenario(seed);
    scenario.run(fmt::format("quorum {}", voters));
    scenario.run(fmt::format("later {}", 300 + seed % 500));
    const int32_t before = scenario.leader();
    happens(scenario, before);
    int64_t gap_ms = 0;
    while (scenario.leader() == before || scenario.leader() == 0) {
      scenario.run("later 10");
      gap_ms += 10;
      if (gap_ms > forever_ms) break;
    }
    gaps.push_back(gap_ms);
  }
  std::ranges::sort(gaps);
  std::printf("p50 %ld ms, p99 %ld ms, longest %ld ms\n", gaps[seeds / 2], gaps[seeds * 99 / 100],
              gaps.back());
  return gaps;
}

TEST(Failover, LeadersProcessDies) {
  for (const int voters : {3, 5}) {
    const auto gaps = gaps_ms(
        voters, [](Scenario& scenario, int32_t leader) { scenario.run(fmt::format("crash {}", leader)); });
    EXPECT_LE(gaps.back(), 300);
  }
}

TEST(Failover, LeaderStops) {
  for (const int voters : {3, 5}) {
    const auto gaps = gaps_ms(
        voters, [](Scenario& scenario, int32_t leader) { scenario.run(fmt::format("resign {}", leader)); });
    EXPECT_LE(gaps.back(), 200);
  }
}

TEST(Failover, LeaderIsCutOff) {
  for (const int voters : {3, 5}) {
    const auto gaps = gaps_ms(voters, [](Scenario& scenario, int32_t leader) {
      scenario.run(fmt::format("cut {0}->* *->{0}", leader));
    });
    EXPECT_LE(gaps.back(), 2200);
  }
}

}  // namespace
}  // namespace kt::raft::sim
