#include <algorithm>
#include <set>

#include "libbroker/log/log.h"
#include "libbroker/log/meta_files.h"
#include "libbroker/log/open_files.h"
#include "libbroker/node/format_files.h"
#include "libbroker/node/metadata_snapshot.h"
#include "libbroker/wire/18_api_versions.h"
#include "tests/unit/node/node_fixture.h"

namespace kt::node {
namespace {

/// A node that writes snapshots of its metadata every few records.
class Snapshots : public NodeFixture {
 protected:
  const std::string metadata_ = std::string(data) + "/__cluster_metadata-0";

  Snapshots() { properties_["metadata.log.max.record.bytes.between.snapshots"] = "1000"; }
  std::vector<SnapshotFile> snapshots() {
    auto files = list_snapshots(disk(), metadata_);
    return files ? std::move(*files) : std::vector<SnapshotFile>{};
  }
  std::vector<std::string> files(std::string_view ending) {
    std::vector<std::string> found;
    for (const std::string& path : disk().files()) {
      if (path.starts_with(metadata_) && path.ends_with(ending)) found.push_back(path);
    }
    return found;
  }
  std::set<std::string> topics() {
    wire::MetadataRequest request;
    request.topics.reset();
    const auto response = ask<wire::MetadataResponse>(std::move(request), {.version_max = 9});
    EXPECT_TRUE(response) << response.error().message;
    std::set<std::string> names;
    for (const auto& topic : response->topics) names.insert(topic.name.value_or(""));
    return names;
  }
  void create_some(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string name = "topic-" + std::to_string(expected_.size());
      create_topic(name, {{"retention.ms", "123456"}}, 2);
      expected_.insert(name);
    }
  }
  std::set<std::string> expected_;
};

TEST_F(Snapshots, AreWrittenAndReadBackWithTheLogAfterThem) {
  start();
  create_some(20);
  run_until([&] { return snapshots().size() >= 3; });
  for (const SnapshotFile& file : snapshots()) {
    const auto snapshot = read_snapshot(disk(), metadata_, file.id);
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    metadata::ImageBuilder image{metadata::Image{}};
    for (const metadata::Record& record : snapshot->records) image.apply(record);
    EXPECT_GT(std::move(image).freeze({}).metadata_version(), 0) << file.path;
  }
  for (const bool is_clean : {true, false}) {
    is_clean ? stop() : kill();
    start();
    EXPECT_EQ(topics(), expected_);
    create_some(3);
    EXPECT_EQ(produce("topic-3", {{"k", "v"}}), is_clean ? 0 : 1);
  }
}

TEST_F(Snapshots, TheLogBeforeOneGoes) {
  properties_["metadata.max.retention.bytes"] = "3000";
  properties_["metadata.log.segment.ms"] = "1000";
  start();
  for (int i = 0; i < 6; ++i) {
    create_some(5);
    world_.run_for(2'000);
  }
  run_until([&] { return files(".log").front().find("/00000000000000000000.log") == std::string::npos; },
            200'000);
  EXPECT_FALSE(snapshots().empty());
  EXPECT_LE(snapshots().size(), 3u);
  EXPECT_TRUE(files(".deleted").empty());
  for (const bool is_clean : {true, false, true}) {
    is_clean ? stop() : kill();
    start();
    EXPECT_EQ(topics(), expected_);
    create_some(2);
    world_.run_for(2'000);
  }
}

TEST_F(Snapshots, ALogThatIsGoneBeginsAtTheSnapshot) {
  start();
  create_some(10);
  run_until([&] { return snapshots().size() >= 2; });
  world_.run_for(100);
  const int64_t covered = snapshots().back().id.offset;
  stop();
  disk().attach();
  for (const std::string& path : disk().files()) {
    const bool is_log = path.starts_with(metadata_ + "/0") && !path.ends_with(".checkpoint");
    if (is_log) {
      ASSERT_TRUE(disk().remove(path));
    }
  }
  start();
  const auto known = topics();
  EXPECT_FALSE(known.empty());
  EXPECT_TRUE(std::ranges::includes(expected_, known));
  create_topic("new");
  EXPECT_GT(covered, 0);
}

TEST_F(Snapshots, ABrokenOneIsNamed) {
  start();
  create_some(10);
  run_until([&] { return !snapshots().empty(); });
  stop();
  disk().attach();
  const std::string path = snapshots().back().path;
  ASSERT_TRUE(disk().flip_bits(path, 100, std::byte{1}));
  begin_start();
  run_until([this] { return broker().serving.has_value(); });
  ASSERT_FALSE(*broker().serving);
  EXPECT_NE(broker().serving->error().message.find(path), std::string::npos)
      << broker().serving->error().message;
}

TEST_F(Snapshots, APowerCutAtAnyStepLosesNothing) {
  properties_["metadata.max.retention.bytes"] = "2000";
  properties_["metadata.log.segment.ms"] = "100";
  start();
  for (uint64_t changes = 0; changes < 60 && !HasFailure(); changes += 2) {
    SCOPED_TRACE(changes);
    create_some(2);
    world_.run_for(200);
    disk().power_off_after(changes);
    // What is asked for now may or may not be done.
    wire::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    const std::string asked_for = "maybe-" + std::to_string(changes);
    topic.name = asked_for;
    topic.num_partitions = topic.replication_factor = 1;
    const auto response = ask<wire::CreateTopicsResponse>(std::move(request), {.timeout_ms = 300});
    if (response && response->topics.at(0).error_code == ErrorCode::none) expected_.insert(asked_for);
    power_cycle();
    start();
    const auto known = topics();
    EXPECT_TRUE(std::ranges::includes(known, expected_));
    for (const std::string& name : known) expected_.insert(name);
  }
  EXPECT_GT(files(".log").front(), metadata_ + "/00000000000000000000.log") << "nothing was ever removed";
}

/// What a cluster has finalized that this build does not serve.
class Features : public NodeFixture {
 protected:
  void finalize(const std::string& feature, int16_t level) {
    log::OpenFiles files(disk(), 8);
    log::TailBudget tail(1 << 20);
    SeededRng rng(1);
    auto log = log::Log::open({files, tail, rng}, std::string(data) + "/__cluster_metadata-0", {}, {});
    ASSERT_TRUE(log) << log.error().message;
    record::BatchBuilder batch({.base_offset = (*log)->end_offset(),
                                .partition_leader_epoch = (*log)->epochs().latest_epoch().value()});
    const auto value = metadata::encode_record(
        wire::FeatureLevelRecord{.name = feature, .feature_level = level}, metadata::metadata_version_latest);
    batch.append({.timestamp = 1, .value = value});
    ASSERT_TRUE((*log)->append(Slice::own(batch.build()), {.origin = record::Origin::raft}));
    auto job = (*log)->prepare_close();
    auto outcome = job->run(disk());
    ASSERT_TRUE(outcome.result);
    (*log)->finish_flush(std::move(*job), std::move(outcome));
  }
  /// What clients are told of it; -1: nothing.
  int16_t finalized(const std::string& feature) {
    wire::ApiVersionsRequest request;
    request.client_software_name = "test", request.client_software_version = "1";
    const auto response = ask<wire::ApiVersionsResponse>(std::move(request));
    EXPECT_TRUE(response) << response.error().message;
    if (response)
      for (const auto& one : response->finalized_features)
        if (one.name == feature) return one.max_version_level;
    return -1;
  }
};

// Which another may have written by mistake (KAFKA-18979).
TEST_F(Features, ARecordThatNamesTheQuorumsLevelDoesNotCount) {
  start();
  stop();
  disk().attach();
  finalize("kraft.version", 1);
  start();
  EXPECT_GT(finalized("metadata.version"), 0);
  EXPECT_EQ(finalized("kraft.version"), -1);
}

TEST_F(Features, TheQuorumsLevelIsWhatItWasFormattedWith) {
  properties_["controller.quorum.voters"] = "";
  properties_["controller.quorum.bootstrap.servers"] = "broker:9093";
  const std::string metadata = std::string(data) + "/__cluster_metadata-0";
  const Uuid directory{7, 7000};
  const wire::VotersRecord voters{.voters = {{.voter_id = 1,
                                              .voter_directory_id = directory,
                                              .endpoints = {{"CONTROLLER", "broker", 9093}},
                                              .k_raft_version_feature = {0, 1}}}};
  ASSERT_TRUE(disk().make_directory(data));
  ASSERT_TRUE(disk().make_directory(metadata));
  const auto checkpoint = encode_voters_checkpoint(voters, 1);
  ASSERT_TRUE(disk().replace(metadata + "/" + voters_checkpoint_file, std::string(as_text(checkpoint))));
  const log::MetaProperties formatted{
      .version = 1, .cluster_id = "kt-cluster-of-the-tests", .node_id = 1, .directory_id = directory};
  ASSERT_TRUE(log::write_meta_properties(disk(), data, formatted));
  start();
  EXPECT_EQ(finalized("kraft.version"), 1);
}

TEST_F(Features, OfNewerKafkasAreLivedWith) {
  start();
  create_topic("t");
  stop();
  disk().attach();
  finalize("transaction.version", 2);
  finalize("group.version", 1);
  finalize("metadata.version", 27);
  finalize("eligible.leader.replicas.version", 1);
  start();
  EXPECT_EQ(produce("t", {{"k", "v"}}), 0);
  create_topic("u");
  EXPECT_EQ(produce("u", {{"k", "v"}}), 0);
}

TEST_F(Features, ANewerLogIsRefusedInOneLine) {
  start();
  stop();
  disk().attach();
  finalize("metadata.version", 30);
  begin_start();
  run_until([this] { return broker().serving.has_value(); });
  ASSERT_FALSE(*broker().serving);
  const std::string said = broker().serving->error().message;
  EXPECT_NE(said.find("metadata.version 30"), std::string::npos) << said;
  EXPECT_NE(said.find("kafka-features.sh"), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace kt::node
