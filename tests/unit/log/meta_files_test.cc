#include "libbroker/log/meta_files.h"

#include <gtest/gtest.h>

#include "libbroker/base/rng.h"
#include "libbroker/log/checkpoints.h"
#include "libbroker/sim/sim_disk.h"

namespace kt::log {
namespace {

class MetaFiles : public testing::Test {
 protected:
  MetaFiles() { EXPECT_TRUE(disk_.make_directory("/data")); }
  void put(const std::string& path, std::string_view text) { ASSERT_TRUE(disk_.replace(path, text)); }

  SeededRng rng_{1};
  sim::SimDisk disk_{rng_};
};

TEST_F(MetaFiles, OffsetCheckpointIsKafkasText) {
  const OffsetCheckpoint offsets = {{{"my-topic", 10}, 7}, {{"__consumer_offsets", 0}, 0}};
  ASSERT_TRUE(write_offset_checkpoint(disk_, "/data/recovery-point-offset-checkpoint", offsets));
  EXPECT_EQ(*disk_.read_all("/data/recovery-point-offset-checkpoint"),
            "0\n2\n__consumer_offsets 0 0\nmy-topic 10 7\n");
  EXPECT_EQ(*read_offset_checkpoint(disk_, "/data/recovery-point-offset-checkpoint"), offsets);
}

TEST_F(MetaFiles, MissingAndEmptyCheckpointsHaveNoEntries) {
  EXPECT_TRUE(read_offset_checkpoint(disk_, "/data/none")->empty());
  put("/data/empty", "");
  EXPECT_TRUE(read_epoch_checkpoint(disk_, "/data/empty")->empty());
}

TEST_F(MetaFiles, BrokenCheckpointsAreErrorsThatNameTheLine) {
  for (const char* text :
       {"1\n0\n", "0\nx\n", "0\n1\na 0\n", "0\n1\na b 3\n", "0\n2\na 0 3\n", "0\n0\na 0 3\n"}) {
    put("/data/broken", text);
    const auto read = read_offset_checkpoint(disk_, "/data/broken");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kafka_storage_error);
    EXPECT_NE(read.error().message.find("/data/broken"), std::string::npos);
  }
  for (const char* text : {"0\n1\n-1 0\n", "0\n1\n0 -1\n"}) {
    put("/data/broken", text);
    EXPECT_FALSE(read_epoch_checkpoint(disk_, "/data/broken")) << text;
  }
}

TEST_F(MetaFiles, EpochCheckpointIsKafkasText) {
  const EpochEntries entries = {{0, 0}, {5, 120}};
  ASSERT_TRUE(write_epoch_checkpoint(disk_, "/data/leader-epoch-checkpoint", entries));
  EXPECT_EQ(*disk_.read_all("/data/leader-epoch-checkpoint"), "0\n2\n0 0\n5 120\n");
  EXPECT_EQ(*read_epoch_checkpoint(disk_, "/data/leader-epoch-checkpoint"), entries);
}

TEST_F(MetaFiles, MetaPropertiesAsJavaWritesThem) {
  EXPECT_FALSE(read_meta_properties(disk_, "/data")->has_value());
  put("/data/meta.properties",
      "#\n#Wed Sep 17 10:00:00 UTC 2025\ncluster.id=4L6g3nShT-eMCtK--X86sw\nversion=1\n"
      "directory.id=2oHGoeJmQnCYz6Ipx7PdUg\nnode.id=3\n");
  const auto read = read_meta_properties(disk_, "/data");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->cluster_id, "4L6g3nShT-eMCtK--X86sw");
  EXPECT_EQ((*read)->node_id, 3);
  EXPECT_EQ((*read)->directory_id->text(), "2oHGoeJmQnCYz6Ipx7PdUg");
}

TEST_F(MetaFiles, MetaPropertiesComeBack) {
  for (const MetaProperties& properties :
       {MetaProperties{1, "a=b:c\\d", 7, Uuid{1, 2}}, MetaProperties{1, "plain", 0, std::nullopt},
        MetaProperties{0, std::nullopt, 4, std::nullopt}}) {
    ASSERT_TRUE(write_meta_properties(disk_, "/data", properties));
    EXPECT_EQ(**read_meta_properties(disk_, "/data"), properties);
  }
}

