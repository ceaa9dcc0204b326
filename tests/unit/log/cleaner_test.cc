#include "tests/unit/log/cleaner_fixture.h"

namespace kt::log {
namespace {

using record::BatchView;
using record::Codec;
using record::Origin;

TEST_F(Cleaner, TheBooksTable) {
  auto log = open();
  for (int i = 0; i < 13; ++i) put(*log, std::vector{"K1", "K5", "K2"}[i % 3], "any");
  const std::vector<std::pair<const char*, const char*>> first = {
      {"K1", "V5"}, {"K5", "x"}, {"K2", "x"}, {"K5", "x"}, {"K5", "V2"}, {"K2", "x"}, {"K2", "V7"}};
  for (const auto& [key, value] : first) put(*log, key, value);
  const int64_t clean_offset = roll_and_clean(*log);
  EXPECT_EQ(clean_offset, 20);
  EXPECT_EQ(table(*log), "13 K1=V5\n17 K5=V2\n19 K2=V7\n");

  const std::vector<std::pair<const char*, const char*>> more = {{"K7", "V1"}, {"K8", "V4"},  {"K4", "V6"},
                                                                 {"K1", "V1"}, {"K1", "V2"},  {"K1", "V9"},
                                                                 {"K9", "V6"}, {"K8", "V22"}, {"K2", "V25"}};
  for (const auto& [key, value] : more) put(*log, key, value);
  EXPECT_EQ(
      table(*log),
      "13 K1=V5\n17 K5=V2\n19 K2=V7\n20 K7=V1\n21 K8=V4\n22 K4=V6\n23 K1=V1\n24 K1=V2\n25 K1=V9\n26 K9=V6\n"
      "27 K8=V22\n28 K2=V25\n");
  EXPECT_EQ(roll_and_clean(*log, clean_offset), 29);
  EXPECT_EQ(table(*log), "17 K5=V2\n20 K7=V1\n22 K4=V6\n25 K1=V9\n26 K9=V6\n27 K8=V22\n28 K2=V25\n");
  EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 29}));
}

TEST_F(Cleaner, WhatIsInMemoryIsForgottenAndTheRestIsNot) {
  auto log = open();
  for (const char* value : {"1", "2", "3"}) put(*log, "a", value);
  ASSERT_TRUE(log->roll(now_ms_));
  put(*log, "b", "active");
  flush(*log);
  clean(*log);
  const auto bytes = read_all(*log, 0, 4);
  const auto first = BatchView::parse(bytes);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->base_offset(), 2);
  const auto newest = log->read(3, {.upper_bound = 4, .min_one_batch = true});
  ASSERT_TRUE(newest);
  EXPECT_EQ(std::get<ReadOut>(*newest).segment_base_offset, 3);
}

TEST_F(Cleaner, BatchesKeepTheirOffsetsEpochAndCodec) {
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    directory_ = "/data/t-" + std::to_string(static_cast<int>(codec));
    auto log = open();
    record::BatchBuilder builder({.codec = codec});
    for (const char* key : {"a", "b", "a", "c"}) add(builder, key, "old");
    ASSERT_TRUE(log->append(Slice::own(builder.build()), {.leader_epoch = 7}));
    put(*log, "c", "new", codec);
    ASSERT_TRUE(log->roll(now_ms_));
    put(*log, "a", "active");
    flush(*log);
    clean(*log);
    EXPECT_EQ(table(*log), "1 b=old\n2 a=old\n4 c=new\n5 a=active\n");
    const auto bytes = read_all(*log, 0, 6);
    const auto batch = BatchView::parse(bytes);
    ASSERT_TRUE(batch && batch->verify_crc());
    EXPECT_EQ(batch->base_offset(), 0);
    EXPECT_EQ(batch->last_offset(), 3);
    EXPECT_EQ(batch->record_count(), 2);
    EXPECT_EQ(batch->partition_leader_epoch(), 7);
    EXPECT_EQ(batch->codec(), codec);
  }
}

