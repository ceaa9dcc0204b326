// What a log brings to the medium, and what becomes of it when it cannot.
#include "tests/unit/log/log_fixture.h"

namespace kt::log {
namespace {

class LogFlush : public LogFixture {};

TEST_F(LogFlush, FlushModeCountsWhatIsFlushed) {
  config_.flush_messages = 1;
  auto log = open();
  ASSERT_TRUE(append(*log, {}));
  EXPECT_EQ(log->stable_end(), 0);
  auto job = log->prepare_flush(Log::FlushScope::all);
  ASSERT_TRUE(job);
  ASSERT_TRUE(append(*log, {}));
  EXPECT_FALSE(log->prepare_flush(Log::FlushScope::all)) << "one at a time";
  auto outcome = job->run(disk_);
  log->finish_flush(std::move(*job), std::move(outcome));
  EXPECT_EQ(log->stable_end(), 1);
  flush(*log);
  EXPECT_EQ(log->stable_end(), 2);
}

TEST_F(LogFlush, AFailedFlushIsTheEndOfTheLog) {
  auto log = open();
  ASSERT_TRUE(append(*log, {}));
  auto job = log->prepare_flush(Log::FlushScope::all);
  disk_.fail_nth(sim::SimDisk::Call::sync, 2);
  // The epochs are written last, with a flush of their own: that failure may be tried again.
  auto outcome = job->run(disk_);
  ASSERT_FALSE(outcome.result);
  EXPECT_TRUE(outcome.may_retry);
  log->finish_flush(std::move(*job), std::move(outcome));
  EXPECT_FALSE(log->has_failed());
  job = log->prepare_flush(Log::FlushScope::all);
  ASSERT_TRUE(job) << "all of it is tried again";
  outcome = job->run(disk_);
  ASSERT_TRUE(outcome.result);
  log->finish_flush(std::move(*job), std::move(outcome));
  ASSERT_EQ(log->flushed_offset(), 1);
  ASSERT_TRUE(append(*log, {}));
  job = log->prepare_flush(Log::FlushScope::all);
  disk_.fail_nth(sim::SimDisk::Call::sync, 1);
  outcome = job->run(disk_);
  EXPECT_FALSE(outcome.may_retry);
  log->finish_flush(std::move(*job), std::move(outcome));
  EXPECT_TRUE(log->has_failed());
  EXPECT_EQ(append(*log, {}).error().code, ErrorCode::kafka_storage_error);
  EXPECT_EQ(log->flushed_offset(), 1);
}

// Its snapshot, of which there was no file yet, was to be renamed: the log had failed, and its broker ended.
TEST_F(LogFlush, SegmentsMayGoWhileTheirSnapshotsAreWritten) {
  config_.segment_bytes = static_cast<uint32_t>(make_batch({}).size());
  auto log = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {}));
  auto job = log->prepare_flush(Log::FlushScope::all);
  ASSERT_TRUE(job);
  config_.retention_ms = 1;
  log->set_config(config_);
  const auto removed = log->delete_old_segments(1'000'000, 2);
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(log->segment_base_offsets(), std::vector<int64_t>{2});
  auto outcome = job->run(disk_);
  log->finish_flush(std::move(*job), std::move(outcome));
  EXPECT_FALSE(*disk_.exists(directory_ + "/00000000000000000001.snapshot"));
  EXPECT_TRUE(*disk_.exists(directory_ + "/00000000000000000002.snapshot"));
  log->check_invariants();
}

TEST_F(LogFlush, AFullDiskPasses) {
  auto log = open();
  ASSERT_TRUE(append(*log, {.value_bytes = 1000}));
  disk_.set_faults({.capacity_bytes = 5000});
  const auto refused = append(*log, {.value_bytes = 100'000});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kafka_storage_error);
  EXPECT_FALSE(log->has_failed());
  EXPECT_EQ(read_all(*log, 0, 1).size(), make_batch({.value_bytes = 1000}).size());
  disk_.set_faults({});
  EXPECT_EQ(append(*log, {.value_bytes = 100'000})->first_offset, 1);
  log = reopen_clean(std::move(log));
  EXPECT_EQ(log->end_offset(), 2);
}

}  // namespace
}  // namespace kt::log
