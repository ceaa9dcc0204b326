#include <algorithm>

#include "tests/unit/log/log_fixture.h"

namespace kt::log {
namespace {

class Retention : public LogFixture {
 protected:
  /// Segments [0,2) [2,4) [4,6) … of two batches each, the last one with one or two.
  std::unique_ptr<Log> log_of(int batches) {
    config_.segment_bytes = static_cast<uint32_t>(2 * make_batch({}).size());
    auto log = open();
    for (int i = 0; i < batches; ++i) EXPECT_TRUE(append(*log, {.timestamp = 1000 + 100 * i}));
    flush(*log);
    return log;
  }
  std::vector<int64_t> deleted(Log& log, int64_t now_ms, int64_t high_watermark) {
    removed_ = log.delete_old_segments(now_ms, high_watermark).value();
    log.check_invariants();
    return log.segment_base_offsets();
  }
  using Bases = std::vector<int64_t>;
  std::vector<std::string> removed_;
};

TEST_F(Retention, ByAge) {
  auto log = log_of(6);
  config_.retention_ms = 1000;
  log->set_config(config_);
  EXPECT_EQ(deleted(*log, 2100, 6), (Bases{0, 2, 4})) << "1000 ms is not more than 1000";
  EXPECT_EQ(deleted(*log, 2101, 6), (Bases{2, 4}));
  EXPECT_EQ(log->log_start_offset(), 2);
  EXPECT_EQ(log->local_log_start_offset(), 2);
  EXPECT_FALSE(log->read(1, {.upper_bound = 6}));
  EXPECT_EQ(removed_.size(), 3u) << "log, index, time index";
  for (const std::string& path : removed_)
    EXPECT_TRUE(path.ends_with(".deleted") && *disk_.exists(path)) << path;
}

TEST_F(Retention, TheActiveSegmentMayGoToo) {
  auto log = log_of(6);
  config_.retention_ms = 1;
  log->set_config(config_);
  EXPECT_EQ(deleted(*log, 1'000'000, 6), (Bases{6}));
  EXPECT_EQ(log->log_start_offset(), 6);
  EXPECT_EQ(append(*log, {})->first_offset, 6);
  EXPECT_EQ(deleted(*log, 900, 7), (Bases{6}));
  EXPECT_EQ(log->end_offset(), 7);
}

TEST_F(Retention, NothingAtOrBeyondTheHighWatermark) {
  auto log = log_of(6);
  config_.retention_ms = 1;
  log->set_config(config_);
  EXPECT_EQ(deleted(*log, 1'000'000, 3), (Bases{2, 4}));
  EXPECT_EQ(deleted(*log, 1'000'000, 3), (Bases{2, 4}));
}

TEST_F(Retention, BySize) {
  auto log = log_of(7);
  const int64_t size = static_cast<int64_t>(make_batch({}).size());
  config_.retention_ms = -1;
  config_.retention_bytes = 5 * size + 1;
  log->set_config(config_);
  EXPECT_EQ(deleted(*log, 0, 7), (Bases{0, 2, 4, 6})) << "one segment less would be too little";
  config_.retention_bytes = 5 * size;
  log->set_config(config_);
  EXPECT_EQ(deleted(*log, 0, 7), (Bases{2, 4, 6}));
  config_.retention_bytes = 0;
  log->set_config(config_);
  EXPECT_EQ(deleted(*log, 0, 7), (Bases{7}));
}

TEST_F(Retention, WithoutTimestampsByTheFilesTime) {
  config_.retention_ms = 1000;
  auto log = open();
  ASSERT_TRUE(append(*log, {.timestamp = -1}));
  ASSERT_TRUE(log->roll(now_ms_));
  ASSERT_TRUE(disk_.set_modified_ms(directory_ + "/00000000000000000000.log", 5000));
  EXPECT_EQ(deleted(*log, 6000, 1), (Bases{0, 1}));
  EXPECT_EQ(deleted(*log, 6001, 1), (Bases{1}));
}

TEST_F(Retention, ACompactedTopicLosesOnlyWhatIsBeforeItsStart) {
  auto log = log_of(6);
  config_.cleanup_delete = false;
  config_.cleanup_compact = true;
  config_.retention_ms = config_.retention_bytes = 0;
  log->set_config(config_);
  EXPECT_EQ(deleted(*log, 1'000'000, 6), (Bases{0, 2, 4}));
  ASSERT_TRUE(log->increment_log_start(3, 6));
  EXPECT_EQ(deleted(*log, 1'000'000, 6), (Bases{2, 4}));
  EXPECT_EQ(log->log_start_offset(), 3);
}

TEST_F(Retention, RecordsAreDeletedUpToTheHighWatermark) {
  auto log = log_of(6);
  const auto beyond = log->increment_log_start(5, 4);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, ErrorCode::offset_out_of_range);
  ASSERT_TRUE(log->increment_log_start(4, 4));
  ASSERT_TRUE(log->increment_log_start(3, 4));
  EXPECT_EQ(log->log_start_offset(), 4);
  EXPECT_EQ(log->epochs().earliest(), (record::EpochCache::Entry{0, 4}));
  EXPECT_FALSE(log->read(3, {.upper_bound = 6}));
}

TEST_F(Retention, AReadThatWaitedTooLongAsksAgain) {
  auto log = log_of(6);
  const auto whole = read_all(*log, 0, 2);
  log->drop_tail();
  disk_.set_faults({.cold = sim::always});
  auto ticket = log->read(0, {.upper_bound = 6});
  ASSERT_TRUE(ticket && std::holds_alternative<SegmentRead>(*ticket));
  const SegmentRead late = std::get<SegmentRead>(*ticket);
  SegmentRead opened = late;
  opened.file = *files_->open(late.path);
  opened.offset_floor = opened.bound_floor = OffsetIndex::Entry{};
  config_.retention_ms = 1;
  log->set_config(config_);
  deleted(*log, 1'000'000, 6);
  for (const std::string& path : removed_) ASSERT_TRUE(disk_.remove(path));
  const auto out = read_segment(opened, Wait::yes);
  ASSERT_TRUE(out && *out) << "an open file stays readable";
  EXPECT_EQ(bytes_of(**out), whole);
  const auto gone = read_segment(late, Wait::yes);
  ASSERT_TRUE(gone) << gone.error().message;
  EXPECT_FALSE(*gone);
}

TEST_F(Retention, TruncationIsDurable) {
  auto log = log_of(7);
  const auto all = read_all(*log, 0, 7);
  ASSERT_TRUE(log->truncate_to(3));
  EXPECT_EQ(log->end_offset(), 3);
  EXPECT_EQ(log->recovery_point(), 2);
  EXPECT_EQ(log->segment_base_offsets(), (Bases{0, 2}));
  const int64_t recovery_point = log->recovery_point();
  log.reset();
  crash();
  log = open({.recovery_point = recovery_point});
  EXPECT_EQ(log->end_offset(), 3);
  const auto left = read_all(*log, 0, 3);
  EXPECT_TRUE(std::ranges::equal(left, std::span(all).first(left.size())));
}

TEST_F(Retention, AJobFromBeforeATruncationSaysNothing) {
  config_.flush_messages = 1;
  auto log = open();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(*log, {}));
  ASSERT_TRUE(log->roll(now_ms_));
  ASSERT_TRUE(append(*log, {}));
  auto job = log->prepare_flush(Log::FlushScope::all);
  ASSERT_TRUE(job);
  ASSERT_TRUE(log->truncate_to(2));
  auto outcome = job->run(disk_);
  ASSERT_TRUE(outcome.result);
  log->finish_flush(std::move(*job), std::move(outcome));
  EXPECT_EQ(log->flushed_offset(), 0);
  EXPECT_EQ(append(*log, {})->first_offset, 2);
  EXPECT_EQ(log->stable_end(), 0);
  flush(*log);
  EXPECT_EQ(log->stable_end(), 3);
}

TEST_F(Retention, StartsOverWhereItIsTold) {
  auto log = log_of(6);
  ASSERT_TRUE(log->truncate_fully_and_start_at(100));
  EXPECT_EQ(log->segment_base_offsets(), (Bases{100}));
  EXPECT_EQ(log->log_start_offset(), 100);
  EXPECT_TRUE(log->epochs().entries().empty());
  EXPECT_EQ(append(*log, {})->first_offset, 100);
  log = reopen_clean(std::move(log));
  EXPECT_EQ(log->end_offset(), 101);
}

TEST_F(Retention, TruncatingAtTheEndForgetsAnEpochThatBeganThere) {
  auto log = log_of(2);
  log->assign_epoch(9);
  ASSERT_TRUE(log->truncate_to(2));
  EXPECT_EQ(log->epochs().latest_epoch(), 0);
}

}  // namespace
}  // namespace kt::log