TEST_F(Cleaner, TombstonesStayForAWhile) {
  config_.delete_retention_ms = 1000;
  auto log = open();
  put(*log, "a", "1");
  put(*log, "a", std::nullopt);
  put(*log, "b", "2");
  int64_t clean_offset = roll_and_clean(*log);
  EXPECT_EQ(table(*log), "1 a=null\n2 b=2\n");
  const auto bytes = read_all(*log, 0, 2);
  EXPECT_EQ(BatchView::parse(bytes)->delete_horizon_ms(), now_ms_ + 1000);
  EXPECT_EQ(BatchView::parse(bytes)->max_timestamp(), now_ms_);

  now_ms_ += 999;
  put(*log, "c", "3");
  clean_offset = roll_and_clean(*log, clean_offset);
  EXPECT_EQ(table(*log), "1 a=null\n2 b=2\n3 c=3\n");
  now_ms_ += 1;
  put(*log, "d", "4");
  roll_and_clean(*log, clean_offset);
  EXPECT_EQ(table(*log), "2 b=2\n3 c=3\n4 d=4\n");
}

TEST_F(Cleaner, RecordsWithoutAKeyGo) {
  auto log = open();
  ASSERT_TRUE(append(*log, {}));
  put(*log, "a", "1");
  roll_and_clean(*log);
  EXPECT_EQ(table(*log), "1 a=1\n");
}

// A producer may write any offsets into a batch that is not compressed, nobody looks; rebuilding such a one
// ended the process.
TEST_F(Cleaner, RecordsOutOfOrderAreCorrupt) {
  constexpr size_t record_bytes = 9, delta_at = record::batch_header_bytes + record_bytes + 3;
  for (const auto& [delta, what] : {std::pair{0, "twice"}, {1, "before"}, {126, "beyond"}}) {
    SCOPED_TRACE(what);
    directory_ = std::string("/data/t-") + what;
    auto log = open();
    record::BatchBuilder builder;
    for (const char* key : {"a", "b", "c"}) add(builder, key, "1");
    auto bytes = builder.build();
    ASSERT_EQ(bytes[delta_at], std::byte{2});  // zigzag of 1
    bytes[delta_at] = static_cast<std::byte>(delta);
    record::seal(bytes);
    ASSERT_TRUE(log->append(Slice::own(bytes), {.leader_epoch = 4, .now_ms = now_ms_}));
    put(*log, "c", "2");
    ASSERT_TRUE(log->roll(now_ms_));
    flush(*log);
    const auto plan = log->plan_cleaning(0, log->end_offset(), now_ms_);
    auto cleaning = log->begin_cleaning(*plan, OffsetMap(rng_, 1 << 20, 0.9), now_ms_);
    ASSERT_TRUE(cleaning);
    Result<uint64_t> stepped = 0;
    while (stepped && (*cleaning)->state() == Cleaning::State::working) stepped = (*cleaning)->step(1 << 20);
    ASSERT_FALSE(stepped);
    EXPECT_EQ(stepped.error().code, ErrorCode::corrupt_message);
    log->end_cleaning();
  }
}

TEST_F(Cleaner, TheLastBatchOfASegmentStaysIfOnlyItsHeader) {
  auto log = open();
  put(*log, "a", "1");
  put(*log, "b", "1");
  ASSERT_TRUE(log->roll(now_ms_));
  put(*log, "b", "2");
  put(*log, "a", "2");
  ASSERT_TRUE(log->roll(now_ms_));
  config_.segment_bytes = 150;  // too little to merge
  log->set_config(config_);
  flush(*log);
  clean(*log);
  EXPECT_EQ(table(*log), "[1]\n2 b=2\n3 a=2\n");
  EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 2, 4}));
}

TEST_F(Cleaner, TheLastBatchOfAProducerKeepsItsSequence) {
  auto log = open();
  const auto mine = [](int32_t sequence, std::string key) {
    return Sample{.timestamp = 1'000'000,
                  .producer_id = 9,
                  .producer_epoch = 2,
                  .sequence = sequence,
                  .key = std::move(key)};
  };
  ASSERT_TRUE(append(*log, mine(0, "a")));
  ASSERT_TRUE(append(*log, mine(1, "b")));
  put(*log, "a", "x");
  put(*log, "b", "x");
  roll_and_clean(*log);
  EXPECT_EQ(table(*log), "[1]\n2 a=x\n3 b=x\n");
  const auto bytes = read_all(*log, 0, 2);
  EXPECT_EQ(BatchView::parse(bytes)->last_sequence(), 1);
  const auto producers = log->producers().snapshot();
  log = reopen_clean(std::move(log));
  EXPECT_EQ(log->producers().snapshot(), producers);
  EXPECT_TRUE(append(*log, mine(2, "c")));
}

