#include "libbroker/controller/partition_change.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "libbroker/metadata/image_builder.h"

namespace kt::controller {
namespace {

using metadata::LeaderRecovery;
using metadata::Partition;
using Ids = std::vector<int32_t>;

std::string text(const Ids& ids) {
  std::string out;
  for (const int32_t id : ids) out += (out.empty() ? "" : ",") + std::to_string(id);
  return out;
}

/// "leader 1 isr 1,2 epochs 0/1", and what else is set.
std::string text(const Partition& p) {
  std::string out = "leader " + std::to_string(p.leader) + " isr " + text(p.isr) + " epochs " +
                    std::to_string(p.leader_epoch) + "/" + std::to_string(p.partition_epoch);
  if (!p.elr.empty()) out += " elr " + text(p.elr);
  if (!p.last_known_elr.empty()) out += " last " + text(p.last_known_elr);
  if (p.replicas != Ids{1, 2, 3}) out += " replicas " + text(p.replicas);
  if (!p.removing_replicas.empty()) out += " removing " + text(p.removing_replicas);
  if (!p.adding_replicas.empty()) out += " adding " + text(p.adding_replicas);
  if (p.leader_recovery == LeaderRecovery::recovering) out += " recovering";
  return out;
}

Partition partition(Ids isr, int32_t leader) {
  return {.replicas = {1, 2, 3},
          .directories = std::vector<Uuid>(3, metadata::directory_unassigned),
          .isr = std::move(isr),
          .leader = leader};
}

struct World {
  std::set<int32_t> alive = {1, 2, 3, 4};
  bool elr = false;
  int32_t min_isr = 2;
  int16_t level = 25;

