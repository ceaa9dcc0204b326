#include "libbroker/node/fetch_session_handler.h"

#include <gtest/gtest.h>

namespace kt::node {
namespace {

using Key = FetchSessionHandler::Key;

Key key(int32_t partition) { return {Uuid{1, 1}, partition}; }
FetchSessionHandler::Position at(int64_t offset, int32_t leader_epoch = 5) {
  return {.leader_epoch = leader_epoch, .offset = offset, .last_epoch = 4, .log_start = 0};
}

class FetchSessionHandlerTest : public testing::Test {
 protected:
  /// Named partitions at their offsets, then forgotten ones: "7/1: 0@10 3@0 -2".
  std::string write(const std::vector<FetchSessionHandler::Named>& named) {
    wire::FetchRequest request;
    number_ = handler_.write(request, named, 1 << 20);
    std::string text = std::to_string(request.session_id) + "/" + std::to_string(request.session_epoch) + ":";
    for (const auto& topic : request.topics) {
      for (const auto& one : topic.partitions)
        text += " " + std::to_string(one.partition) + "@" + std::to_string(one.fetch_offset);
    }
    for (const auto& topic : request.forgotten_topics_data) {
      for (const int32_t partition : topic.partitions) text += " -" + std::to_string(partition);
    }
    return text;
  }
  void open() {
    ASSERT_EQ(write({{key(0), at(10)}, {key(1), at(20)}}), "0/0: 0@10 1@20");
    handler_.answered(7);
    ASSERT_TRUE(handler_.is_open());
  }

  FetchSessionHandler handler_;
  uint64_t number_ = 0;
};

TEST_F(FetchSessionHandlerTest, NamesEverythingOnceAndThenWhatIsNew) {
  open();
  EXPECT_TRUE(handler_.is_told(key(0), at(10)));
  EXPECT_FALSE(handler_.is_told(key(0), at(11)));
  EXPECT_EQ(write({{key(0), at(11)}}), "7/1: 0@11");
  handler_.answered(7);
  EXPECT_EQ(write({}), "7/2:");
  EXPECT_EQ(handler_.size(), 2u);
  EXPECT_EQ(handler_.said(key(1), number_), at(20)) << "by leaving it out";
}

TEST_F(FetchSessionHandlerTest, ForgetsOnceAndNotWhatIsNamedAgain) {
  open();
  handler_.forget(key(0));
  handler_.forget(key(1));
  handler_.forget(key(9));
  EXPECT_EQ(write({{key(1), at(20)}}), "7/1: 1@20 -0");
  EXPECT_EQ(write({}), "7/2:");
}

TEST_F(FetchSessionHandlerTest, ForgetsWhatItNamedInTheRequestThatOpensTheSession) {
  write({{key(0), at(10)}, {key(1), at(20)}});
  handler_.forget(key(1));
  handler_.answered(7);
  EXPECT_EQ(write({}), "7/1: -1");
}

TEST_F(FetchSessionHandlerTest, AnAnswerIsReadByWhatItsOwnRequestSaid) {
  open();
  write({});
  const uint64_t waits = number_;
  EXPECT_EQ(write({{key(1), at(30, 6)}, {key(2), at(0)}}), "7/2: 1@30 2@0");
  EXPECT_EQ(handler_.said(key(0), waits), at(10));
  EXPECT_EQ(handler_.said(key(1), waits), std::nullopt) << "of the epoch before";
  EXPECT_EQ(handler_.said(key(2), waits), std::nullopt);
  EXPECT_EQ(handler_.said(key(1), number_), at(30, 6));
}

TEST_F(FetchSessionHandlerTest, AnotherSessionClosesTheOneThatIsLost) {
  open();
  handler_.forget(key(0));
  handler_.restart();
  EXPECT_FALSE(handler_.is_open());
  EXPECT_FALSE(handler_.is_told(key(1), at(20)));
  EXPECT_EQ(write({{key(1), at(20)}}), "7/0: 1@20");
  handler_.answered(8);
  EXPECT_EQ(write({}), "8/1:");
}

TEST_F(FetchSessionHandlerTest, WithoutASessionEverythingIsNamedEachTime) {
  write({{key(0), at(10)}, {key(1), at(20)}});
  handler_.answered(0);
  EXPECT_TRUE(handler_.is_refused());
  handler_.forget(key(1));
  EXPECT_EQ(write({{key(0), at(10)}}), "0/0: 0@10");
  EXPECT_EQ(handler_.said(key(1), number_), std::nullopt);
}

TEST_F(FetchSessionHandlerTest, ALeaderMayCloseTheSession) {
  open();
  write({});
  handler_.answered(0);
  EXPECT_FALSE(handler_.is_open());
  EXPECT_EQ(write({{key(0), at(10)}}), "0/0: 0@10");
}

}  // namespace
}  // namespace kt::node
