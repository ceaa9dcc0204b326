// Several log.dirs: where partitions go, and what a failing directory costs (semantics L19; rulings: one
// failing leaves the rest serving).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "libbroker/api/groups.h"
#include "libbroker/api/topic_creation.h"
#include "libbroker/sim/sim_disk.h"
#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/02_list_offsets.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/20_delete_topics.h"
#include "libbroker/wire/21_delete_records.h"
#include "libbroker/wire/35_describe_log_dirs.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

class Directories : public testing::Test {
 protected:
  static constexpr int16_t by_name = 12;

  ErrorCode produce(const std::string& topic, int32_t partition, const std::string& value = "x") {
    wire::ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = 1'000;
    auto& asked = request.topic_data.emplace_back();
    asked.name = topic;
    asked.partition_data.push_back({.index = partition, .records = {.pieces = {batch_of({value})}}});
    return node.ask<wire::ProduceResponse>(request, by_name).responses[0].partition_responses[0].error_code;
  }
  wire::FetchResponse::PartitionData fetch(const std::string& topic, int32_t partition) {
    wire::FetchRequest request;
    auto& asked = request.topics.emplace_back();
    asked.topic = topic;
    asked.partitions.push_back({.partition = partition, .partition_max_bytes = 1 << 20});
    return node.ask<wire::FetchResponse>(request, by_name).responses[0].partitions[0];
  }
  int64_t earliest(const std::string& topic, int32_t partition) {
    wire::ListOffsetsRequest request;
    request.topics.push_back(
        {.name = topic, .partitions = {{.partition_index = partition, .timestamp = -2}}});
    return node.ask<wire::ListOffsetsResponse>(request).topics[0].partitions[0].offset;
  }
  wire::MetadataResponse::MetadataResponseTopic metadata(const std::string& topic) {
    wire::MetadataRequest request;
    request.topics.emplace().push_back({.name = topic});
    return node.ask<wire::MetadataResponse>(request).topics.at(0);
  }
  std::vector<wire::DescribeLogDirsResponse::DescribeLogDirsResult> log_dirs() {
    wire::DescribeLogDirsRequest all;
    all.topics.reset();
    return node.ask<wire::DescribeLogDirsResponse>(all).results;
  }
  /// Partitions of a topic by the directory they lie in, as far as that is told.
  std::map<std::string, std::vector<int32_t>> places(const std::string& topic) {
    std::map<std::string, std::vector<int32_t>> places;
    for (const auto& directory : log_dirs()) {
      for (const auto& described : directory.topics) {
        if (described.name != topic) continue;
        for (const auto& partition : described.partitions)
          places[directory.log_dir].push_back(partition.partition_index);
      }
    }
    return places;
  }

  OneNode node{{.properties = {{"log.dirs", "/a,/b"}, {"offsets.topic.num.partitions", "4"}}}};
};