  std::string change(const Partition& now, const PartitionTarget& target) const {
    const ElectionRules rules{.metadata_version = level,
                              .elr_enabled = elr,
                              .min_isr = min_isr,
                              .may_lead = [&](int32_t id) { return alive.contains(id); },
                              .default_directory = [](int32_t) { return metadata::directory_unassigned; }};
    const auto record = change_partition({1, 1}, 0, now, target, rules);
    return record ? text(metadata::changed(now, *record)) : "nothing";
  }
  std::string change(const Partition& now, Ids isr, Election election = Election::online) const {
    PartitionTarget target(now);
    target.isr = std::move(isr);
    target.election = election;
    return change(now, target);
  }
};

TEST(PartitionChange, KeepsALeaderThatMayLead) {
  const World world;
  EXPECT_EQ(world.change(partition({1, 2, 3}, 1), {1, 2, 3}), "nothing");
  EXPECT_EQ(world.change(partition({1, 2, 3}, 2), {2, 3}), "leader 2 isr 2,3 epochs 0/1");
}

TEST(PartitionChange, ElectsTheFirstInAssignmentOrderThatIsInSyncAndAlive) {
  const World world{.alive = {2, 3}};
  EXPECT_EQ(world.change(partition({1, 3, 2}, 1), {3, 2}), "leader 2 isr 3,2 epochs 1/1");
}

TEST(PartitionChange, ShrinkingRaisesTheLeaderEpochBefore36Only) {
  EXPECT_EQ(World{.level = 11}.change(partition({1, 2}, 1), {1}), "leader 1 isr 1 epochs 1/1");
  EXPECT_EQ(World{.level = 12}.change(partition({1, 2}, 1), {1}), "leader 1 isr 1 epochs 0/1");
  EXPECT_EQ(World{.level = 11}.change(partition({1, 2}, 1), {1, 2, 3}), "leader 1 isr 1,2,3 epochs 0/1");
}

TEST(PartitionChange, WithoutElrTheLastMemberStays) {
  const World world{.alive = {2, 3}};
  EXPECT_EQ(world.change(partition({1}, 1), {}), "leader -1 isr 1 epochs 1/1");
  Partition leaderless = partition({1}, -1);
  EXPECT_EQ(world.change(leaderless, {1}), "nothing");
}

TEST(PartitionChange, UncleanElectionTakesAnyoneAliveAndRecovers) {
  const World world{.alive = {3, 2}};
  EXPECT_EQ(world.change(partition({1}, 1), {}, Election::unclean), "leader 2 isr 2 epochs 1/1 recovering");
  EXPECT_EQ(World{.alive = {}}.change(partition({1}, 1), {}, Election::unclean),
            "leader -1 isr 1 epochs 1/1");
  EXPECT_EQ(World{.alive = {2}}.change(partition({1, 2}, 1), {2}, Election::unclean),
            "leader 2 isr 2 epochs 1/1");
}

TEST(PartitionChange, PreferredElection) {
  EXPECT_EQ(World{}.change(partition({1, 2}, 2), {1, 2}, Election::preferred), "leader 1 isr 1,2 epochs 1/1");
  EXPECT_EQ(World{}.change(partition({2, 3}, 2), {2, 3}, Election::preferred), "nothing");
  EXPECT_EQ(World{.alive = {2}}.change(partition({1, 2}, 2), {1, 2}, Election::preferred), "nothing");
  EXPECT_EQ(World{}.change(partition({3}, -1), {3}, Election::preferred), "leader 3 isr 3 epochs 1/1");
}

TEST(PartitionChange, LeaversBelowMinIsrStayEligible) {
  World world{.elr = true};
  EXPECT_EQ(world.change(partition({1, 2, 3}, 1), {1, 2}), "leader 1 isr 1,2 epochs 0/1");
  EXPECT_EQ(world.change(partition({1, 2}, 1), {1}), "leader 1 isr 1 epochs 0/1 elr 2");
  Partition below = partition({1}, 1);
  below.elr = {2};
  EXPECT_EQ(world.change(below, {1, 3}),
            "leader 1 isr 1,3 epochs 0/1");  // back at min ISR: nobody is eligible
}

TEST(PartitionChange, EligibleReplicasMayLeadAnEmptyIsr) {
  World world{.alive = {2}, .elr = true};
  Partition now = partition({1}, 1);
  now.elr = {2, 3};
  EXPECT_EQ(world.change(now, {}), "leader 2 isr 2 epochs 1/1 elr 1,3");
  world.alive = {};
  EXPECT_EQ(world.change(now, {}), "leader -1 isr  epochs 1/1 elr 1,2,3 last 1");
}

TEST(PartitionChange, OnlyTheLastKnownLeaderComesBackWhenNobodyIsEligible) {
  World world{.alive = {2}, .elr = true};
  Partition now = partition({}, -1);
  now.last_known_elr = {1};
  EXPECT_EQ(world.change(now, {}), "nothing");
  world.alive = {1, 2};
  EXPECT_EQ(world.change(now, {}), "leader 1 isr 1 epochs 1/1 recovering");
}

TEST(PartitionChange, AnUncleanShutdownEndsEligibility) {
  const World world{.alive = {1, 3}, .elr = true};
  Partition now = partition({1}, 1);
  now.elr = {2, 3};
  PartitionTarget target(now);
  target.unclean_shutdown = 2;
  EXPECT_EQ(world.change(now, target), "leader 1 isr 1 epochs 0/1 elr 3");
  const Partition in_sync = partition({1, 2}, 1);
  PartitionTarget leaves(in_sync);
  leaves.isr = {1};
  leaves.unclean_shutdown = 2;
  EXPECT_EQ(world.change(in_sync, leaves), "leader 1 isr 1 epochs 0/1");
}

TEST(PartitionChange, ElrIsForgottenWhenItIsSwitchedOff) {
  Partition now = partition({1}, 1);
  now.elr = {2};
  EXPECT_EQ(World{}.change(now, {1}), "leader 1 isr 1 epochs 0/1");
}

TEST(PartitionChange, ReassignmentCompletesWhenItsTargetIsInSync) {
  const World world;
  Partition now = partition({1, 2, 3}, 1);
  now.replicas = {2, 3, 4, 1};
  now.directories.resize(4);
  now.removing_replicas = {1};
  now.adding_replicas = {4};
  EXPECT_EQ(world.change(now, {2, 3}), "leader 2 isr 2,3 epochs 1/1 replicas 2,3,4,1 removing 1 adding 4");
  EXPECT_EQ(world.change(now, {1, 2, 3, 4}), "leader 2 isr 2,3,4 epochs 1/1 replicas 2,3,4");
}

TEST(PartitionChange, DroppingReplicasRaisesTheLeaderEpoch) {
  const World world;
  Partition now = partition({1, 2}, 1);
  PartitionTarget target(now);
  target.replicas = {1, 2};
  EXPECT_EQ(world.change(now, target), "leader 1 isr 1,2 epochs 1/1 replicas 1,2");
  PartitionTarget more(now);
  more.replicas = {1, 2, 3, 4};
  more.adding = {4};
  EXPECT_EQ(world.change(now, more), "leader 1 isr 1,2 epochs 0/1 replicas 1,2,3,4 adding 4");
}

TEST(PartitionChange, WhoIsNoReplicaIsNotEligible) {
  const World world{.elr = true};
  Partition now = partition({1, 4}, 1);
  now.replicas = {4, 1, 2, 3};
  now.directories.resize(4);
  now.adding_replicas = {4};
  now.removing_replicas = {1, 2, 3};
  now.elr = {2};
  EXPECT_EQ(world.change(now, {1, 4}), "leader 4 isr 4 epochs 1/1 replicas 4");
}

TEST(PartitionChange, ALeaderlessPartitionHasNoLastKnownLeaderToRemember) {
  const World world{.alive = {}, .elr = true};
  Partition now = partition({}, -1);
  now.elr = {1};
  PartitionTarget target(now);
  target.replicas = {1, 2};
  EXPECT_EQ(world.change(now, target), "leader -1 isr  epochs 1/1 elr 1 replicas 1,2");
}

TEST(PartitionChange, TheLastKnownLeaderIsTheFirstThatWasLost) {
  World world{.alive = {}, .elr = true};
  EXPECT_EQ(world.change(partition({1}, 1), {}), "leader -1 isr  epochs 1/1 elr 1 last 1");
  Partition now = partition({}, -1);
  now.elr = {2};
  now.last_known_elr = {1};
  world.alive = {2};
  EXPECT_EQ(world.change(now, {}), "leader 2 isr 2 epochs 1/1");
}

// Or an unclean election would take the wrong one for the last that led.
TEST(PartitionChange, ALastKnownLeaderFromBeforeElrWasSwitchedOffDoesNotCount) {
  World world{.elr = true};
  Partition now = partition({1, 2}, 2);
  now.last_known_elr = {3};
  EXPECT_EQ(world.change(now, {1, 2, 3}), "leader 2 isr 1,2,3 epochs 0/1");
  EXPECT_EQ(world.change(now, {1, 2}), "leader 2 isr 1,2 epochs 0/1");
  world.alive = {3};
  PartitionTarget lost(now);
  now.isr = {2};
  lost.isr = {};
  lost.unclean_shutdown = 2;
  EXPECT_EQ(world.change(now, lost), "leader -1 isr  epochs 1/1 last 2");
  now.isr = {1, 2};
  world.alive = {};
  EXPECT_EQ(world.change(now, {}), "leader -1 isr  epochs 1/1 elr 1,2 last 2");
  world.elr = false;
  EXPECT_EQ(world.change(now, {1, 2, 3}), "leader -1 isr 1,2,3 epochs 1/1 last 3");
}

TEST(RaiseLeaderEpoch, ToAtLeastN) {
  Partition now = partition({1, 2}, 2);
  now.leader_epoch = 3;
  now.partition_epoch = 8;
  now.elr = {3};
  now.adding_replicas = {3};
  now.leader_recovery = LeaderRecovery::recovering;
  const auto raised_to = [&](int32_t epoch) { return raise_leader_epoch({1, 1}, 0, now, epoch, 25); };
  EXPECT_FALSE(raised_to(2));
  EXPECT_FALSE(raised_to(3));
  const auto record = raised_to(40);
  ASSERT_TRUE(record);
  metadata::ImageBuilder builder{metadata::Image{}};
  builder.apply(wire::TopicRecord{.name = "t", .topic_id = {1, 1}});
  builder.apply(metadata::partition_record({1, 1}, 0, now, 25));
  builder.apply(metadata::decode_record(Slice::own(metadata::encode_record(*record, 25))));
  const auto image = std::move(builder).freeze({});
  Partition expected = now;
  expected.leader_epoch = 40;
  expected.partition_epoch = 9;
  EXPECT_EQ(*image.partition({1, 1}, 0), expected);
}

}  // namespace
}  // namespace kt::controller
