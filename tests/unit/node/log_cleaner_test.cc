#include <map>
#include <sstream>

#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/09_offset_fetch.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "libbroker/wire/20_delete_topics.h"
#include "libbroker/wire/44_incremental_alter_configs.h"
#include "tests/unit/node/node_fixture.h"

namespace kt::node {
namespace {

constexpr int64_t hour_ms = 3'600'000;

/// A broker whose cleaner looks every few milliseconds. A record whose time is an hour later begins a new
/// segment.
class CleanerFixture : public NodeFixture {
 protected:
  CleanerFixture() {
    properties_["log.cleaner.backoff.ms"] = "20";
    properties_["log.retention.check.interval.ms"] = "1000";
  }
  void create_compacted(const std::string& topic, const std::map<std::string, std::string>& more = {}) {
    std::map<std::string, std::string> configs = more;
    configs.insert(
        {{"cleanup.policy", "compact"}, {"segment.ms", "1000"}, {"min.cleanable.dirty.ratio", "0.01"}});
    create_topic(topic, {configs.begin(), configs.end()});
  }
  std::string clean_offsets() {
    return disk().read_all(std::string(data) + "/cleaner-offset-checkpoint").value_or("");
  }
  void wait_until_clean(const std::string& topic, int64_t offset) {
    const std::string line = "\n" + topic + " 0 " + std::to_string(offset) + "\n";
    run_until([&] { return clean_offsets().find(line) != std::string::npos; });
  }
  int64_t now_ms() { return broker_machine().clock().wall_ms(); }
  /// What a reader of the whole topic knows at its end.
  std::map<std::string, std::string> view(const std::string& topic) {
    std::map<std::string, std::string> newest;
    std::istringstream lines(table(topic));
    for (std::string line; std::getline(lines, line);) {
      const size_t key = line.find(' ') + 1, value = line.find('=');
      newest[line.substr(key, value - key)] = line.substr(value + 1);
    }
    return newest;
  }
  std::vector<std::string> files_of(const std::string& topic) {
    std::vector<std::string> found;
    for (const std::string& path : disk().files()) {
      if (path.find("/" + topic + "-0/") != std::string::npos) found.push_back(path);
    }
    return found;
  }
};

class BooksTable : public CleanerFixture {};

TEST_F(BooksTable, IsCompactedAsPrinted) {
  start();
  create_compacted("table");
  const int64_t t = now_ms();
  for (int i = 0; i < 13; ++i) produce("table", {{std::vector{"K1", "K5", "K2"}[i % 3], "any", t}});
  for (const Sent& row : {Sent{"K1", "V5", t}, Sent{"K5", "x", t}, Sent{"K2", "x", t}, Sent{"K5", "x", t},
                          Sent{"K5", "V2", t}, Sent{"K2", "x", t}, Sent{"K2", "V7", t}})
    produce("table", {row});
  const int64_t u = t + hour_ms / 2;
  EXPECT_EQ(produce("table", {{"K7", "V1", u}}), 20);
  wait_until_clean("table", 20);
  EXPECT_EQ(table("table"), "13 K1=V5\n17 K5=V2\n19 K2=V7\n20 K7=V1\n");

  for (const Sent& row :
       {Sent{"K8", "V4", u}, Sent{"K4", "V6", u}, Sent{"K1", "V1", u}, Sent{"K1", "V2", u},
        Sent{"K1", "V9", u}, Sent{"K9", "V6", u}, Sent{"K8", "V22", u}, Sent{"K2", "V25", u}})
    produce("table", {row});
  EXPECT_EQ(produce("table", {{"roll", "", u + hour_ms / 4}}), 29);
  wait_until_clean("table", 29);
  const std::string after =
      "17 K5=V2\n20 K7=V1\n22 K4=V6\n25 K1=V9\n26 K9=V6\n27 K8=V22\n28 K2=V25\n29 roll=\n";
  EXPECT_EQ(table("table"), after);
  for (const std::string& path : files_of("table")) {
    EXPECT_FALSE(path.ends_with(".deleted") || path.ends_with(".cleaned") || path.ends_with(".swap")) << path;
  }
  stop();
  start();
  EXPECT_EQ(table("table"), after);
  EXPECT_EQ(produce("table", {{"K1", "V10"}}), 30);
}

class Due : public CleanerFixture {};

TEST_F(Due, TheDirtyRatioDecidesAndMayChange) {
  start();
  create_compacted("t", {{"min.cleanable.dirty.ratio", "0.9"}});
  const int64_t t = now_ms();
  for (int i = 0; i < 20; ++i) produce("t", {{"k" + std::to_string(i), std::string(100, 'x'), t}});
  produce("t", {{"k0", "2", t + 2000}});
  wait_until_clean("t", 20);
  produce("t", {{"k0", "3", t + 4000}});  // the second segment is sealed, and little beside the first
  world_.run_for(1'000);
  EXPECT_EQ(clean_offsets().find("t 0 21"), std::string::npos);
  wire::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = "t";
  resource.configs.push_back({.name = "min.cleanable.dirty.ratio", .config_operation = 0, .value = "0.001"});
  const auto response = ask<wire::IncrementalAlterConfigsResponse>(std::move(request));
  ASSERT_TRUE(response && response->responses.at(0).error_code == ErrorCode::none);
  wait_until_clean("t", 21);
}

TEST_F(Due, RecordsYoungerThanTheLagStay) {
  start();
  create_compacted("t", {{"min.compaction.lag.ms", "10000"}});
  const int64_t t = now_ms();
  produce("t", {{"k", "1", t}});
  produce("t", {{"k", "2", t + 2000}});
  world_.run_for(5'000);
  EXPECT_EQ(table("t"), "0 k=1\n1 k=2\n");
  wait_until_clean("t", 1);
  EXPECT_GE(now_ms(), t + 10'000);
}

TEST_F(Due, CompactAndDeleteGoesByRetentionToo) {
  start();
  create_compacted(
      "t", {{"cleanup.policy", "compact,delete"}, {"retention.ms", "60000"}, {"file.delete.delay.ms", "0"}});
  const int64_t t = now_ms();
  produce("t", {{"a", "1", t}, {"a", "2", t}, {"b", "1", t}});
  produce("t", {{"c", "1", t + 2000}});
  wait_until_clean("t", 3);
  EXPECT_EQ(table("t"), "1 a=2\n2 b=1\n3 c=1\n");
  world_.run_for(61'000);
  const auto response = fetch("t", 1);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->responses[0].partitions[0].error_code, ErrorCode::offset_out_of_range);
}

TEST_F(Due, OffAsConfigured) {
  properties_["log.cleaner.enable"] = "false";
  start();
  create_compacted("t");
  const int64_t t = now_ms();
  produce("t", {{"k", "1", t}});
  produce("t", {{"k", "2", t + 2000}});
  world_.run_for(2'000);
  EXPECT_EQ(table("t"), "0 k=1\n1 k=2\n");
}

class Throttle : public CleanerFixture {};

TEST_F(Throttle, NoMoreBytesASecondThanAllowed) {
  properties_["log.cleaner.io.max.bytes.per.second"] = "50000";
  start();
  create_compacted("t");
  const int64_t t = now_ms();
  for (int i = 0; i < 100; ++i) produce("t", {{"k" + std::to_string(i), std::string(5'000, 'x'), t}});
  produce("t", {{"roll", "", t + 2000}});
  const int64_t begun_ms = now_ms();
  wait_until_clean("t", 100);
  // Read twice, 500 kB each; what is left, less than 1 MiB, is written in the last step, which is not waited for.
  EXPECT_GT(now_ms() - begun_ms, 19'000);
  EXPECT_LT(now_ms() - begun_ms, 40'000);
}

class Broken : public CleanerFixture {};

TEST_F(Broken, ALogThatCannotBeReadIsLeftAloneAndTheOthersAreNot) {
  properties_["log.cleaner.enable"] = "false";
  start();
  create_compacted("bad", {{"min.cleanable.dirty.ratio", "0"}});
  create_compacted("good");
  const int64_t t = now_ms();
  for (const char* topic : {"bad", "good"}) {
    for (int i = 0; i < 5; ++i) produce(topic, {{"k", std::to_string(i), t}});
    produce(topic, {{"k", "last", t + 2000}});
  }
  stop();
  ASSERT_TRUE(disk().flip_bits(std::string(data) + "/bad-0/00000000000000000000.log", 100, std::byte{1}));
  properties_["log.cleaner.enable"] = "true";
  start();
  wait_until_clean("good", 5);
  EXPECT_EQ(table("good"), "4 k=4\n5 k=last\n");
  world_.run_for(1'000);
  EXPECT_EQ(clean_offsets().find("bad"), std::string::npos);
  EXPECT_EQ(produce("bad", {{"k", "goes on"}}), 6);
  for (const std::string& path : files_of("bad")) EXPECT_FALSE(path.ends_with(".cleaned")) << path;
}

class Gone : public CleanerFixture {};

TEST_F(Gone, ATopicDeletedWhileItIsCleanedLeavesNothingToItsSuccessor) {
  properties_["log.cleaner.io.max.bytes.per.second"] = "100000";
  start();
  for (int round = 0; round < 2; ++round) {
    create_compacted("t");
    const int64_t t = now_ms();
    for (int i = 0; i < 40; ++i) produce("t", {{"k" + std::to_string(i % 20), std::string(5'000, 'x'), t}});
    produce("t", {{"roll", "", t + 2000}});
    world_.run_for(500 + round * 2000);
    wire::DeleteTopicsRequest request;
    request.topic_names.push_back("t");
    request.timeout_ms = 30'000;
    const auto response = ask<wire::DeleteTopicsResponse>(std::move(request), {.version_max = 5});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(clean_offsets().find("t 0"), std::string::npos);
  }
  create_compacted("t");
  const int64_t t = now_ms();
  for (int i = 0; i < 5; ++i) produce("t", {{"k", std::to_string(i), t}});
  produce("t", {{"roll", "", t + 2000}});
  wait_until_clean("t", 5);
  EXPECT_EQ(table("t"), "4 k=4\n5 roll=\n");
}

class Offsets : public CleanerFixture {};

TEST_F(Offsets, GroupOffsetsAreCompactedAndKept) {
  properties_["offsets.topic.segment.bytes"] = "2000";
  properties_["offsets.topic.num.partitions"] = "1";
  start();
  create_topic("t");
  const auto commit = [&](int64_t offset) {
    wire::OffsetCommitRequest request;
    request.group_id = "g";
    request.generation_id_or_member_epoch = -1;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = 0;
    partition.committed_offset = offset;
    const auto response = ask<wire::OffsetCommitResponse>(std::move(request), {.version_max = 8});
    return response && response->topics.at(0).partitions.at(0).error_code == ErrorCode::none;
  };
  const auto committed = [&] {
    wire::OffsetFetchRequest request;
    auto& group = request.groups.emplace_back();
    group.group_id = "g";
    auto& topic = group.topics->emplace_back();
    topic.name = "t";
    topic.partition_indexes = {0};
    const auto response = ask<wire::OffsetFetchResponse>(std::move(request), {.version_max = 8});
    if (!response || response->groups.at(0).error_code != ErrorCode::none) return int64_t{-2};
    return response->groups[0].topics.at(0).partitions.at(0).committed_offset;
  };
  wire::FindCoordinatorRequest find;
  find.key = "g";
  ASSERT_TRUE(ask<wire::FindCoordinatorResponse>(find, {.version_max = 3}));  // makes the topic
  bool is_there = false;
  for (int i = 0; i < 1000 && !is_there; ++i) is_there = commit(0);
  ASSERT_TRUE(is_there);
  for (int64_t offset = 1; offset < 200; ++offset) ASSERT_TRUE(commit(offset));
  run_until([&] { return clean_offsets().find("__consumer_offsets 0 ") != std::string::npos; });
  for (int64_t offset = 200; offset < 250; ++offset) ASSERT_TRUE(commit(offset));
  uint64_t bytes = 0;
  for (const std::string& path : files_of("__consumer_offsets")) bytes += disk().size_of(path);
  EXPECT_LT(bytes, 10'000u);
  kill();
  start();
  int64_t found = -2;
  for (int i = 0; i < 1000 && found == -2; ++i) found = committed();
  EXPECT_EQ(found, 249);
}

/// The power fails after each number of changes that a cleaning makes; nothing is lost, and the cleaning is
/// done again.
class PowerCut : public CleanerFixture {};

TEST_F(PowerCut, AtAnyStepLosesNothing) {
  start();
  create_compacted("t", {{"flush.messages", "1"}});
  int64_t t = now_ms();
  bool is_swept = false;
  for (uint64_t changes = 0; changes < 300 && !is_swept && !HasFailure(); changes += 2) {
    SCOPED_TRACE(changes);
    for (uint64_t i = 0; i < 6; ++i)
      produce("t", {{"k" + std::to_string((changes / 2 + i) % 5), std::to_string(changes + i), t}});
    const auto before = view("t");
    t += 2000;
    const int64_t roll = produce("t", {{"roll", std::to_string(changes), t}});
    disk().power_off_after(changes);
    world_.run_for(200);
    is_swept = clean_offsets().find("t 0 " + std::to_string(roll)) != std::string::npos;
    power_cycle();
    start();
    auto expected = before;
    expected["roll"] = std::to_string(changes);
    // What recovery found is told once it is flushed.
    for (int i = 0; i < 100 && view("t") != expected; ++i) world_.run_for(1);
    EXPECT_EQ(view("t"), expected);
    wait_until_clean("t", roll);
    EXPECT_EQ(view("t"), expected);
    t += 2000;
  }
  EXPECT_TRUE(is_swept) << "the last cut came before the cleaning's end";
}

}  // namespace
}  // namespace kt::node