TEST_F(Cleaner, AbortedDataGoesThenItsMarker) {
  config_.delete_retention_ms = 1000;
  auto log = open();
  const auto write = [&](int64_t producer_id, int32_t sequence, std::string key) {
    ASSERT_TRUE(append(*log, {.timestamp = now_ms_,
                              .producer_id = producer_id,
                              .producer_epoch = 0,
                              .sequence = sequence,
                              .is_transactional = true,
                              .key = std::move(key)}));
  };
  const auto end = [&](int64_t producer_id, bool is_commit) {
    ASSERT_TRUE(log->append(Slice::own(make_marker(0, producer_id, 0, is_commit, 0, now_ms_)),
                            {.origin = Origin::coordinator}));
  };
  put(*log, "k", "before");  // 0
  write(1, 0, "k");          // 1, aborted: must not hide offset 0
  end(1, false);             // 2
  write(2, 0, "c");          // 3, committed
  end(2, true);              // 4
  write(1, 1, "z");          // 5
  end(1, true);              // 6
  log->advance_high_watermark(7);
  int64_t clean_offset = roll_and_clean(*log);
  const std::string vs(10, 'v');
  EXPECT_EQ(table(*log), "0 k=before\n2 (marker)\n3 c=" + vs + "\n4 (marker)\n5 z=" + vs + "\n6 (marker)\n");
  EXPECT_EQ(log->aborted_transactions(0, 7)->size(), 1u);

  put(*log, "d", "4");  // 7: the transaction's data is gone, the marker's time begins
  clean_offset = roll_and_clean(*log, clean_offset);
  EXPECT_NE(table(*log).find("2 (marker)"), std::string::npos);
  EXPECT_TRUE(log->aborted_transactions(0, 8)->empty());
  now_ms_ += 1000;
  put(*log, "e", "5");  // 8
  roll_and_clean(*log, clean_offset);
  EXPECT_EQ(table(*log).find("2 (marker)"), std::string::npos);
  EXPECT_NE(table(*log).find("4 (marker)"), std::string::npos) << "its data is still there";
  EXPECT_NE(table(*log).find("0 k=before"), std::string::npos);
}

TEST_F(Cleaner, AnAbortedTransactionThatHasBeenCleanedHidesNothing) {
  auto log = open();
  const auto write = [&](int32_t sequence, std::string key, bool is_committed) {
    ASSERT_TRUE(append(*log, {.timestamp = now_ms_,
                              .producer_id = 1,
                              .producer_epoch = 0,
                              .sequence = sequence,
                              .is_transactional = true,
                              .key = std::move(key)}));
    ASSERT_TRUE(log->append(Slice::own(make_marker(0, 1, 0, is_committed, 0, now_ms_)),
                            {.origin = Origin::coordinator}));
  };
  put(*log, "k", "before");  // 0
  write(0, "x", false);      // 1 and 2
  log->advance_high_watermark(3);
  const int64_t clean_offset = roll_and_clean(*log);
  write(1, "k", true);  // 3 and 4
  log->advance_high_watermark(5);
  roll_and_clean(*log, clean_offset);
  EXPECT_EQ(table(*log).find("0 k=before"), std::string::npos) << table(*log);
}

TEST_F(Cleaner, APlanFromBeforeACutIsRefused) {
  auto log = open();
  for (int i = 0; i < 3; ++i) put(*log, "k", "v");
  ASSERT_TRUE(log->roll(now_ms_));
  flush(*log);
  const auto plan = log->plan_cleaning(0, log->end_offset(), now_ms_);
  ASSERT_TRUE(plan);
  ASSERT_TRUE(log->truncate_to(2));
  put(*log, "k", "more");
  const auto cleaning = log->begin_cleaning(*plan, OffsetMap(rng_, 1 << 20, 0.9), now_ms_);
  ASSERT_FALSE(cleaning);
  EXPECT_EQ(cleaning.error().code, ErrorCode::offset_out_of_range);
}

TEST_F(Cleaner, WhatComesInThePlaceOfWhatWasCutOffIsDirty) {
  auto log = open();
  for (int i = 0; i < 5; ++i) put(*log, std::to_string(i), "v");
  const int64_t clean_offset = roll_and_clean(*log);
  ASSERT_EQ(clean_offset, 5);
  ASSERT_TRUE(log->truncate_to(2));
  for (int i = 0; i < 5; ++i) put(*log, "k", std::to_string(i));
  ASSERT_TRUE(log->roll(now_ms_));
  flush(*log);
  EXPECT_EQ(log->plan_cleaning(clean_offset, log->end_offset(), now_ms_)->first_dirty_offset, 2);
  clean(*log, clean_offset);
  EXPECT_EQ(table(*log), "0 0=v\n1 1=v\n6 k=4\n");
}

