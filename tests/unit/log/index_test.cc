#include <gtest/gtest.h>

#include "libbroker/base/rng.h"
#include "libbroker/log/offset_index.h"
#include "libbroker/log/time_index.h"
#include "libbroker/log/txn_index.h"
#include "libbroker/sim/sim_disk.h"

namespace kt::log {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

class Indexes : public testing::Test {
 protected:
  std::unique_ptr<File> file_with(const std::vector<std::byte>& bytes) {
    auto file = disk_.open("/file", Disk::Mode::create);
    EXPECT_TRUE((*file)->truncate(0) && (*file)->write_at(0, bytes));
    return std::move(*file);
  }
  SeededRng rng_{1};
  sim::SimDisk disk_{rng_};
};

TEST_F(Indexes, OffsetIndexIsKafkasBytes) {
  OffsetIndex index(100);
  index.append({105, 4200});
  index.append({0x100 + 100, 0x01020304});
  const auto bytes = bytes_of({0, 0, 0, 5, 0, 0, 0x10, 0x68, 0, 0, 1, 0, 1, 2, 3, 4});
  EXPECT_EQ(index.encode(), bytes);
  const auto parsed = OffsetIndex::parse(100, bytes, 0x01020305);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->last(), (OffsetIndex::Entry{356, 0x01020304}));
}

TEST_F(Indexes, OffsetIndexRefusesWhatIsNotOne) {
  OffsetIndex index(10);
  index.append({12, 100});
  index.append({15, 200});
  const auto good = index.encode();
  EXPECT_TRUE(OffsetIndex::parse(10, good, 201));
  EXPECT_FALSE(OffsetIndex::parse(10, good, 200)) << "beyond the log";
  EXPECT_FALSE(OffsetIndex::parse(10, std::span(good).first(15), 201)) << "half an entry";
  EXPECT_FALSE(OffsetIndex::parse(10, std::vector<std::byte>(80), 1000)) << "preallocated zeros";
  auto bad = good;
  std::swap_ranges(bad.begin(), bad.begin() + 8, bad.begin() + 8);
  EXPECT_FALSE(OffsetIndex::parse(10, bad, 201)) << "descending";
  bad = good;
  bad[0] = std::byte{0x80};
  EXPECT_FALSE(OffsetIndex::parse(10, bad, 201)) << "negative";
}

TEST_F(Indexes, OffsetLookupIsTheSameInMemoryAndInTheFile) {
  SeededRng rng(5);
  for (const size_t count : {0u, 1u, 2u, 7u, 64u, 1000u}) {
    OffsetIndex index(1000);
    int64_t offset = 1000;
    uint32_t position = 0;
    for (size_t i = 0; i < count; ++i) {
      offset += 1 + static_cast<int64_t>(rng.below(5));
      position += 1 + static_cast<uint32_t>(rng.below(9000));
      index.append({offset, position});
    }
    const auto file = file_with(index.encode());
    for (int64_t target = 995; target <= offset + 3; ++target) {
      const auto found = OffsetIndex::search(*file, 1000, target, Wait::yes);
      ASSERT_TRUE(found && *found);
      ASSERT_EQ(**found, index.lookup(target));
      ASSERT_LE((*found)->offset, std::max<int64_t>(target, 1000));
    }
  }
}

TEST_F(Indexes, OffsetSearchDoesNotWait) {
  OffsetIndex index(0);
  for (int i = 1; i < 100; ++i) index.append({i, static_cast<uint32_t>(i)});
  const auto file = file_with(index.encode());
  EXPECT_EQ(*OffsetIndex::search(*file, 0, 50, Wait::no), (OffsetIndex::Entry{50, 50}));
  disk_.set_faults({.cold = sim::always});
  EXPECT_EQ(*OffsetIndex::search(*file, 0, 50, Wait::no), std::nullopt);
}

TEST_F(Indexes, OffsetIndexTruncates) {
  OffsetIndex index(0);
  for (const int64_t offset : {3, 6, 9}) index.append({offset, static_cast<uint32_t>(offset * 10)});
  index.truncate_to(9);
  EXPECT_EQ(index.last().offset, 6);
  index.truncate_to(5);
  EXPECT_EQ(index.last().offset, 3);
  index.truncate_to(0);
  EXPECT_EQ(index.last(), (OffsetIndex::Entry{0, 0}));
}

