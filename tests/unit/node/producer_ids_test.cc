#include "libbroker/node/producer_ids.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <set>
#include <vector>

#include "tests/unit/net/fakes.h"

namespace kt::node {
namespace {

class ProducerIdsTest : public testing::Test {
 protected:
  void next(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      ids_.next(loop_, [this](Result<int64_t> id) {
        if (id)
          EXPECT_TRUE(got_.insert(*id).second) << *id;
        else
          refused_.push_back(id.error().code);
      });
    }
  }
  /// The controller gives what is asked for next.
  void give(Result<ProducerIds::Block> block) {
    ASSERT_FALSE(asked_.empty());
    const auto answer = std::move(asked_.front());
    asked_.pop_front();
    answer(std::move(block));
    loop_.run_posted();
  }

  net::FakeLoop loop_;
  std::deque<std::function<void(Result<ProducerIds::Block>)>> asked_;
  ProducerIds ids_{[this](auto answer) { asked_.push_back(std::move(answer)); }};
  std::set<int64_t> got_;
  std::vector<ErrorCode> refused_;
};

TEST_F(ProducerIdsTest, TheNextBlockIsAskedForBeforeThisOneEnds) {
  next(1);
  give(ProducerIds::Block{.first = 100, .count = 10});
  EXPECT_EQ(got_, (std::set<int64_t>{100}));
  next(7);
  EXPECT_TRUE(asked_.empty());
  next(1);
  EXPECT_EQ(asked_.size(), 1u);
  give(ProducerIds::Block{.first = 300, .count = 10});
  next(2);
  EXPECT_EQ(*got_.rbegin(), 300);
}

TEST_F(ProducerIdsTest, MoreThanABlockWaitForAsManyAsItTakes) {
  next(25);
  for (int64_t first = 0; first < 30; first += 10) give(ProducerIds::Block{.first = first, .count = 10});
  EXPECT_EQ(got_.size(), 25u);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(ProducerIdsTest, WhatTheControllerRefusesIsRefusedToAllWhoWait) {
  next(3);
  give(fail(ErrorCode::broker_id_not_registered));
  EXPECT_EQ(refused_, std::vector<ErrorCode>(3, ErrorCode::broker_id_not_registered));
  next(1);
  give(ProducerIds::Block{.first = 0, .count = 10});
  EXPECT_EQ(got_.size(), 1u);
}

}  // namespace
}  // namespace kt::node
