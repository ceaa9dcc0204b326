#include <gtest/gtest.h>

#include "libbroker/sim/history/checker.h"
#include "tests/unit/sim/history/story.h"

// Anomalies between whole operations: cycles, groups' positions, compaction.

namespace kt::sim {
namespace {

using Cases = std::vector<Case>;
constexpr Value a = 1, b = 2, c = 3;

TEST(WriteCycle, TwoTransactionsWriteBeforeEachOther) {
  Story story;
  const uint64_t one = story.ok(0, {send(x, a, 0), send(y, a, 1)});
  const uint64_t two = story.ok(1, {send(x, b, 1), send(y, b, 0)});
  EXPECT_TRUE(story.cases(Anomaly::write_cycle).empty()) << "unless asked, log order is no dependency";
  EXPECT_EQ(story.cases(Anomaly::write_cycle, {.is_polled_to_end = false, .orders_writes = true}),
            (Cases{{.anomaly = Anomaly::write_cycle, .ops = {one, two}}}));
}

TEST(InformationCycle, TwoTransactionsSeeEachOther) {
  Story story;
  story.begin(0, OpKind::txn);
  story.begin(1, OpKind::txn);
  const uint64_t one = story.end(0, OpType::ok, OpKind::txn, {send(x, a, 0), poll(y, {{0, b}})});
  const uint64_t two = story.end(1, OpType::ok, OpKind::txn, {send(y, b, 0), poll(x, {{0, a}})});
  EXPECT_EQ(story.cases(Anomaly::information_cycle),
            (Cases{{.anomaly = Anomaly::information_cycle, .ops = {one, two}}}));
  EXPECT_FALSE(story.report().is_valid());
}

TEST(InformationCycle, OneSeesTheOtherYetWritesBehindIt) {
  Story story;
  story.begin(0, OpKind::txn);
  story.begin(1, OpKind::txn);
  story.end(0, OpType::ok, OpKind::txn, {send(x, a, 0), send(y, c, 2)});
  story.end(1, OpType::ok, OpKind::txn, {poll(x, {{0, a}}), send(y, b, 1)});
  EXPECT_TRUE(story.cases(Anomaly::information_cycle).empty());
  const Promises ordered{.is_polled_to_end = false, .orders_writes = true};
  EXPECT_EQ(story.cases(Anomaly::information_cycle, ordered).size(), 1u);
  EXPECT_TRUE(is_allowed(Anomaly::information_cycle, ordered)) << "Kafka does not isolate writes";
}

TEST(InformationCycle, ALongOneIsReportedAtItsShortest) {
  Story story;
  constexpr int32_t count = 1'000;
  for (int32_t i = 0; i < count; ++i) story.begin(i, OpKind::txn);
  for (int32_t i = 0; i < count; ++i) {
    const Value seen = (i + count - 1) % count;
    story.end(i, OpType::ok, OpKind::txn, {send(x, i, i), poll(x, {{seen, seen}})});
  }
  const auto cases = story.cases(Anomaly::information_cycle);
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0].ops.size(), static_cast<size_t>(count));
}

TEST(RepeatedConsumption, ASubscribersTransactionsReadARecordTwice) {
  const auto tell = [](OpKind kind) {
    Story story;
    story.ok(0, {send(x, a, 0)});
    story.assign(1, {x}, kind);
    story.ok(1, {poll(x, {{0, a}})});
    story.ok(1, {poll(x, {{0, a}})});
    story.ok(1, {poll(x, {{0, a}})});
    return story.cases(Anomaly::repeated_consumption);
  };
  EXPECT_EQ(tell(OpKind::subscribe),
            (Cases{{.anomaly = Anomaly::repeated_consumption, .key = x, .values = {a}}}));
  EXPECT_TRUE(tell(OpKind::assign).empty());
}

TEST(OffsetRegress, APositionIsLessThanWhatWasCommitted) {
  Story story;
  story.ok(0, {commit(x, 10)});
  const uint64_t bad = story.ok(1, {committed(x, 9)});
  const uint64_t none = story.ok(1, {committed(x, no_offset)});
  story.ok(1, {committed(x, 10)});
  story.ok(1, {committed(y, no_offset)});
  EXPECT_EQ(
      story.cases(Anomaly::offset_regress),
      (Cases{{.anomaly = Anomaly::offset_regress, .key = x, .offsets = {10, 9}, .ops = {bad}},
             {.anomaly = Anomaly::offset_regress, .key = x, .offsets = {10, no_offset}, .ops = {none}}}));
}

TEST(OffsetRegress, ACommitMayGoBackAndAnIndefiniteOneMayCountAtAnyLaterTime) {
  Story story;
  story.ok(0, {commit(x, 10)});
  story.info(2, {commit(x, 5)});
  story.ok(1, {committed(x, 10)});
  story.ok(1, {committed(x, 5)});
  story.ok(0, {commit(x, 3)});
  story.ok(1, {committed(x, 3)});
  EXPECT_EQ(story.report().text(), "");
}

