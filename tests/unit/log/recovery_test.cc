#include <algorithm>

#include "libbroker/log/checkpoints.h"
#include "libbroker/log/file_names.h"
#include "tests/support/cases.h"
#include "tests/unit/log/log_fixture.h"

namespace kt::log {
namespace {

class Recovery : public LogFixture {
 protected:
  /// Everything in the directory, to be put back.
  std::map<std::string, std::string> copy() {
    std::map<std::string, std::string> files;
    for (const std::string& name : names()) files[name] = contents(name);
    return files;
  }
  void restore(const std::map<std::string, std::string>& files) {
    files_.emplace(disk_, 8);
    ASSERT_TRUE(disk_.remove(directory_) && disk_.make_directory(directory_));
    for (const auto& [name, text] : files) ASSERT_TRUE(disk_.replace(directory_ + "/" + name, text));
  }
  /// Three segments of two batches each, of one record; the first two are sealed, nothing is flushed.
  std::unique_ptr<Log> three_segments() {
    config_.segment_bytes = static_cast<uint32_t>(2 * make_batch({}).size());
    auto log = open();
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(append(*log, {}));
    return log;
  }
  /// A closed log of twenty batches, at 1000 and each one later, of which every other is indexed; what it
  /// holds.
  auto twenty_batches() {
    config_.index_interval_bytes = 100;
    auto log = open();
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(append(*log, {.timestamp = 1000 + i}));
    auto all = read_all(*log, 0, 20);
    close(std::move(log));
    return all;
  }
  std::string last_log(const Log& log) { return file_name(log.segment_base_offsets().back(), log_suffix); }
};

// Apache Kafka's active indexes are preallocated, and stay so when it is killed; a tool that reads them while
// the log is in use, or after it was killed again, would find zeros.
TEST_F(Recovery, IndexesOfBeforeTheCrashAreNotLeftBesideTheLog) {
  auto log = open();
  ASSERT_TRUE(append(*log, {.records = 3}));
  close(std::move(log));
  auto files = copy();
  const std::string offsets = file_name(0, offset_index_suffix), times = file_name(0, time_index_suffix);
  files[offsets].resize(8000);
  files[times].resize(12'000);
  restore(files);
  log = open();
  EXPECT_FALSE(std::ranges::count(names(), offsets) > 0);
  EXPECT_FALSE(std::ranges::count(names(), times) > 0);
  log = reopen_clean(std::move(log));
  EXPECT_LT(contents(times).size(), 100u);
  EXPECT_EQ(log->end_offset(), 3);
}

TEST_F(Recovery, ALogCutAtAnyByteEndsAfterItsLastWholeBatch) {
  config_.index_interval_bytes = 100;
  auto log = open();
  ASSERT_TRUE(append(*log, {.records = 3}));
  ASSERT_TRUE(log->roll(now_ms_));
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(append(*log, {.records = 2, .value_bytes = 5 + 20u * i, .epoch = i}));
  const auto all = read_all(*log, 0, 11);
  const std::string name = last_log(*log);
  const int64_t flushed = close(std::move(log));
  ASSERT_EQ(flushed, 11);
  const auto files = copy();
  const std::string whole = files.at(name);

  std::vector<size_t> ends = {0};
  while (ends.back() < whole.size())
    ends.push_back(
        ends.back() +
        record::BatchView::parse(as_bytes(std::string_view(whole)).subspan(ends.back()))->size_bytes());
  for (size_t cut = 0; cut <= whole.size(); cut += test::one_in(7)) {
    auto torn = files;
    torn[name].resize(cut);
    restore(torn);
    log = open({.recovery_point = 3});
    const auto batches = std::ranges::upper_bound(ends, cut) - ends.begin() - 1;
    ASSERT_EQ(log->end_offset(), 3 + 2 * batches) << cut;
    const auto left = read_all(*log, 0, 11);
    ASSERT_TRUE(std::ranges::equal(left, std::span(all).first(left.size())));
    ASSERT_EQ(log->epochs().latest_epoch(), batches == 0 ? 0 : batches - 1);
    ASSERT_TRUE(append(*log, {}));
    log = reopen_clean(std::move(log));
    ASSERT_EQ(log->end_offset(), 3 + 2 * batches + 1);
  }
}

TEST_F(Recovery, ALogWithAFlippedBitEndsBeforeIt) {
  auto log = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {.records = 2}));
  const std::string name = last_log(*log);
  const size_t size = make_batch({.records = 2}).size();
  close(std::move(log));
  const auto files = copy();
  for (size_t at = 0; at < 3 * size; ++at) {
    auto rotten = files;
    rotten[name][at] ^= 0x10;
    restore(rotten);
    log = open();
    const bool is_outside_crc = at % size < 16 && at % size >= 12;  // the leader epoch
    if (is_outside_crc) continue;
    // A base offset that grew is no fault that can be seen; one that shrank is.
    ASSERT_TRUE(log->end_offset() == 2 * static_cast<int64_t>(at / size) || at % size < 8) << at;
    ASSERT_EQ(read_all(*log, 0, log->end_offset()).size() % size, 0u);
  }
}

TEST_F(Recovery, ABrokenSegmentIsTheLastOne) {
  const size_t size = make_batch({}).size();
  auto log = three_segments();
  close(std::move(log));
  ASSERT_TRUE(disk_.flip_bits(directory_ + "/00000000000000000002.log", size + 40, std::byte{1}));
  files_.emplace(disk_, 8);
  log = open({.recovery_point = 1});
  EXPECT_EQ(log->end_offset(), 3);
  EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 2}));
  EXPECT_FALSE(*disk_.exists(directory_ + "/00000000000000000004.index"));
  EXPECT_FALSE(*disk_.exists(directory_ + "/00000000000000000004.snapshot"));
  EXPECT_FALSE(*disk_.exists(directory_ + "/00000000000000000006.snapshot"));
}