TEST_F(Indexes, TimeIndexIsKafkasBytes) {
  TimeIndex index(100);
  index.maybe_append({1000, 103});
  index.maybe_append({1000, 110});
  index.maybe_append({0x0102030405060708, 111});
  const auto bytes = bytes_of({0, 0, 0, 0, 0, 0, 3, 0xe8, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 11});
  EXPECT_EQ(index.encode(), bytes);
  ASSERT_TRUE(TimeIndex::parse(100, bytes));
  EXPECT_EQ(TimeIndex::parse(100, bytes)->size(), 2u);
  EXPECT_FALSE(TimeIndex::parse(100, std::span(bytes).first(23)));
  EXPECT_FALSE(TimeIndex::parse(100, std::vector<std::byte>(24))) << "the same timestamp twice";
  EXPECT_FALSE(TimeIndex::parse(100, bytes_of({0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0})))
      << "before the segment";
}

TEST_F(Indexes, TimeLookupIsTheSameInMemoryAndInTheFile) {
  TimeIndex index(7);
  for (int64_t i = 0; i < 200; ++i) index.maybe_append({100 + i * 3, 7 + i});
  const auto file = file_with(index.encode());
  EXPECT_EQ(*TimeIndex::last_of(*file, 7), index.last());
  for (int64_t target = 90; target < 720; ++target)
    ASSERT_EQ(*TimeIndex::search(*file, 7, target), index.lookup(target)) << target;
  EXPECT_EQ(index.lookup(99), (TimeIndex::Entry{-1, 7}));
  index.truncate_to(9);
  EXPECT_EQ(index.last(), (TimeIndex::Entry{103, 8}));
  EXPECT_EQ(*TimeIndex::last_of(*file_with({}), 7), (TimeIndex::Entry{-1, 7}));
}

TEST_F(Indexes, TxnIndexIsKafkasBytes) {
  TxnIndex index;
  index.append({0x0a, 0x0b, 0x0c, 0x0d});
  const auto bytes = bytes_of({0,    0, 0, 0, 0, 0, 0, 0, 0,    0x0a, 0, 0, 0, 0, 0, 0, 0,
                               0x0b, 0, 0, 0, 0, 0, 0, 0, 0x0c, 0,    0, 0, 0, 0, 0, 0, 0x0d});
  EXPECT_EQ(index.encode(), bytes);
  ASSERT_TRUE(TxnIndex::parse(0, bytes));
  EXPECT_EQ(TxnIndex::parse(0, bytes)->entries()[0], (AbortedTransaction{10, 11, 12, 13}));
  EXPECT_FALSE(TxnIndex::parse(13, bytes)) << "marker before the segment";
  EXPECT_FALSE(TxnIndex::parse(0, std::span(bytes).first(33)));
  auto later = bytes;
  later[1] = std::byte{1};
  EXPECT_FALSE(TxnIndex::parse(0, later)) << "unknown version";
  EXPECT_FALSE(TxnIndex::parse(0, std::vector<std::byte>(68))) << "the same marker twice";
}

TEST_F(Indexes, TxnIndexCollectsWhatOverlaps) {
  TxnIndex index;
  index.append({1, 0, 10, 5});
  index.append({2, 5, 20, 15});
  index.append({3, 15, 30, 31});
  const auto collect = [&](int64_t from, int64_t to) {
    std::vector<AbortedTransaction> found;
    const bool complete = index.collect(from, to, found);
    std::vector<int64_t> producers;
    for (const auto& aborted : found) producers.push_back(aborted.producer_id);
    return std::pair(producers, complete);
  };
  EXPECT_EQ(collect(0, 5), std::pair(std::vector<int64_t>({1}), true));
  EXPECT_EQ(collect(11, 16), std::pair(std::vector<int64_t>({2, 3}), true));
  EXPECT_EQ(collect(0, 100), std::pair(std::vector<int64_t>({1, 2, 3}), false));
  EXPECT_EQ(collect(31, 100), std::pair(std::vector<int64_t>(), false));
  index.truncate_to(20);
  EXPECT_EQ(index.entries().size(), 1u);
}

}  // namespace
}  // namespace kt::log
