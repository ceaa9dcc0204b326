#include "libbroker/log/log_dir.h"

#include "tests/unit/log/log_fixture.h"

namespace kt::log {
namespace {

class LogDirTest : public LogFixture {
 protected:
  std::unique_ptr<LogDir> open_dir() {
    auto dir = LogDir::open(disk_, "/data");
    EXPECT_TRUE(dir) << dir.error().message;
    return dir ? std::move(*dir) : nullptr;
  }
};

TEST_F(LogDirTest, AnEmptyDirectoryIsFormattedOnce) {
  auto dir = LogDir::open(disk_, "/elsewhere/kt");
  ASSERT_TRUE(dir);
  EXPECT_FALSE((*dir)->meta());
  EXPECT_FALSE((*dir)->was_clean());
  EXPECT_TRUE((*dir)->partitions().empty());
  ASSERT_TRUE((*dir)->format({1, "cluster", 3, Uuid{4, 5}}));
  dir->reset();
  dir = LogDir::open(disk_, "/elsewhere/kt");
  EXPECT_EQ((*dir)->meta()->node_id, 3);
}

TEST_F(LogDirTest, OneProcessHasIt) {
  const auto dir = open_dir();
  EXPECT_FALSE(LogDir::open(disk_, "/data"));
}

TEST_F(LogDirTest, FindsPartitionsAndWhatWasCheckpointed) {
  auto dir = open_dir();
  directory_ = dir->directory_of({"t-1", 0});
  EXPECT_EQ(directory_, "/data/t-1-0");
  auto log = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {}));
  ASSERT_TRUE(log->increment_log_start(1, 3));
  const int64_t end = close(std::move(log));
  const TopicPartition partition{"t-1", 0};
  ASSERT_TRUE(dir->write_checkpoint(recovery_point_file, {{partition, end}}));
  ASSERT_TRUE(dir->write_checkpoint(log_start_file, {{partition, 1}}));
  ASSERT_TRUE(dir->write_checkpoint(high_watermark_file, {{partition, 2}}));
  ASSERT_TRUE(dir->mark_clean(17));
  dir.reset();
  ASSERT_TRUE(disk_.make_directory("/data/lost+found") && disk_.make_directory("/data/x-0.0a-future"));

  dir = open_dir();
  EXPECT_TRUE(dir->was_clean());
  EXPECT_EQ(dir->previous_broker_epoch(), 17);
  EXPECT_EQ(dir->partitions(), std::vector{partition});
  EXPECT_EQ(dir->high_watermark(partition), 2);
  EXPECT_EQ(dir->cleaner_offset(partition), 0);
  log = open(dir->open_options(partition, now_ms_));
  EXPECT_EQ(log->end_offset(), 3);
  EXPECT_EQ(log->log_start_offset(), 1);
  dir.reset();
  EXPECT_FALSE(open_dir()->was_clean()) << "only for one start";
}

TEST_F(LogDirTest, TheSameCheckpointIsNotWrittenAgain) {
  const auto dir = open_dir();
  const OffsetCheckpoint offsets = {{{"t", 0}, 5}};
  ASSERT_TRUE(dir->write_checkpoint(recovery_point_file, offsets));
  const uint64_t changes = disk_.changes();
  ASSERT_TRUE(dir->write_checkpoint(recovery_point_file, offsets));
  EXPECT_EQ(disk_.changes(), changes);
}

TEST_F(LogDirTest, ABrokenCheckpointMeansToCheckEverything) {
  ASSERT_TRUE(disk_.replace("/data/recovery-point-offset-checkpoint", "0\n1\nhalf a li"));
  EXPECT_EQ(open_dir()->open_options({"half", 0}, 0).recovery_point, 0);
}

TEST_F(LogDirTest, ADeletedPartitionStaysAway) {
  auto dir = open_dir();
  directory_ = dir->directory_of({"t", 0});
  auto log = open();
  ASSERT_TRUE(append(*log, {}));
  close(std::move(log));
  const auto aside = dir->set_aside({"t", 0}, PartitionDirectory::State::deleted, rng_);
  ASSERT_TRUE(aside);
  dir.reset();
  crash();
  dir = open_dir();
  EXPECT_TRUE(dir->partitions().empty());
  EXPECT_EQ(dir->deleted_directories(), std::vector{*aside});
  ASSERT_TRUE(dir->remove(*aside));
  EXPECT_FALSE(*disk_.exists(*aside));
}

}  // namespace
}  // namespace kt::log