TEST_F(Directories, ANewPartitionGoesWhereTheFewestAre) {
  ASSERT_TRUE(node.start());
  node.create_topic("t", 4);
  EXPECT_EQ(places("t")["/a"].size(), 2u);
  EXPECT_EQ(places("t")["/b"].size(), 2u);
  node.create_topic("one");
  node.create_topic("two");
  EXPECT_EQ(places("one").size() + places("two").size(), 2u);
  EXPECT_NE(places("one").begin()->first, places("two").begin()->first);
  // The controller knows where they lie.
  node.world().run_for(2'000);
  const auto before = places("t");
  ASSERT_TRUE(node.stop());
  ASSERT_TRUE(node.start());
  EXPECT_EQ(places("t"), before);
}

TEST_F(Directories, OneThatFailsCostsWhatLiesInIt) {
  ASSERT_TRUE(node.start());
  node.create_topic("t", 4);
  auto at = places("t");
  for (const int32_t partition : at["/a"]) EXPECT_EQ(produce("t", partition), ErrorCode::none);
  for (const int32_t partition : at["/b"]) EXPECT_EQ(produce("t", partition), ErrorCode::none);
  node.world().run_for(2'000);

  node.mounts().break_below("/b");
  for (const int32_t partition : at["/b"]) EXPECT_EQ(produce("t", partition), ErrorCode::kafka_storage_error);
  for (const int32_t partition : at["/a"]) EXPECT_EQ(produce("t", partition), ErrorCode::none);
  EXPECT_EQ(fetch("t", at["/b"][0]).error_code, ErrorCode::kafka_storage_error);
  EXPECT_FALSE(node.fatal());

  node.world().run_for(1'000);
  const auto described = log_dirs();
  ASSERT_EQ(described.size(), 2u);
  EXPECT_EQ(described[0].error_code, ErrorCode::none);
  EXPECT_EQ(described[0].topics.size(), 1u);
  EXPECT_EQ(described[1].error_code, ErrorCode::kafka_storage_error);
  EXPECT_TRUE(described[1].topics.empty());
  EXPECT_EQ(described[1].total_bytes, -1);
  for (const auto& partition : metadata("t").partitions) {
    const bool is_lost = std::ranges::count(at["/b"], partition.partition_index) > 0;
    EXPECT_EQ(partition.leader_id, is_lost ? -1 : OneNode::node_id);
    EXPECT_EQ(partition.error_code, is_lost ? ErrorCode::leader_not_available : ErrorCode::none);
    EXPECT_EQ(partition.offline_replicas.size(), is_lost ? 1u : 0u);
  }
  // What is new goes to what is left, and the stop is a clean one of what is left.
  node.create_topic("new", 3);
  EXPECT_EQ(places("new")["/a"].size(), 3u);
  EXPECT_TRUE(node.stop());

  node.mounts().mend();
  ASSERT_TRUE(node.start());
  for (int32_t partition = 0; partition < 4; ++partition) {
    EXPECT_EQ(fetch("t", partition).error_code, ErrorCode::none) << partition;
    EXPECT_GE(fetch("t", partition).high_watermark, 1) << partition;
    EXPECT_EQ(produce("t", partition), ErrorCode::none) << partition;
  }
}

TEST_F(Directories, OneThatCannotBeReadFails) {
  ASSERT_TRUE(node.start());
  node.create_topic("t", 2);
  auto at = places("t");
  for (int32_t partition = 0; partition < 2; ++partition) EXPECT_EQ(produce("t", partition), ErrorCode::none);
  ASSERT_TRUE(node.stop());
  ASSERT_TRUE(node.start());  // no record is in memory

  node.mounts().break_below("/b");
  EXPECT_EQ(fetch("t", at["/b"][0]).error_code, ErrorCode::kafka_storage_error);
  node.world().run_for(1'000);
  for (const auto& partition : metadata("t").partitions) {
    const bool is_lost = partition.partition_index == at["/b"][0];
    EXPECT_EQ(partition.leader_id, is_lost ? -1 : OneNode::node_id);
  }
}

TEST_F(Directories, OneThatIsBrokenAtTheStartIsOffline) {
  ASSERT_TRUE(node.start());
  node.create_topic("t", 4);
  auto at = places("t");
  for (int32_t partition = 0; partition < 4; ++partition) EXPECT_EQ(produce("t", partition), ErrorCode::none);
  node.world().run_for(2'000);
  ASSERT_TRUE(node.stop());

  node.mounts().break_below("/b");
  const auto started = node.start();
  ASSERT_TRUE(started) << started.error().message;
  for (const int32_t partition : at["/b"]) EXPECT_EQ(produce("t", partition), ErrorCode::kafka_storage_error);
  for (const int32_t partition : at["/a"]) EXPECT_EQ(produce("t", partition), ErrorCode::none);
  EXPECT_EQ(places("t")["/a"], at["/a"]);  // what is lost is not made anew
  node.create_topic("new", 2);
  EXPECT_EQ(produce("new", 0), ErrorCode::none);
  EXPECT_EQ(log_dirs()[1].error_code, ErrorCode::kafka_storage_error);
  ASSERT_TRUE(node.stop());

  node.mounts().mend();
  ASSERT_TRUE(node.start());
  EXPECT_EQ(places("t"), at);
  for (const int32_t partition : at["/b"]) EXPECT_EQ(fetch("t", partition).high_watermark, 1);
  for (const int32_t partition : at["/a"]) EXPECT_EQ(fetch("t", partition).high_watermark, 2);
}

TEST_F(Directories, GroupsOfALostDirectoryHaveNoCoordinator) {
  ASSERT_TRUE(node.start());
  node.create_topic("t");
  const auto commit = [&](const std::string& group) {
    wire::OffsetCommitRequest request;
    request.group_id = group;
    request.topics.emplace_back().name = "t";
    request.topics[0].partitions.push_back({.partition_index = 0, .committed_offset = 1});
    return node.ask<wire::OffsetCommitResponse>(request, 9).topics[0].partitions[0].error_code;
  };
  wire::FindCoordinatorRequest find;
  find.coordinator_keys = {"g"};
  node.ask<wire::FindCoordinatorResponse>(find);
  node.world().run_for(2'000);
  auto at = places(std::string(api::offsets_topic));
  std::string lost, kept;
  for (char c = 'a'; lost.empty() || kept.empty(); ++c) {
    const std::string group(1, c);
    const bool is_lost = std::ranges::count(at["/b"], api::Groups::partition_of(group, 4)) > 0;
    (is_lost ? lost : kept) = group;
  }
  EXPECT_EQ(commit(lost), ErrorCode::none);
  EXPECT_EQ(commit(kept), ErrorCode::none);
  node.mounts().break_below("/b");
  EXPECT_EQ(commit(lost), ErrorCode::not_coordinator);
  EXPECT_EQ(commit(kept), ErrorCode::none);
}

TEST_F(Directories, TheOneWithTheMetadataIsFatal) {
  ASSERT_TRUE(node.start());
  node.create_topic("t", 2);
  const int32_t partition = places("t")["/a"].at(0);
  node.mounts().break_below("/a");
  EXPECT_EQ(produce("t", partition), ErrorCode::kafka_storage_error);
  node.world().run_for(1'000);
  ASSERT_TRUE(node.fatal());
  EXPECT_NE(node.fatal()->message.find("/a"), std::string::npos) << node.fatal()->message;
  EXPECT_NE(node.fatal()->message.find("Input/output error"), std::string::npos) << node.fatal()->message;
}

TEST(OneDirectory, AFullDiskIsFatalAndSaysSo) {
  OneNode node;
  ASSERT_TRUE(node.start());
  node.create_topic("t");
  node.disk().set_faults({.capacity_bytes = 64 << 10});
  wire::ProduceRequest request;
  request.acks = 1;
  request.topic_data.emplace_back().name = "t";
  request.topic_data[0].partition_data.push_back(
      {.index = 0, .records = {.pieces = {batch_of({std::string(10'000, 'x')})}}});
  ErrorCode code = ErrorCode::none;
  for (int i = 0; i < 20 && code == ErrorCode::none; ++i) {
    code = node.ask<wire::ProduceResponse>(request, 12).responses[0].partition_responses[0].error_code;
  }
  EXPECT_EQ(code, ErrorCode::kafka_storage_error);
  node.world().run_for(1'000);
  ASSERT_TRUE(node.fatal());
  EXPECT_NE(node.fatal()->message.find("No space left on device"), std::string::npos)
      << node.fatal()->message;
  EXPECT_NE(node.fatal()->message.find("/data"), std::string::npos) << node.fatal()->message;
}

TEST(MetadataDirectory, HasNoPartitionsUnlessItIsALogDirectory) {
  OneNode node{{.properties = {{"log.dirs", "/a"}, {"metadata.log.dir", "/meta"}}}};
  ASSERT_TRUE(node.start());
  node.create_topic("t", 3);
  wire::DescribeLogDirsRequest all;
  all.topics.reset();
  const auto described = node.ask<wire::DescribeLogDirsResponse>(all).results;
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].log_dir, "/a");
  EXPECT_EQ(described[0].topics.at(0).partitions.size(), 3u);
}

TEST_F(Directories, APartitionWhoseTopicIsGoneIsNotTakenForAnotherOfItsName) {
  ASSERT_TRUE(node.start());
  node.create_topic("t", 2);
  auto at = places("t");
  EXPECT_EQ(produce("t", at["/b"][0]), ErrorCode::none);
  node.world().run_for(2'000);
  ASSERT_TRUE(node.stop());
  node.mounts().break_below("/b");  // and so it misses the deletion
  ASSERT_TRUE(node.start());
  wire::DeleteTopicsRequest remove;
  remove.topics.push_back({.name = "t"});
  EXPECT_EQ(node.ask<wire::DeleteTopicsResponse>(remove).responses[0].error_code, ErrorCode::none);
  ASSERT_TRUE(node.stop());
  node.mounts().mend();
  ASSERT_TRUE(node.start());
  node.create_topic("t", 2);
  for (int32_t partition = 0; partition < 2; ++partition) {
    EXPECT_EQ(produce("t", partition), ErrorCode::none);
    EXPECT_EQ(fetch("t", partition).high_watermark, 1);
  }
}

TEST_F(Directories, ANewPartitionGoesElsewhereWhenItsDirectoryTurnsOutToBeDead) {
  ASSERT_TRUE(node.start());
  node.mounts().break_below("/b");
  node.create_topic("t", 2);
  EXPECT_EQ(places("t")["/a"].size(), 2u);
  for (int32_t partition = 0; partition < 2; ++partition) EXPECT_EQ(produce("t", partition), ErrorCode::none);
}

// Deleted and made again in one step of the metadata: whichever id is the smaller one.
TEST_F(Directories, ATopicThatIsMadeAgainAtOnceKeepsNothingOfTheFirst) {
  ASSERT_TRUE(node.start());
  node.create_topic("t");
  wire::DeleteTopicsRequest remove;
  remove.topics.push_back({.name = "t"});
  wire::CreateTopicsRequest create;
  create.topics.push_back({.name = "t", .num_partitions = 1, .replication_factor = 1});
  for (int i = 0; i < 8; ++i) {
    for (int n = 0; n < 3; ++n) ASSERT_EQ(produce("t", 0), ErrorCode::none);
    const auto removed = node.send(node.encoded(remove, remove.max_version));
    const auto created = node.send(node.encoded(create, create.max_version));
    node.wait_for(*removed);
    node.wait_for(*created);
    ASSERT_EQ(fetch("t", 0).high_watermark, 0);
  }
  for (int n = 0; n < 3; ++n) ASSERT_EQ(produce("t", 0), ErrorCode::none);
  wire::DeleteRecordsRequest before;
  before.topics.push_back({.name = "t", .partitions = {{.partition_index = 0, .offset = 2}}});
  ASSERT_EQ(node.ask<wire::DeleteRecordsResponse>(before).topics[0].partitions[0].error_code,
            ErrorCode::none);
  for (const std::string& path : node.disk().files())
    EXPECT_EQ(path.find("-stray"), std::string::npos) << path;
  ASSERT_TRUE(node.stop());
  ASSERT_TRUE(node.start());
  EXPECT_EQ(earliest("t", 0), 2);
}

class ATopicMadeAgain : public Directories {
 protected:
  /// "t", of which nothing is left but its name, in every checkpoint file.
  void delete_one_with_checkpoints() {
    ASSERT_TRUE(node.start());
    node.create_topic("t");
    for (int n = 0; n < 3; ++n) ASSERT_EQ(produce("t", 0), ErrorCode::none);
    wire::DeleteRecordsRequest before;
    before.topics.push_back({.name = "t", .partitions = {{.partition_index = 0, .offset = 3}}});
    ASSERT_EQ(node.ask<wire::DeleteRecordsResponse>(before).topics[0].partitions[0].error_code,
              ErrorCode::none);
    node.world().run_for(6'000);
    wire::DeleteTopicsRequest remove;
    remove.topics.push_back({.name = "t"});
    ASSERT_EQ(node.ask<wire::DeleteTopicsResponse>(remove).responses[0].error_code, ErrorCode::none);
  }
};

TEST_F(ATopicMadeAgain, LosesNothingToItsPredecessorsCheckpoints) {
  delete_one_with_checkpoints();
  node.create_topic("t");
  for (int n = 0; n < 2; ++n) ASSERT_EQ(produce("t", 0), ErrorCode::none);
  node.kill();
  ASSERT_TRUE(node.start());
  EXPECT_EQ(fetch("t", 0).high_watermark, 2);
  EXPECT_EQ(earliest("t", 0), 0);
}

TEST_F(ATopicMadeAgain, BeginsAtNoughtAfterACrash) {
  delete_one_with_checkpoints();
  node.kill();
  ASSERT_TRUE(node.start());
  node.create_topic("t");
  ASSERT_EQ(produce("t", 0), ErrorCode::none);
  EXPECT_EQ(fetch("t", 0).high_watermark, 1);
  EXPECT_EQ(earliest("t", 0), 0);
}

}  // namespace
}  // namespace kt::node
