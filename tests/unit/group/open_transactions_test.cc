#include "libbroker/group/open_transactions.h"

#include <gtest/gtest.h>

#include "libbroker/group/log_format.h"

namespace kt::group {
namespace {

constexpr int64_t producer = 7, other = 8;

Record position(int64_t offset, int32_t partition = 0) {
  return offset_record("g", {"t", partition}, {.offset = offset});
}

TEST(OpenTransactions, WhatACommitEndsCounts) {
  OpenTransactions transactions;
  transactions.hold(producer, 10, position(5));
  transactions.hold(producer, 11, position(6));
  transactions.hold(producer, 12, position(7, 1));
  transactions.hold(other, 13, position(8, 2));
  EXPECT_EQ(transactions.end(producer, true), (std::vector{position(6), position(7, 1)}));
  EXPECT_TRUE(transactions.end(producer, true).empty());
  EXPECT_EQ(transactions.end(other, true), std::vector{position(8, 2)});
}

TEST(OpenTransactions, WhatAnAbortEndsDoesNot) {
  OpenTransactions transactions;
  transactions.hold(producer, 10, position(5));
  EXPECT_TRUE(transactions.end(producer, false).empty());
  EXPECT_TRUE(transactions.end(producer, true).empty());
  transactions.hold(producer, 12, position(6));
  EXPECT_EQ(transactions.end(producer, true), std::vector{position(6)});
}

TEST(OpenTransactions, ALaterRecordOfNoneCountsInTheirPlace) {
  OpenTransactions transactions;
  transactions.hold(producer, 10, position(5));
  transactions.hold(producer, 11, position(7, 1));
  transactions.overtake(offset_tombstone("g", {"t", 0}));
  EXPECT_EQ(transactions.end(producer, true), std::vector{position(7, 1)});
}

TEST(OpenTransactions, OfTwoTheOneThatWroteLastCountsWhicheverEndsFirst) {
  OpenTransactions transactions;
  transactions.hold(producer, 10, position(5));
  transactions.hold(other, 11, position(6));
  EXPECT_EQ(transactions.end(other, true), std::vector{position(6)});
  EXPECT_TRUE(transactions.end(producer, true).empty());

  transactions.hold(producer, 20, position(7));
  transactions.hold(other, 21, position(8));
  EXPECT_EQ(transactions.end(producer, true), std::vector{position(7)});
  EXPECT_EQ(transactions.end(other, true), std::vector{position(8)});

  transactions.hold(producer, 30, position(1));
  transactions.hold(other, 31, position(2));
  EXPECT_TRUE(transactions.end(other, false).empty());
  EXPECT_EQ(transactions.end(producer, true), std::vector{position(1)});
}

}  // namespace
}  // namespace kt::group
