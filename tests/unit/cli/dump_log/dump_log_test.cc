// The layout is that of kafka-dump-log.sh of Kafka 4.1.2, whose output on the files of a kt and of an Apache
// Kafka node was compared line by line.
#include "libcli/commands/dump_log/dump_log.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "libbroker/base/bytes.h"
#include "libbroker/log/producer_snapshot.h"
#include "libbroker/log/txn_index.h"
#include "libbroker/node/format_files.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/control.h"
#include "libbroker/wire/encoder.h"
#include "libbroker/wire/group_records.h"
#include "tests/unit/cli/world.h"
#include "tests/unit/record/bytes_of.h"

namespace kt::cli::dump_log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

const Command* const only[] = {&command};
constexpr const char* segment = "00000000000000000005";

class DumpLogTool : public testing::Test {
 protected:
  DumpLogTool() {
    std::string name = (std::filesystem::temp_directory_path() / "kt-dump-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~DumpLogTool() override { std::filesystem::remove_all(root_); }

  std::string path(const std::string& suffix) const { return root_ + "/" + segment + suffix; }
  void write(const std::string& suffix, std::span<const std::byte> bytes) {
    ASSERT_TRUE(world_.disk.replace(path(suffix), as_text(bytes)));
  }
  int dump(const std::string& suffix, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--files", path(suffix)});
    return world_.run(only, "kafka-dump-log.sh", more);
  }

  static std::vector<std::byte> two_records(record::Codec codec = record::Codec::none) {
    record::BatchBuilder batch({.base_offset = 5,
                                .partition_leader_epoch = 3,
                                .codec = codec,
                                .producer_id = 4000,
                                .producer_epoch = 1,
                                .base_sequence = 7});
    const record::Header headers[] = {{"trace", as_bytes("1")}, {"src", {}}};
    batch.append({.timestamp = 1000, .key = as_bytes("alice"), .value = as_bytes("{}"), .headers = headers});
    batch.append({.timestamp = 1007, .value = as_bytes("hello")});
    return batch.build();
  }

  std::string root_;
  World world_;
};

TEST_F(DumpLogTool, ShowsBatchesAndRecords) {
  for (const auto codec : {record::Codec::none, record::Codec::zstd}) {
    const auto bytes = two_records(codec);
    write(".log", bytes);
    const auto batch = *record::BatchView::parse(bytes);
    ASSERT_EQ(dump(".log", {"--print-data-log"}), 0) << world_.err;
    EXPECT_EQ(world_.out,
              fmt::format("Dumping {}\nLog starting offset: 5\n"
                          "baseOffset: 5 lastOffset: 6 count: 2 baseSequence: 7 lastSequence: 8 producerId: "
                          "4000 producerEpoch: 1 "
                          "partitionLeaderEpoch: 3 isTransactional: false isControl: false deleteHorizonMs: "
                          "OptionalLong.empty position: 0 "
                          "CreateTime: 1007 size: {} magic: 2 compresscodec: {} crc: {} isvalid: true\n"
                          "| offset: 5 CreateTime: 1000 keySize: 5 valueSize: 2 sequence: 7 headerKeys: "
                          "[trace,src] key: alice payload: {{}}\n"
                          "| offset: 6 CreateTime: 1007 keySize: -1 valueSize: 5 sequence: 8 headerKeys: [] "
                          "payload: hello\n",
                          path(".log"), bytes.size(), record::name_of(codec), batch.crc()));
  }
}

TEST_F(DumpLogTool, ShowsAsMuchAsIsAskedFor) {
  write(".log", two_records());
  dump(".log");
  EXPECT_THAT(world_.out, Not(HasSubstr("| ")));
  dump(".log", {"--deep-iteration"});
  EXPECT_THAT(world_.out, AllOf(HasSubstr("| offset: 6"), Not(HasSubstr("payload"))));
  dump(".log", {"--print-data-log", "--skip-record-metadata"});
  EXPECT_THAT(world_.out, HasSubstr("\n| key: alice payload: {}\n payload: hello\n"));
  dump(".log", {"--max-bytes", "10"});
  EXPECT_THAT(world_.out, EndsWith("Log starting offset: 5\n"));
}

TEST_F(DumpLogTool, FindsWhatDoesNotBelong) {
  auto bytes = two_records();
  record::assign_offset(bytes, 9, 3);
  auto file = two_records();
  file.insert(file.end(), bytes.begin(), bytes.end());
  file[file.size() - 2] ^= std::byte{1};  // the last value rots
  file.resize(file.size() + 12);
  write(".log", file);
  EXPECT_EQ(dump(".log", {"--deep-iteration"}), 0);
  EXPECT_THAT(world_.out, HasSubstr("isvalid: false\n"));
  EXPECT_THAT(world_.out, EndsWith(fmt::format("Found 12 invalid bytes at the end of {}.log\n", segment)));
  EXPECT_EQ(world_.err, "Non-consecutive offsets in " + path(".log") + "\n  6 is followed by 9\n");
}

TEST_F(DumpLogTool, ChecksIndexes) {
  write(".log", two_records());
  std::vector<std::byte> index(16), times(12);
  store_be<int32_t>(&index[0], 1);  // offset 6 at 0: right
  store_be<int32_t>(&index[8], 4);  // offset 9 at 0: wrong
  store_be<int64_t>(&times[0], 1008);
  store_be<int32_t>(&times[8], 1);
  write(".index", index);
  write(".timeindex", times);
  EXPECT_EQ(dump(".index"), 0);
  EXPECT_THAT(world_.out, EndsWith("\noffset: 6 position: 0\noffset: 9 position: 0\n"));
  EXPECT_EQ(world_.err, "Mismatches in :" + path(".index") + "\n  Index offset: 9, log offset: 6\n");
  EXPECT_EQ(dump(".index", {"--index-sanity-check"}), 0);
  EXPECT_THAT(world_.out, EndsWith(".index passed sanity check.\n"));
  EXPECT_EQ(dump(".timeindex", {"--verify-index-only"}), 0);
  EXPECT_EQ(world_.out, "Dumping " + path(".timeindex") + "\n");
  EXPECT_EQ(world_.err, "Found timestamp mismatch in :" + path(".timeindex") +
                            "\n  Index timestamp: 1008, log timestamp: 1007\n");
  write(".index", {});
  dump(".index");
  EXPECT_THAT(world_.out, EndsWith(".index is empty.\n"));
}

TEST_F(DumpLogTool, ShowsProducersAndAbortedTransactions) {
  const record::ProducerSnapshot producers[] = {
      {.producer_id = 9,
       .epoch = 2,
       .last_sequence = 1,
       .last_offset = 8,
       .offset_delta = 3,
       .timestamp = 77,
       .open_transaction_first_offset = 5},
      {.producer_id = 10, .epoch = 0, .timestamp = 78, .coordinator_epoch = 4}};
  write(".snapshot", log::encode_producer_snapshot(producers));
  EXPECT_EQ(dump(".snapshot"), 0);
  EXPECT_THAT(
      world_.out,
      EndsWith("\nproducerId: 9 producerEpoch: 2 coordinatorEpoch: -1 currentTxnFirstOffset: OptionalLong[5] "
               "lastTimestamp: 77 "
               "firstSequence: 2147483646 lastSequence: 1 lastOffset: 8 offsetDelta: 3 timestamp: 77\n"
               "producerId: 10 producerEpoch: 0 coordinatorEpoch: 4 currentTxnFirstOffset: "
               "OptionalLong.empty lastTimestamp: 78 \n"));
  log::TxnIndex aborted(*log::TxnIndex::parse(5, {}));
  aborted.append({.producer_id = 9, .first_offset = 5, .last_offset = 9, .last_stable_offset = 10});
  write(".txnindex", aborted.encode());
  EXPECT_EQ(dump(".txnindex"), 0);
  EXPECT_THAT(world_.out,
              EndsWith("\nversion: 0 producerId: 9 firstOffset: 5 lastOffset: 9 lastStableOffset: 10\n"));
}

TEST_F(DumpLogTool, ReadsCoordinatorsRecords) {
  const auto numbered = [](int16_t number, const std::vector<std::byte>& message) {
    std::vector<std::byte> bytes(2);
    store_be<int16_t>(bytes.data(), number);
    bytes.insert(bytes.end(), message.begin(), message.end());
    return bytes;
  };
  const auto key = numbered(1, wire::encode_bytes(wire::OffsetCommitKey{"g", "t", 3}, 0));
  const auto value =
      numbered(3, wire::encode_bytes(wire::OffsetCommitValue{.offset = 42, .commit_timestamp = 9}, 3));
  const auto foreign = numbered(99, {});
  record::BatchBuilder batch({.base_offset = 5});
  batch.append({.timestamp = 1, .key = key, .value = value});
  batch.append({.timestamp = 1, .key = key});
  batch.append({.timestamp = 1, .key = foreign});
  batch.append({.timestamp = 1, .value = value});
  write(".log", batch.build());
  EXPECT_EQ(dump(".log", {"--offsets-decoder", "--skip-record-metadata"}), 1);
  EXPECT_THAT(
      world_.err,
      HasSubstr(
          "Failed to decode message at offset 8 using the specified decoder (message had a missing key)"));
  const std::string shown = R"(| key: {"type":"1","data":{"group":"g","topic":"t","partition":3}} payload: )";
  EXPECT_THAT(
      world_.out,
      EndsWith("\n" + shown +
               R"({"version":"3","data":{"offset":42,"leaderEpoch":-1,"metadata":"","commitTimestamp":9}})" +
               "\n" + shown + "<DELETE>\n| key: Unknown record type 99 at offset 7, skipping.\n"));
}

// The bytes are those of Kafka 4.1.2's ShareSnapshotKey, ShareSnapshotValue, ShareUpdateKey and
// ShareUpdateValue.
TEST_F(DumpLogTool, ReadsTheStateOfShareGroups) {
  const auto snapshot_key = record::from_hex("00000001670000000000000001000000000000000200000003");
  const auto snapshot = record::from_hex(
      "000000000001000000020000000300000000000000040000000000000005000000000000000602"
      "000000000000000700000000000000080200090000");
  const auto update_key = record::from_hex("00010001670000000000000001000000000000000200000003");
  const auto update =
      record::from_hex("00000000000100000003000000000000000402000000000000000700000000000000080200090000");
  record::BatchBuilder batch({.base_offset = 5});
  batch.append({.timestamp = 1, .key = snapshot_key, .value = snapshot});
  batch.append({.timestamp = 1, .key = update_key, .value = update});
  batch.append({.timestamp = 1, .key = update_key});
  write(".log", batch.build());
  EXPECT_EQ(dump(".log", {"--share-group-state-decoder", "--skip-record-metadata"}), 0);
  const std::string of =
      R"("data":{"groupId":"g","topicId":"AAAAAAAAAAEAAAAAAAAAAg","partition":3}} payload: )";
  const std::string batches =
      R"("stateBatches":[{"firstOffset":7,"lastOffset":8,"deliveryState":2,"deliveryCount":9}]}})";
  EXPECT_THAT(world_.out,
              EndsWith(R"(| key: {"type":"0",)" + of +
                       R"({"version":"0","data":{"snapshotEpoch":1,"stateEpoch":2,"leaderEpoch":3,)"
                       R"("startOffset":4,"createTimestamp":5,"writeTimestamp":6,)" +
                       batches + "\n" + R"(| key: {"type":"1",)" + of +
                       R"({"version":"0","data":{"snapshotEpoch":1,"leaderEpoch":3,"startOffset":4,)" +
                       batches + "\n" + R"(| key: {"type":"1",)" + of + "<DELETE>\n"));
}

TEST_F(DumpLogTool, ReadsMetadataAndItsControlRecords) {
  const std::string file = root_ + "/bootstrap.checkpoint";
  wire::FeatureLevelRecord level;
  level.name = "metadata.version";
  level.feature_level = 25;
  ASSERT_TRUE(world_.disk.replace(file, as_text(node::encode_bootstrap_checkpoint({level}, 25, 1))));
  EXPECT_EQ(world_.run(only, "kafka-dump-log.sh", {"--cluster-metadata-decoder", "--files", file}), 0);
  EXPECT_THAT(world_.out, HasSubstr("\nKRaft bootstrap snapshot\nbaseOffset: 0 "));
  EXPECT_THAT(world_.out, HasSubstr(R"( SnapshotHeader {"version":0,"lastContainedLogTimestamp":0})"));
  EXPECT_THAT(
      world_.out,
      HasSubstr(
          R"( payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"metadata.version","featureLevel":25}})"));
  const auto commit = record::encode_control_key(record::ControlType::commit);
  const auto epoch = record::encode_end_marker(3);
  record::BatchBuilder marker({.base_offset = 5,
                               .producer_id = 1,
                               .producer_epoch = 0,
                               .is_transactional = true,
                               .is_control = true});
  marker.append({.timestamp = 1, .key = commit, .value = epoch});
  write(".log", marker.build());
  dump(".log", {"--deep-iteration"});
  EXPECT_THAT(world_.out, EndsWith(" endTxnMarker: COMMIT coordinatorEpoch: 3\n"));
}

TEST_F(DumpLogTool, RefusesWhatItCannotRead) {
  write(".log", two_records());
  EXPECT_EQ(dump(".log", {"--remote-log-metadata-decoder"}), 1);
  EXPECT_THAT(world_.err, HasSubstr("kt cannot read the records of tiered storage"));
  ASSERT_TRUE(world_.disk.remove(path(".log")));
  EXPECT_EQ(world_.run(only, "kafka-dump-log.sh", {"--files", root_ + "/meta.properties"}), 0);
  EXPECT_EQ(world_.err, "Ignoring unknown file " + root_ + "/meta.properties\n");
  EXPECT_EQ(dump(".log"), 1);
  EXPECT_THAT(world_.err, HasSubstr(path(".log")));
  EXPECT_EQ(world_.run(only, "kafka-dump-log.sh", {"--deep-iteration"}), 1);
  EXPECT_THAT(world_.err, HasSubstr("Missing required argument \"[files]\""));
}

}  // namespace
}  // namespace kt::cli::dump_log