TEST_F(MetaFiles, MetaPropertiesThatSayTooLittleAreErrors) {
  for (const char* text :
       {"node.id=1\ncluster.id=x\n", "version=2\nnode.id=1\ncluster.id=x\n", "version=1\ncluster.id=x\n",
        "version=1\nnode.id=x\ncluster.id=x\n", "version=1\nnode.id=1\n",
        "version=1\nnode.id=1\ncluster.id=x\ndirectory.id=short\n"}) {
    put("/data/meta.properties", text);
    EXPECT_FALSE(read_meta_properties(disk_, "/data")) << text;
  }
}

TEST_F(MetaFiles, TopicIdIsKafkasText) {
  EXPECT_FALSE(read_topic_id(disk_, "/data")->has_value());
  const Uuid id{0x0102030405060708, 0x090a0b0c0d0e0f10};
  ASSERT_TRUE(write_topic_id(disk_, "/data", id));
  EXPECT_EQ(*disk_.read_all("/data/partition.metadata"), "version: 0\ntopic_id: AQIDBAUGBwgJCgsMDQ4PEA");
  EXPECT_EQ(*read_topic_id(disk_, "/data"), id);
  put("/data/partition.metadata", "");
  EXPECT_FALSE(read_topic_id(disk_, "/data")->has_value());
  put("/data/partition.metadata", "version: 1\ntopic_id: AQIDBAUGBwgJCgsMDQ4PEA");
  EXPECT_FALSE(read_topic_id(disk_, "/data"));
  put("/data/partition.metadata", "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_FALSE(read_topic_id(disk_, "/data"));
}

TEST_F(MetaFiles, CleanShutdownTellsTheBrokerEpoch) {
  EXPECT_FALSE(read_clean_shutdown(disk_, "/data")->has_value());
  ASSERT_TRUE(write_clean_shutdown(disk_, "/data", {42}));
  EXPECT_EQ(*disk_.read_all("/data/.kafka_cleanshutdown"), R"({"version":0,"brokerEpoch":42})");
  EXPECT_EQ((**read_clean_shutdown(disk_, "/data")).broker_epoch, 42);
  put("/data/.kafka_cleanshutdown", R"({ "brokerEpoch" : -1, "version" : 0 })");
  EXPECT_EQ((**read_clean_shutdown(disk_, "/data")).broker_epoch, -1);
  put("/data/.kafka_cleanshutdown", "");  // Kafka before 3.7
  EXPECT_EQ((**read_clean_shutdown(disk_, "/data")).broker_epoch, -1);
  ASSERT_TRUE(remove_clean_shutdown(disk_, "/data"));
  EXPECT_FALSE(read_clean_shutdown(disk_, "/data")->has_value());
}

TEST(FileNames, SegmentFiles) {
  EXPECT_EQ(file_name(42, log_suffix), "00000000000000000042.log");
  EXPECT_EQ(file_path("/data/t-0", 7, txn_index_suffix), "/data/t-0/00000000000000000007.txnindex");
  const auto swapped = parse_file_name("00000000000000000042.timeindex.swap");
  ASSERT_TRUE(swapped);
  EXPECT_EQ(swapped->offset, 42);
  EXPECT_EQ(swapped->suffix, time_index_suffix);
  EXPECT_EQ(swapped->state, swap_suffix);
  for (const char* name :
       {"partition.metadata", "0.log", "00000000000000000042.logs", "0000000000000000004x.log",
        "00000000000000000000-0000000000.checkpoint", "99999999999999999999.log", ".log"}) {
    EXPECT_FALSE(parse_file_name(name)) << name;
  }
}

TEST(FileNames, PartitionDirectories) {
  using State = PartitionDirectory::State;
  SeededRng rng(3);
  const TopicPartition partition{"a-b.c", 12};
  EXPECT_EQ(directory_name(partition), "a-b.c-12");
  EXPECT_EQ(parse_directory_name("a-b.c-12")->partition, partition);
  for (const State state : {State::deleted, State::future, State::stray}) {
    const auto parsed = parse_directory_name(directory_name(partition, state, rng));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->partition, partition);
    EXPECT_EQ(parsed->state, state);
  }
  EXPECT_EQ(directory_name({std::string(249, 't'), 1}, State::deleted, rng).size(), 255u);
  for (const char* name :
       {"topic", "topic-", "-1", "topic-x", "topic-0-delete", "topic-0.-delete", "topic--1x"}) {
    EXPECT_FALSE(parse_directory_name(name)) << name;
  }
}

}  // namespace
}  // namespace kt::log