TEST_F(Cleaner, AFullMapCleansWhatItKnows) {
  auto log = open();
  for (int i = 0; i < 10; ++i) put(*log, "k" + std::to_string(i), "1");
  for (int i = 0; i < 10; ++i) put(*log, "k" + std::to_string(i), "2");
  ASSERT_TRUE(log->roll(now_ms_));
  flush(*log);
  int64_t clean_offset = 0;
  for (int rounds = 0; clean_offset < 20 && rounds < 10; ++rounds) {
    const int64_t before = clean_offset;
    clean_offset = clean(*log, clean_offset, 6 * OffsetMap::entry_bytes);
    ASSERT_GT(clean_offset, before);
  }
  EXPECT_EQ(clean_offset, 20);
  std::string expected;
  for (int i = 0; i < 10; ++i) expected += std::to_string(10 + i) + " k" + std::to_string(i) + "=2\n";
  EXPECT_EQ(table(*log), expected);
}

TEST_F(Cleaner, TheNewFilesAreAsOldAndAsIndexedAsTheOldOnes) {
  config_.index_interval_bytes = 100;
  auto log = open();
  for (int i = 0; i < 40; ++i) {
    put(*log, "k" + std::to_string(i % 25), std::string(30, 'x'));
    if (i % 10 == 9) {
      ASSERT_TRUE(log->roll(now_ms_));
    }
  }
  flush(*log);
  ASSERT_TRUE(disk_.set_modified_ms(directory_ + "/00000000000000000030.log", 123'456));
  clean(*log);
  EXPECT_EQ(log->segment_base_offsets(), (std::vector<int64_t>{0, 40}));
  EXPECT_EQ(*disk_.modified_ms(directory_ + "/00000000000000000000.log"), 123'456);
  OffsetIndex expected(0);
  log->drop_tail();
  const auto bytes = read_all(*log, 0, 40);
  size_t position = 0;
  for (auto rest = std::span(bytes); !rest.empty();) {
    const auto batch = *BatchView::parse(rest);
    if (position - expected.last().position > 100)
      expected.append({batch.last_offset(), static_cast<uint32_t>(position)});
    position += batch.size_bytes();
    rest = rest.subspan(batch.size_bytes());
  }
  EXPECT_EQ(contents("00000000000000000000.index"), as_text(expected.encode()));
  for (const std::string& name : names())
    EXPECT_FALSE(name.ends_with("d") || name.ends_with(".swap")) << name;
}

TEST_F(Cleaner, ATruncationEndsIt) {
  auto log = open();
  for (int i = 0; i < 10; ++i) put(*log, "k", std::to_string(i));
  ASSERT_TRUE(log->roll(now_ms_));
  flush(*log);
  const auto plan = log->plan_cleaning(0, 10, now_ms_);
  auto cleaning = log->begin_cleaning(*plan, OffsetMap(rng_, 1 << 20, 0.9), now_ms_);
  ASSERT_TRUE(cleaning);
  ASSERT_TRUE((*cleaning)->step(1 << 20));
  ASSERT_EQ((*cleaning)->state(), Cleaning::State::group_ready);
  ASSERT_TRUE(log->truncate_to(5));
  EXPECT_FALSE(log->is_current(**cleaning));
  EXPECT_FALSE(log->swap_in(**cleaning));
  log->end_cleaning();
  cleaning->reset();
  for (const std::string& name : names()) EXPECT_FALSE(name.ends_with(".cleaned")) << name;
  EXPECT_EQ(log->end_offset(), 5);
}

TEST_F(Cleaner, RetentionWaitsForIt) {
  config_.cleanup_delete = true;
  config_.retention_ms = 1;
  auto log = open();
  for (int i = 0; i < 10; ++i) put(*log, "k", std::to_string(i));
  ASSERT_TRUE(log->roll(now_ms_));
  flush(*log);
  auto cleaning =
      log->begin_cleaning(*log->plan_cleaning(0, 10, now_ms_), OffsetMap(rng_, 1 << 20, 0.9), now_ms_);
  EXPECT_TRUE(log->delete_old_segments(now_ms_ + 1000, 10)->empty());
  log->end_cleaning();
  EXPECT_FALSE(log->delete_old_segments(now_ms_ + 1000, 10)->empty());
}

/// What a reader of the whole log knows at the end.

}  // namespace
}  // namespace kt::log
