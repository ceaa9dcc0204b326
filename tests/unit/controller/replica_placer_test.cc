#include "libbroker/controller/replica_placer.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace kt::controller {
namespace {

using Placed = std::vector<std::vector<int32_t>>;

Placed place(const std::vector<UsableBroker>& brokers, int32_t partitions, int32_t factor,
             uint64_t seed = 1) {
  SeededRng rng(seed);
  const auto placed = place_replicas(brokers, partitions, factor, rng);
  EXPECT_TRUE(placed) << placed.error().message;
  return placed.value_or(Placed{});
}

std::string refusal(const std::vector<UsableBroker>& brokers, int32_t factor) {
  SeededRng rng(1);
  const auto placed = place_replicas(brokers, 1, factor, rng);
  return placed ? "none" : placed.error().message;
}

TEST(ReplicaPlacer, RefusesWithKafkasSentences) {
  EXPECT_EQ(refusal({{1}}, 0), "Invalid replication factor 0: the replication factor must be positive.");
  EXPECT_EQ(refusal({}, 1), "All brokers are currently fenced.");
  EXPECT_EQ(refusal({{.id = 1, .fenced = true}}, 1), "All brokers are currently fenced.");
  EXPECT_EQ(refusal({{1}}, 3),
            "The target replication factor of 3 cannot be reached because only 1 broker(s) are registered.");
}

TEST(ReplicaPlacer, StripesOverOneRack) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Placed placed = place({{1}, {2}, {3}, {4}}, 4, 3, seed);
    std::set<int32_t> leaders;
    for (const auto& replicas : placed) {
      EXPECT_EQ(std::set<int32_t>(replicas.begin(), replicas.end()).size(), 3u);
      leaders.insert(replicas.front());
      for (size_t i = 1; i < replicas.size(); ++i)
        EXPECT_EQ(replicas[i], replicas[i - 1] % 4 + 1);  // in turn
    }
    EXPECT_EQ(leaders.size(), 4u) << "seed " << seed;
  }
}

TEST(ReplicaPlacer, SpreadsReplicasOverRacks) {
  std::vector<UsableBroker> brokers;
  const auto rack_of = [](int32_t id) { return std::string(1, static_cast<char>('a' + id / 3)); };
  for (int32_t id = 0; id < 9; ++id) brokers.push_back({.id = id, .rack = rack_of(id)});
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::map<int32_t, int> load;
    for (const auto& replicas : place(brokers, 9, 3, seed)) {
      std::set<std::string> racks;
      for (const int32_t id : replicas) racks.insert(rack_of(id)), ++load[id];
      EXPECT_EQ(racks.size(), 3u);
    }
    for (const auto& [id, count] : load) EXPECT_EQ(count, 3) << "broker " << id << " seed " << seed;
  }
}

TEST(ReplicaPlacer, FencedBrokersComeLastAndNeverFirst) {
  const std::vector<UsableBroker> brokers = {{.id = 1, .fenced = true}, {.id = 2}, {.id = 3}};
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (const auto& replicas : place(brokers, 5, 2, seed)) EXPECT_EQ(replicas[0] + replicas[1], 5);
    for (const auto& replicas : place(brokers, 5, 3, seed)) EXPECT_EQ(replicas.back(), 1);
  }
  const std::vector<UsableBroker> racks = {
      {.id = 1, .rack = "a", .fenced = true}, {.id = 2, .rack = "b"}, {.id = 3, .rack = "c", .fenced = true}};
  for (uint64_t seed = 1; seed <= 20; ++seed)
    for (const auto& replicas : place(racks, 4, 3, seed)) {
      EXPECT_EQ(replicas.front(), 2);
      EXPECT_EQ(std::set<int32_t>(replicas.begin(), replicas.end()).size(), 3u);
    }
}

TEST(ReplicaPlacer, OneBrokerTakesAll) { EXPECT_EQ(place({{5}}, 3, 1), (Placed{{5}, {5}, {5}})); }

TEST(ReplicaPlacer, ManyPartitionsAreSharedEvenly) {
  std::map<int32_t, int> leaders;
  for (const auto& replicas : place({{1}, {2}, {3}, {4}, {5}}, 1000, 3)) ++leaders[replicas.front()];
  for (const auto& [id, count] : leaders) EXPECT_EQ(count, 200) << id;
}

}  // namespace
}  // namespace kt::controller