// Apache Kafka's cleaner leaves gaps beyond the recovery point of its checkpoint, even a segment of nothing,
// and is killed.
TEST_F(Recovery, GapsOfACompactedTopicAreNotLostBatches) {
  config_.cleanup_compact = true;
  auto log = three_segments();
  close(std::move(log));
  for (const int64_t emptied : {0, 2}) {
    ASSERT_TRUE(disk_.replace(directory_ + "/" + file_name(emptied, log_suffix), ""));
    files_.emplace(disk_, 8);
    log = open({.recovery_point = 1});
    EXPECT_EQ(log->end_offset(), 6) << "without " << emptied;
    EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 2, 4}));
    close(std::move(log));
  }
}

TEST_F(Recovery, AndStayNoneWhenItIsKilledWhileItRecovers) {
  config_.cleanup_compact = true;
  auto log = three_segments();
  close(std::move(log));
  ASSERT_TRUE(disk_.replace(directory_ + "/" + file_name(2, log_suffix), ""));
  for (int life = 0; life < 3; ++life) {
    files_.emplace(disk_, 8);
    log = open({.recovery_point = 1});
    EXPECT_EQ(log->end_offset(), 6) << "in its life " << life;
    log.reset();
  }
}

// Its segments were not flushed, so they have no indexes yet.
TEST_F(Recovery, WhatAPowerCutTookFromACompactedTopicIsItsEnd) {
  const size_t size = make_batch({}).size();
  config_.cleanup_compact = true;
  auto log = three_segments();
  auto files = copy();
  files[file_name(0, log_suffix)].resize(size);
  log.reset();
  restore(files);
  log = open();
  EXPECT_EQ(log->end_offset(), 1);
  EXPECT_EQ(log->segment_base_offsets(), std::vector<int64_t>{0});
}

TEST_F(Recovery, ASegmentThatIsWrittenToAgainHasNoIndexesBeforeWhatPrecedesItIsFlushed) {
  const size_t size = make_batch({}).size();
  config_.cleanup_compact = true;
  auto log = three_segments();
  ASSERT_TRUE(log->truncate_to(3));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {}));
  EXPECT_EQ(read_all(*log, 0, 6).size(), 6 * size);
  auto files = copy();
  files[file_name(0, log_suffix)].resize(size);
  log.reset();
  restore(files);
  EXPECT_EQ(open()->end_offset(), 1);
}

// Elsewhere batches are missing when one segment does not end where the next begins: it was written back
// later, and the power went.
TEST_F(Recovery, AGapOfAnyOtherTopicIsItsEnd) {
  auto log = three_segments();
  close(std::move(log));
  ASSERT_TRUE(disk_.replace(directory_ + "/" + file_name(2, log_suffix), ""));
  files_.emplace(disk_, 8);
  EXPECT_EQ(open({.recovery_point = 1})->end_offset(), 2);
}

TEST_F(Recovery, WhatIsBeforeTheRecoveryPointIsNotReadAgain) {
  const size_t size = make_batch({}).size();
  auto log = three_segments();
  close(std::move(log));
  ASSERT_TRUE(disk_.flip_bits(directory_ + "/00000000000000000000.log", size + 40, std::byte{1}));
  files_.emplace(disk_, 8);
  EXPECT_EQ(open({.recovery_point = 2})->end_offset(), 6);
}

TEST_F(Recovery, MissingAndBrokenIndexesAreRebuilt) {
  config_.segment_bytes = 600;
  const auto all = twenty_batches();
  const auto files = copy();
  for (const bool is_clean : {true, false}) {
    for (const auto& [name, text] : files) {
      if (!name.ends_with("index") || text.empty()) continue;
      auto less = files;
      less.erase(name);
      restore(less);
      auto log = open({.is_clean = is_clean, .recovery_point = 20});
      ASSERT_EQ(read_all(*log, 0, 20), all);
      close(std::move(log));
      ASSERT_EQ(copy(), files) << name;
    }
  }
  auto last = files.rbegin();
  while (!last->first.ends_with(".index") || last->second.empty()) ++last;
  for (const std::string& broken :
       {std::string("short"), std::string(10 << 20, '\0'), std::string(16, '\xff')}) {
    auto worse = files;
    worse[last->first] = broken;
    restore(worse);
    auto log = open({.is_clean = true, .recovery_point = 20});
    ASSERT_EQ(read_all(*log, 0, 20), all);
    ASSERT_TRUE(append(*log, {.timestamp = 2000}));
  }
}

