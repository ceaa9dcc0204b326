#include "libbroker/log/log.h"

#include "libbroker/log/meta_files.h"
#include "libbroker/log/replace_file.h"
#include "tests/unit/log/log_fixture.h"

namespace kt::log {
namespace {

using record::Origin;

class LogTest : public LogFixture {};

TEST_F(LogTest, ALogThatIsNotThereIsEmptyAndTouchesNothing) {
  auto log = open();
  EXPECT_EQ(log->end_offset(), 0);
  EXPECT_FALSE(*disk_.exists(directory_));
  EXPECT_TRUE(read(*log, 0, {.upper_bound = 10}).pieces.empty());
  log->assign_epoch(3);
  flush(*log);
  EXPECT_FALSE(log->prepare_close());
  EXPECT_FALSE(*disk_.exists(directory_));
}

TEST_F(LogTest, AnEpochThatBeganBeforeTheFirstRecordIsKept) {
  auto log = open();
  log->assign_epoch(3);
  flush(*log);
  ASSERT_TRUE(append(*log, {.epoch = 3}));
  log = reopen_clean(std::move(log));
  EXPECT_EQ(log->epochs().latest(), (record::EpochCache::Entry{3, 0}));
}

TEST_F(LogTest, AssignsOffsetsAndEpochInPlace) {
  auto log = open({.topic_id = Uuid{1, 2}});
  const auto first = append(*log, {.records = 3, .epoch = 5});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first_offset, 0);
  EXPECT_EQ(first->last_offset, 2);
  EXPECT_EQ(first->log_append_time_ms, -1);
  const auto second = append(*log, {.records = 2, .epoch = 6});
  EXPECT_EQ(second->first_offset, 3);
  EXPECT_EQ(log->end_offset(), 5);
  EXPECT_EQ(log->epochs().entries()[1], (record::EpochCache::Entry{6, 3}));
  EXPECT_TRUE(*disk_.exists(directory_ + "/partition.metadata"));