TEST(OffsetRegress, ConcurrentCommitsMayEndInEitherOrder) {
  Story story;
  story.begin(0, OpKind::commit);
  story.begin(1, OpKind::commit);
  story.end(0, OpType::ok, OpKind::commit, {commit(x, 10)});
  story.end(1, OpType::ok, OpKind::commit, {commit(x, 5)});
  story.ok(2, {committed(x, 5)});
  EXPECT_EQ(story.report().text(), "");
  story.failed(3, {commit(x, 1)});
  story.ok(2, {committed(x, 1)});
  EXPECT_EQ(story.report().count(Anomaly::offset_regress), 1u);
}

TEST(OffsetRegress, WhatWasReadOnceHasTakenEffect) {
  Story story;
  story.ok(0, {commit(x, 5)});
  story.info(2, {commit(x, 10)});
  story.ok(1, {committed(x, 5)});
  story.ok(1, {committed(x, 10)});
  const uint64_t bad = story.ok(1, {committed(x, 5)});
  EXPECT_EQ(story.cases(Anomaly::offset_regress),
            (Cases{{.anomaly = Anomaly::offset_regress, .key = x, .offsets = {10, 5}, .ops = {bad}}}));
}

TEST(OffsetRegress, AFetchMaySeeACommitThatBeganAfterIt) {
  Story story;
  story.ok(0, {commit(x, 10)});
  story.begin(1, OpKind::commit);
  story.ok(0, {commit(x, 4)});
  story.end(1, OpType::ok, OpKind::commit, {committed(x, 4)});
  EXPECT_EQ(story.report().text(), "");
}

constexpr Promises compacted{.is_compacted = true};

TEST(CompactionLoss, TheLastValueOfARecordKeyIsGone) {
  const auto tell = [](std::vector<Read> left) {
    Story story;
    story.ok(0, {keyed_send(x, 1, a, 0), keyed_send(x, 2, b, 1), keyed_send(x, 1, c, 2)});
    story.ok(1, {scan(x, std::move(left))});
    return story.cases(Anomaly::compaction_loss, compacted);
  };
  EXPECT_TRUE(tell({{1, b}, {2, c}}).empty());
  EXPECT_TRUE(tell({{0, a}, {1, b}, {2, c}}).empty()) << "nothing needs to be compacted";
  EXPECT_EQ(tell({{2, c}}),
            (Cases{{.anomaly = Anomaly::compaction_loss, .key = x, .values = {b}, .offsets = {1}}}));
  EXPECT_EQ(tell({{0, a}, {1, b}}),
            (Cases{{.anomaly = Anomaly::compaction_loss, .key = x, .values = {c}, .offsets = {2}}}));
}

TEST(CompactionLoss, AnOffsetHoldsAnotherValueThanBefore) {
  Story story;
  story.ok(0, {keyed_send(x, 1, a, 0), keyed_send(x, 1, b, 1)});
  story.ok(1, {scan(x, {{0, b}, {1, b}})});
  EXPECT_EQ(story.cases(Anomaly::compaction_loss, compacted),
            (Cases{{.anomaly = Anomaly::compaction_loss, .key = x, .values = {b}, .offsets = {0}}}));
}

TEST(CompactionLoss, AnIndefiniteWriteMayHaveSupersededTheLast) {
  Story story;
  story.ok(0, {keyed_send(x, 1, a, 0)});
  story.info(0, {keyed_send(x, 1, b, no_offset)});
  story.ok(1, {scan(x, {{4, b}})});
  EXPECT_TRUE(story.report(compacted).is_valid());
}

TEST(CompactionLoss, AnIndefiniteWriteMayArriveAfterTheScan) {
  Story story;
  story.ok(0, {keyed_send(x, 1, a, 0)});
  story.info(0, {keyed_send(x, 1, b, no_offset)});
  story.ok(1, {scan(x, {{0, a}})});
  story.ok(2, {poll(x, {{0, a}, {1, b}})});
  EXPECT_TRUE(story.report(compacted).is_valid());
}

TEST(CompactionLoss, GapsAreNoSkips) {
  Story story;
  story.ok(0, {keyed_send(x, 1, a, 0), keyed_send(x, 1, b, 1), keyed_send(x, 1, c, 2)});
  story.ok(1, {poll(x, {{0, a}, {2, c}})});
  story.ok(1, {scan(x, {{2, c}})});
  EXPECT_TRUE(story.report(compacted).is_valid());
  EXPECT_FALSE(story.report({}).is_valid());
}

}  // namespace
}  // namespace kt::sim