TEST_F(Recovery, AnIndexThatPointsNowhereIsNotBelieved) {
  config_.segment_bytes = 600;
  const auto all = twenty_batches();
  ASSERT_TRUE(disk_.flip_bits(directory_ + "/00000000000000000000.index", 7, std::byte{0x11}));
  files_.emplace(disk_, 8);
  auto log = open({.is_clean = true, .recovery_point = 20});
  EXPECT_EQ(read_all(*log, 0, 20), all);
}

TEST_F(Recovery, ATimeIndexThatTheLogContradictsIsNotBelieved) {
  const auto all = twenty_batches();
  const auto files = copy();
  const std::string name = "00000000000000000000.timeindex";
  const auto with = [&](TimeIndex::Entry entry) {
    TimeIndex times(0);
    times.maybe_append(entry);
    auto worse = files;
    const auto bytes = times.encode();
    worse[name] = as_text(bytes);
    return worse;
  };
  for (const auto& worse : {with({1019, 20}), with({5000, 1 << 20}), with({1000, 19})}) {
    restore(worse);
    auto log = open({.is_clean = true, .recovery_point = 20});
    ASSERT_EQ(read_all(*log, 0, 20), all);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(*log, {.timestamp = 9000 + i}));
    close(std::move(log));
    const auto closed = copy();
    const auto rebuilt = TimeIndex::parse(0, as_bytes(closed.at(name)));
    ASSERT_TRUE(rebuilt);
    EXPECT_EQ(rebuilt->lookup(1018), (TimeIndex::Entry{1018, 18}));  // every other batch is indexed
  }
}

TEST_F(Recovery, ABrokenEpochFileIsRebuilt) {
  auto log = open();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(*log, {.epoch = i / 2}));
  const std::vector<record::EpochCache::Entry> epochs(log->epochs().entries().begin(),
                                                      log->epochs().entries().end());
  close(std::move(log));
  ASSERT_TRUE(disk_.replace(directory_ + "/leader-epoch-checkpoint", "0\n7\nwhat"));
  log = open({.is_clean = true, .recovery_point = 4});
  EXPECT_TRUE(std::ranges::equal(log->epochs().entries(), epochs));
}

TEST_F(Recovery, TheEpochsFitTheLogAtBothEnds) {
  auto log = open();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(append(*log, {.epoch = i}));
  close(std::move(log));
  ASSERT_TRUE(disk_.replace(directory_ + "/leader-epoch-checkpoint", "0\n4\n0 0\n1 1\n9 8\n10 9\n"));
  log = open({.recovery_point = 0, .log_start_offset = 2});
  EXPECT_EQ(log->log_start_offset(), 2);
  EXPECT_EQ(log->epochs().earliest(), (record::EpochCache::Entry{2, 2}));
  EXPECT_EQ(log->epochs().latest(), (record::EpochCache::Entry{5, 5}));
}

TEST_F(Recovery, StrayFilesGo) {
  auto log = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {}));
  close(std::move(log));
  for (const char* name :
       {"00000000000000000007.log.deleted", "00000000000000000001.log.cleaned",
        "00000000000000000002.log.swap", "00000000000000000009.index", "00000000000000000001.snapshot"})
    ASSERT_TRUE(disk_.replace(directory_ + "/" + name, "x"));
  log = open({.is_clean = true, .recovery_point = 3});
  EXPECT_EQ(names(), (std::vector<std::string>{"00000000000000000000.index", "00000000000000000000.log",
                                               "00000000000000000000.timeindex",
                                               "00000000000000000003.snapshot", "leader-epoch-checkpoint"}));
}

TEST_F(Recovery, ALogThatEndsBeforeItsStartStartsOver) {
  auto log = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*log, {}));
  close(std::move(log));
  log = open({.recovery_point = 50, .log_start_offset = 50});
  EXPECT_EQ(log->log_start_offset(), 50);
  EXPECT_EQ(log->end_offset(), 50);
  EXPECT_EQ(append(*log, {})->first_offset, 50);
}

TEST_F(Recovery, ABrokenSnapshotFallsBackToAnOlderOne) {
  auto log = open();
  const auto mine = [](int i) {
    return Sample{.timestamp = 999'000, .producer_id = 9, .producer_epoch = 0, .sequence = i};
  };
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(append(*log, mine(i)));
    ASSERT_TRUE(log->roll(now_ms_));
  }
  const auto producers = log->producers().snapshot();
  ASSERT_EQ(producers.size(), 1u);
  close(std::move(log));
  ASSERT_TRUE(disk_.flip_bits(directory_ + "/00000000000000000003.snapshot", 12, std::byte{1}));
  log = open({.is_clean = true, .recovery_point = 3});
  EXPECT_EQ(log->producers().snapshot(), producers);
  EXPECT_FALSE(*disk_.exists(directory_ + "/00000000000000000003.snapshot"));
  EXPECT_TRUE(append(*log, mine(2))->is_duplicate);
}

}  // namespace
}  // namespace kt::log