  auto expected = make_batch({.base_offset = 0, .records = 3, .epoch = 5});
  const auto more = make_batch({.base_offset = 3, .records = 2, .epoch = 6});
  expected.insert(expected.end(), more.begin(), more.end());
  EXPECT_EQ(read_all(*log, 0, 5), expected);
  EXPECT_EQ(read_all(*log, 4, 5), more);
}

TEST_F(LogTest, StampsTheBrokersTime) {
  config_.log_append_time = true;
  auto log = open();
  const auto appended = append(*log, {.records = 2, .timestamp = 5});
  EXPECT_EQ(appended->log_append_time_ms, now_ms_);
  const auto bytes = read_all(*log, 0, 2);
  const auto batch = record::BatchView::parse(bytes);
  ASSERT_TRUE(batch && batch->verify_crc());
  EXPECT_EQ(batch->timestamp_type(), record::TimestampType::log_append_time);
  EXPECT_EQ(batch->max_timestamp(), now_ms_);
}

TEST_F(LogTest, OthersKeepTheirOffsetsWithGaps) {
  auto log = open();
  auto bytes = make_batch({.base_offset = 10, .records = 2, .epoch = 3});
  const auto gap = make_batch({.base_offset = 20, .epoch = 4});
  bytes.insert(bytes.end(), gap.begin(), gap.end());
  const size_t whole = bytes.size();
  bytes.insert(bytes.end(), gap.begin(), gap.begin() + 30);  // cut off, as fetches may be
  const auto appended = replicate(*log, bytes);
  ASSERT_TRUE(appended);
  EXPECT_EQ(appended->first_offset, 10);
  EXPECT_EQ(appended->last_offset, 20);
  EXPECT_EQ(log->end_offset(), 21);
  EXPECT_EQ(read_all(*log, 0, 21), std::vector(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(whole)));
  const auto behind = replicate(*log, make_batch({.base_offset = 20}));
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(replicate(*log, std::vector<std::byte>(5))->last_offset, 20) << "nothing whole, nothing done";
}

TEST_F(LogTest, RefusalsChangeNothing) {
  auto log = open();
  ASSERT_TRUE(append(*log, {.producer_id = 9, .producer_epoch = 0, .sequence = 0}));
  const auto code = [&](std::vector<std::byte> bytes, AppendOptions options) {
    const auto appended = log->append(Slice::own(std::move(bytes)), options);
    EXPECT_EQ(log->end_offset(), 1);
    return appended ? ErrorCode::none : appended.error().code;
  };
  auto corrupt = make_batch({});
  corrupt.back() ^= std::byte{1};
  EXPECT_EQ(code(corrupt, {}), ErrorCode::corrupt_message);
  EXPECT_EQ(code(corrupt, {.origin = Origin::replica}), ErrorCode::corrupt_message);
  EXPECT_EQ(code(std::vector<std::byte>(100), {}), ErrorCode::corrupt_message);
  EXPECT_EQ(code({}, {}), ErrorCode::invalid_record);
  auto two = make_batch({});
  const auto one = two;
  two.insert(two.end(), one.begin(), one.end());
  EXPECT_EQ(code(two, {}), ErrorCode::invalid_record);
  EXPECT_EQ(code(one, {.expected_base = 7}), ErrorCode::offset_out_of_range);
  EXPECT_EQ(code(make_batch({.producer_id = 9, .producer_epoch = 0, .sequence = 5}), {}),
            ErrorCode::out_of_order_sequence_number);
  config_.segment_bytes = 200;
  log->set_config(config_);
  EXPECT_EQ(code(make_batch({.value_bytes = 300}), {}), ErrorCode::record_list_too_large);
}

TEST_F(LogTest, ARetryIsAnsweredAsTheFirstTime) {
  auto log = open();
  const Sample batch{.records = 2, .producer_id = 9, .producer_epoch = 0, .sequence = 0};
  ASSERT_TRUE(append(*log, {}));
  ASSERT_TRUE(append(*log, batch));
  const auto again = append(*log, batch);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->is_duplicate);
  EXPECT_EQ(again->first_offset, 1);
  EXPECT_EQ(again->last_offset, 2);
  EXPECT_EQ(log->end_offset(), 3);
}

TEST_F(LogTest, RollsWhenTheSegmentIsFull) {
  const size_t size = make_batch({}).size();
  config_.segment_bytes = static_cast<uint32_t>(2 * size);
  auto log = open();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append(*log, {}));
  EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 2, 4}));
  EXPECT_EQ(*log->size_bytes(), 5 * size);
  EXPECT_TRUE(log->wants_flush());
  EXPECT_EQ(read_all(*log, 0, 5).size(), 5 * size);
  EXPECT_EQ(read_all(*log, 3, 5, 1).size(), 2 * size);
}

TEST_F(LogTest, AFollowerRollsWhereItsLeaderDid) {
  config_.segment_bytes = 500;
  auto leader = open();
  SeededRng sizes(3);
  std::vector<std::byte> all;
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(append(*leader, {.value_bytes = sizes.below(100)}));
  all = read_all(*leader, 0, 40);
  directory_ = "/data/t-1";
  auto follower = open();
  ASSERT_TRUE(replicate(*follower, all));
  EXPECT_EQ(follower->segment_base_offsets(), leader->segment_base_offsets());
}

TEST_F(LogTest, RollsByTheFirstBatchsTimestamp) {
  config_.segment_ms = 100;
  auto log = open();
  ASSERT_TRUE(append(*log, {.timestamp = 1000}));
  ASSERT_TRUE(append(*log, {.timestamp = 1100}));
  now_ms_ += 1'000'000;  // an idle segment does not roll by itself
  ASSERT_TRUE(append(*log, {.timestamp = 1050}));
  EXPECT_EQ(log->segment_count(), 1u);
  ASSERT_TRUE(append(*log, {.timestamp = 1101}));
  EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 3}));
}

TEST_F(LogTest, RollsByTheClockWithoutTimestamps) {
  config_.segment_ms = 100;
  auto log = open();
  ASSERT_TRUE(append(*log, {.timestamp = -1}));
  now_ms_ += 100;
  ASSERT_TRUE(append(*log, {.timestamp = -1}));
  EXPECT_EQ(log->segment_count(), 1u);
  now_ms_ += 1;
  ASSERT_TRUE(append(*log, {.timestamp = -1}));
  EXPECT_EQ(log->segment_count(), 2u);
}

TEST_F(LogTest, RollsWhenAnIndexIsFull) {
  config_.index_interval_bytes = 0;
  config_.segment_index_bytes = 48;  // six offsets, or three times and one kept for the end
  auto log = open();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(append(*log, {.timestamp = 1000 + i}));
  EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 4}));
}

TEST_F(LogTest, RollsWhenOffsetsSpanTooMuch) {
  auto log = open();
  ASSERT_TRUE(replicate(*log, make_batch({.base_offset = 0})));
  ASSERT_TRUE(replicate(*log, make_batch({.base_offset = 2'147'483'647})));
  EXPECT_EQ(log->segment_count(), 1u);
  ASSERT_TRUE(replicate(*log, make_batch({.base_offset = 2'147'483'648})));
  EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 2'147'483'648}));
}

TEST_F(LogTest, CleanlyClosedFilesAreKafkas) {
  config_.index_interval_bytes = 100;
  auto log = open({.topic_id = Uuid{1, 2}});
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(*log, {.timestamp = 1000 + 10 * i}));
  const size_t size = make_batch({}).size();
  ASSERT_GT(2 * size, 100u);
  ASSERT_LT(size, 100u);
  ASSERT_TRUE(log->roll(now_ms_));
  ASSERT_TRUE(append(*log, {.timestamp = 1035}));
  EXPECT_EQ(close(std::move(log)), 5);
  EXPECT_EQ(names(),
            (std::vector<std::string>{"00000000000000000000.index", "00000000000000000000.log",
                                      "00000000000000000000.timeindex", "00000000000000000004.index",
                                      "00000000000000000004.log", "00000000000000000004.snapshot",
                                      "00000000000000000004.timeindex", "00000000000000000005.snapshot",
                                      "leader-epoch-checkpoint", "partition.metadata"}));
  OffsetIndex offsets(0);
  offsets.append({2, static_cast<uint32_t>(2 * size)});
  EXPECT_EQ(contents("00000000000000000000.index"), as_text(offsets.encode()));
  TimeIndex times(0);
  times.maybe_append({1020, 2});
  times.maybe_append({1030, 3});  // added when the segment was left
  EXPECT_EQ(contents("00000000000000000000.timeindex"), as_text(times.encode()));
  EXPECT_EQ(contents("00000000000000000004.index"), "");
  TimeIndex last(4);
  last.maybe_append({1035, 4});
  EXPECT_EQ(contents("00000000000000000004.timeindex"), as_text(last.encode()));
  EXPECT_EQ(contents("00000000000000000005.snapshot").size(), 10u) << "version, crc, no producers";
}

TEST_F(LogTest, GoesOnAfterACleanStop) {
  config_.segment_bytes = 300;
  config_.index_interval_bytes = 64;
  auto log = open({.topic_id = Uuid{1, 2}});
  const Sample mine{.producer_id = 9, .producer_epoch = 0, .sequence = 0};
  ASSERT_TRUE(append(*log, mine));
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(append(*log, {.timestamp = 1000 + i, .epoch = i / 3}));
  const auto before = read_all(*log, 0, 10);
  log = reopen_clean(std::move(log));
  EXPECT_EQ(log->end_offset(), 10);
  EXPECT_EQ(log->flushed_offset(), 10);
  EXPECT_EQ(log->topic_id(), (Uuid{1, 2}));
  EXPECT_EQ(log->epochs().entries().size(), 3u);
  EXPECT_EQ(read_all(*log, 0, 10), before);
  EXPECT_TRUE(append(*log, mine)->is_duplicate);
  EXPECT_EQ(append(*log, {})->first_offset, 10);
}

TEST_F(LogTest, ACleanLoadOpensNothing) {
  auto log = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {}));
  close(std::move(log));
  files_->forget(directory_ + "/00000000000000000000.log");
  log = open({.is_clean = true, .recovery_point = 3});
  EXPECT_EQ(log->end_offset(), 3);
  EXPECT_EQ(files_->size(), 0u);
  EXPECT_FALSE(log->prepare_close()) << "nothing was done, nothing is written";
}

TEST_F(LogTest, ACleanLogWithoutItsRecoveryPointFindsItsEnd) {
  auto log = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {.value_bytes = 5000}));
  close(std::move(log));
  EXPECT_EQ(open({.is_clean = true, .recovery_point = 0})->end_offset(), 3);
}

TEST_F(LogTest, ATornTopicIdIsWrittenAnewAfterACrashOnly) {
  auto log = open({.topic_id = Uuid{1, 2}});
  ASSERT_TRUE(append(*log, {}));
  close(std::move(log));
  const std::string path = directory_ + "/partition.metadata";
  const std::string torn = "version: 0\ntop\x7f\x11";
  ASSERT_TRUE(replace_file(disk_, path, torn, Flush::files));
  const auto clean = try_open({.is_clean = true, .recovery_point = 1, .topic_id = Uuid{1, 2}});
  ASSERT_FALSE(clean);
  EXPECT_EQ(clean.error().code, ErrorCode::corrupt_message) << "and not the directory's disk";
  EXPECT_EQ(open({.topic_id = Uuid{1, 2}})->end_offset(), 1);
  EXPECT_EQ(*read_topic_id(disk_, directory_), (Uuid{1, 2}));
}

TEST_F(LogTest, AnotherTopicsLogIsRefused) {
  auto log = open({.topic_id = Uuid{1, 2}});
  ASSERT_TRUE(append(*log, {}));
  close(std::move(log));
  const auto other = try_open({.topic_id = Uuid{3, 4}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::inconsistent_topic_id);
}

TEST_F(LogTest, ReadsStopBeforeTheUpperBound) {
  auto log = open();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(append(*log, {.records = 2}));
  const size_t size = make_batch({.records = 2}).size();
  for (const bool from_tail : {true, false}) {
    if (!from_tail) log->drop_tail();
    EXPECT_EQ(read(*log, 0, {.upper_bound = 4}).bytes, 2 * size);
    EXPECT_EQ(read(*log, 0, {.upper_bound = 5}).bytes, 2 * size) << "the batch reaches the bound";
    EXPECT_EQ(read(*log, 4, {.upper_bound = 5}).bytes, 0u);
    EXPECT_EQ(read(*log, 4, {.upper_bound = 4}).bytes, 0u);
    EXPECT_EQ(read(*log, 12, {.upper_bound = 100}).bytes, 0u);
    EXPECT_FALSE(log->read(13, {.upper_bound = 100}));
    EXPECT_EQ(log->readable_bytes(4, 4), 0u);
    EXPECT_GE(log->readable_bytes(2, 8), 3 * size);
  }
}

TEST_F(LogTest, TheFirstBatchIsWholeOrNotThere) {
  auto log = open();
  ASSERT_TRUE(append(*log, {.value_bytes = 500}));
  ASSERT_TRUE(append(*log, {.value_bytes = 100}));
  const size_t size = make_batch({.value_bytes = 500}).size();
  for (const bool from_tail : {true, false}) {
    if (!from_tail) log->drop_tail();
    const auto too_large = read(*log, 0, {.bytes_max = 100, .upper_bound = 2});
    EXPECT_EQ(too_large.bytes, 0u);
    EXPECT_EQ(too_large.first_batch_bytes, size);
    EXPECT_EQ(read(*log, 0, {.bytes_max = 100, .upper_bound = 2, .min_one_batch = true}).bytes, size);
    EXPECT_EQ(read(*log, 0, {.bytes_max = 0, .upper_bound = 2}).bytes, 0u);
  }
}

TEST_F(LogTest, ColdPagesAreATicket) {
  auto log = open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(*log, {.value_bytes = 900}));
  const auto all = read_all(*log, 0, 20);
  log->drop_tail();
  disk_.set_faults({.cold = sim::always});
  const auto ticket = log->read(7, {.upper_bound = 20});
  ASSERT_TRUE(ticket && std::holds_alternative<SegmentRead>(*ticket));
  EXPECT_EQ(read_all(*log, 0, 20), all);
  close(std::move(log));  // a ticket outlives its log
  const auto out = read_segment(std::get<SegmentRead>(*ticket), Wait::yes);
  ASSERT_TRUE(out && *out);
  EXPECT_EQ((*out)->first_offset, 7);
}

TEST_F(LogTest, AReadThatWasPlannedBeforeACutAsksAgain) {
  auto log = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {.value_bytes = 900}));
  log->drop_tail();
  disk_.set_faults({.cold = sim::always});
  const auto ticket = log->read(0, {.upper_bound = 2});
  ASSERT_TRUE(ticket && std::holds_alternative<SegmentRead>(*ticket));
  disk_.set_faults({});
  ASSERT_TRUE(log->truncate_to(2));
  const auto out = read_segment(std::get<SegmentRead>(*ticket), Wait::yes);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_FALSE(*out);
}

// Else its records would be taken for those of a topic that gets its name while the broker is down.
TEST_F(LogTest, WhoseItIsReachesTheMediumBeforeAnyBatch) {
  int with_batches = 0;
  for (int i = 0; i < 100; ++i) {
    directory_ = "/data/t-" + std::to_string(i);
    auto log = open({.topic_id = Uuid{1, 2}});
    ASSERT_TRUE(append(*log, {}));
    log.reset();
    crash();
    const std::string batches = directory_ + "/" + file_name(0, log_suffix);
    const auto there = disk_.exists(batches);
    if (!there || !*there || disk_.read_all(batches)->empty()) continue;
    ++with_batches;
    const auto id = read_topic_id(disk_, directory_);
    ASSERT_TRUE(id && *id) << i;
    EXPECT_EQ(**id, (Uuid{1, 2}));
  }
  EXPECT_GT(with_batches, 0);
}

TEST_F(LogTest, JitterIsOfASegmentsTimeAtMost) {
  config_.segment_ms = 1'000;
  config_.segment_jitter_ms = 3'600'000;
  auto log = open();
  ASSERT_TRUE(append(*log, {.timestamp = now_ms_}));
  ASSERT_TRUE(log->roll(now_ms_));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(append(*log, {.timestamp = now_ms_}));
  EXPECT_EQ(log->segment_base_offsets().size(), 2u);
}

TEST_F(LogTest, TheTailIsSharedNotCopied) {
  auto log = open();
  const Slice bytes = Slice::own(make_batch({.value_bytes = 10'000}));
  ASSERT_TRUE(log->append(bytes, {}));
  const auto out = read(*log, 0, {.upper_bound = 1});
  ASSERT_EQ(out.pieces.size(), 1u);
  EXPECT_EQ(std::get<Slice>(out.pieces[0]).data(), bytes.data());
}

TEST_F(LogTest, TheTailKeepsWithinItsLimits) {
  config_.tail_bytes_max = 25'000;
  auto log = open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(append(*log, {.value_bytes = 10'000}));
  disk_.set_faults({.cold = sim::always});
  EXPECT_TRUE(std::holds_alternative<SegmentRead>(*log->read(7, {.upper_bound = 10})));
  EXPECT_TRUE(std::holds_alternative<ReadOut>(*log->read(8, {.upper_bound = 10})));
}

}  // namespace
}  // namespace kt::log
