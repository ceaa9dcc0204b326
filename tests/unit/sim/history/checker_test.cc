#include "libbroker/sim/history/checker.h"

#include <gtest/gtest.h>

#include "tests/unit/sim/history/story.h"

// The cases of Jepsen's own tests of its kafka checker (jepsen/tests/kafka_test.clj), told anew, each beside
// a story in which all is well, and then kt's additions.

namespace kt::sim {
namespace {

using Cases = std::vector<Case>;
constexpr Value a = 1, b = 2, c = 3, d = 4, f = 6, g = 7;

TEST(Checker, NothingHappened) {
  EXPECT_TRUE(Story().report({}).is_valid());
  EXPECT_EQ(Story().report({}).text(), "");
}

TEST(Checker, AHealthyRunIsValidInEveryMode) {
  Story story;
  story.assign(1, {x, y});
  story.ok(0, {send(x, a, 0), send(y, a, 0)});
  story.ok(0, {send(x, b, 2)});
  story.ok(1, {poll(x, {{0, a}}), poll(y, {{0, a}})});
  story.ok(1, {poll(x, {{2, b}})});
  for (const bool is_subscribed : {false, true}) {
    const Report report = story.report({.is_subscribed = is_subscribed, .orders_writes = true});
    EXPECT_EQ(report.text(), "");
  }
}

TEST(InconsistentOffsets, TwoValuesAtOneOffset) {
  Story story;
  story.ok(379, {send(x, 641, 537)});
  story.ok(363, {send(x, 645, 537)});
  EXPECT_EQ(
      story.cases(Anomaly::inconsistent_offsets),
      (Cases{{.anomaly = Anomaly::inconsistent_offsets, .key = x, .values = {641, 645}, .offsets = {537}}}));
}

TEST(InconsistentOffsets, APollAgainstASendThatMustHaveCommitted) {
  Story story;
  story.ok(0, {poll(x, {{0, a}, {1, b}})});
  story.info(1, {send(x, c, 1), send(x, b, 3), send(x, d, 4)});  // b was read, so all of it committed
  EXPECT_EQ(story.cases(Anomaly::inconsistent_offsets),
            (Cases{{.anomaly = Anomaly::inconsistent_offsets, .key = x, .values = {b, c}, .offsets = {1}}}));
}

TEST(InconsistentOffsets, AnIndefiniteSendCountsOnceAnythingOfItWasRead) {
  Story story;
  story.info(0, {send(x, a, 0), send(y, a)});
  story.ok(1, {send(x, b, 0)});
  EXPECT_TRUE(story.cases(Anomaly::inconsistent_offsets).empty());
  story.ok(2, {poll(y, {{5, a}})});
  EXPECT_EQ(story.cases(Anomaly::inconsistent_offsets),
            (Cases{{.anomaly = Anomaly::inconsistent_offsets, .key = x, .values = {a, b}, .offsets = {0}}}));
}

TEST(AbortedRead, AFailedWriteIsSeen) {
  Story story;
  const uint64_t writer = story.failed(0, {send(x, b), send(y, c)});
  const uint64_t reader = story.ok(1, {poll(x, {{0, b}})});
  EXPECT_EQ(story.cases(Anomaly::aborted_read), (Cases{{.anomaly = Anomaly::aborted_read,
                                                        .key = x,
                                                        .values = {b},
                                                        .offsets = {0},
                                                        .ops = {writer, reader}}}));
  EXPECT_FALSE(story.report().is_valid());
  EXPECT_TRUE(story.report({.is_read_committed = false, .is_polled_to_end = false}).is_valid());
}

TEST(AbortedRead, AnAbortedPollMayNotCountAsReader) {
  Story story;
  story.failed(0, {send(x, b)});
  story.failed(1, {poll(x, {{0, b}})});
  EXPECT_TRUE(story.cases(Anomaly::aborted_read).empty());
}

TEST(PrecommittedRead, ATransactionSeesItsOwnWrite) {
  Story story;
  const uint64_t op = story.ok(0, {send(x, a, 0), poll(x, {{0, a}})});
  EXPECT_EQ(
      story.cases(Anomaly::precommitted_read),
      (Cases{{.anomaly = Anomaly::precommitted_read, .key = x, .values = {a}, .offsets = {0}, .ops = {op}}}));
}

TEST(Phantom, NobodySentWhatWasRead) {
  Story story;
  story.ok(0, {send(y, a, 0)});
  const uint64_t op = story.ok(1, {poll(x, {{0, a}})});  // the right value from the wrong key
  EXPECT_EQ(story.cases(Anomaly::phantom),
            (Cases{{.anomaly = Anomaly::phantom, .key = x, .values = {a}, .offsets = {0}, .ops = {op}}}));
}

TEST(LostWrite, AReaderHasPassedIt) {
  Story story;
  const uint64_t first = story.ok(0, {send(x, a, 0)});
  const uint64_t second = story.ok(0, {send(x, b, 1), send(x, d, 3)});
  story.info(1, {send(x, c)});
  story.ok(0, {poll(x, {{2, c}})});
  EXPECT_EQ(
      story.cases(Anomaly::lost_write),
      (Cases{{.anomaly = Anomaly::lost_write, .key = x, .values = {a, c}, .offsets = {0}, .ops = {first}},
             {.anomaly = Anomaly::lost_write, .key = x, .values = {b, c}, .offsets = {1}, .ops = {second}}}));
}

TEST(LostWrite, IsFoundThoughAnotherValueTookItsOffset) {
  Story story;
  const uint64_t writer = story.ok(0, {send(x, a, 0)});
  story.ok(0, {send(x, b, 0), send(x, c, 2)});
  story.ok(0, {poll(x, {{0, b}, {2, c}})});
  EXPECT_EQ(
      story.cases(Anomaly::lost_write),
      (Cases{{.anomaly = Anomaly::lost_write, .key = x, .values = {a, c}, .offsets = {0}, .ops = {writer}}}));
}

TEST(LostWrite, AnIndefiniteTransactionIsAllOrNothing) {
  const auto tell = [](bool is_read) {
    Story story;
    story.info(0, {send(x, a), send(y, b, 0)});
    story.info(1, {send(y, c)});
    if (is_read) story.ok(2, {poll(x, {{0, a}})});
    story.ok(3, {poll(y, {{1, c}})});
    return story.cases(Anomaly::lost_write);
  };
  EXPECT_TRUE(tell(false).empty()) << "nothing shows that b was committed";
  EXPECT_EQ(
      tell(true),
      (Cases{{.anomaly = Anomaly::lost_write, .key = y, .values = {b, c}, .offsets = {0}, .ops = {1}}}));
}

TEST(LostWrite, NotYetPolledIsNotLost) {
  Story story;
  story.ok(0, {send(x, a, 0), send(x, b, 1)});
  story.ok(1, {poll(x, {{0, a}})});
  EXPECT_TRUE(story.cases(Anomaly::lost_write).empty());
}

TEST(Unseen, AcknowledgedAndNeverPolled) {
  Story story;
  const uint64_t writer = story.ok(0, {send(x, a, 0), send(x, b, 1)});
  story.info(1, {send(x, c, 2)});
  story.ok(2, {poll(x, {{0, a}})});
  EXPECT_EQ(story.cases(Anomaly::unseen, {}),
            (Cases{{.anomaly = Anomaly::unseen, .key = x, .values = {b}, .ops = {writer}}}));
  EXPECT_TRUE(story.cases(Anomaly::unseen, {.is_polled_to_end = false}).empty());
  story.ok(2, {poll(x, {{1, b}})});
  EXPECT_TRUE(story.cases(Anomaly::unseen, {}).empty());
}

TEST(Duplicate, OneValueAtTwoOffsets) {
  Story story;
  story.ok(0, {send(x, a, 1)});
  story.info(1, {send(x, b)});
  story.ok(2, {poll(x, {{2, b}, {3, a}})});
  EXPECT_EQ(story.cases(Anomaly::duplicate),
            (Cases{{.anomaly = Anomaly::duplicate, .key = x, .values = {a}, .offsets = {1, 3}}}));
  EXPECT_TRUE(story.report({.is_idempotent = false, .is_polled_to_end = false}).is_valid());
}

TEST(Duplicate, AllOfThemAreFoundWhenOffsetsConflict) {
  Story story;
  for (Value value = 0; value < 10; ++value) {
    story.ok(0, {send(x, value, 0)});
    story.ok(1, {poll(x, {{1, value}})});
  }
  EXPECT_EQ(story.report().count(Anomaly::duplicate), 10u);
  EXPECT_EQ(story.report().count(Anomaly::inconsistent_offsets), 2u);
}

TEST(Duplicate, AnAbortedPollIsBelievedButNotAnAbortedSend) {
  Story story;
  story.ok(0, {send(x, a, 1)});
  story.failed(0, {send(x, b, 2)});
  story.failed(1, {poll(x, {{11, a}, {12, b}})});
  EXPECT_EQ(story.cases(Anomaly::duplicate),
            (Cases{{.anomaly = Anomaly::duplicate, .key = x, .values = {a}, .offsets = {1, 11}}}));
}

class PollSkip : public testing::TestWithParam<OpKind> {
 protected:
  /// Process 0 sees 1, 2, 4, 7; others show that there are a 3 and a 6, while 5 may be a gap.
  Story tell(std::vector<Key> given) {
    Story story;
    begun_ = story.ok(0, {poll(x, {{1, a}, {2, b}})});
    story.ok(1, {poll(x, {{3, c}})});
    if (!given.empty()) story.assign(0, given, GetParam());
    middle_ = story.ok(0, {poll(x, {{4, d}})});
    if (!given.empty()) story.assign(0, given, GetParam(), OpType::info);
    story.ok(2, {send(x, f, 6)});
    end_ = story.ok(0, {poll(x, {{7, g}})});
    story.info(3, {send(x, a), send(x, b), send(x, c), send(x, d), send(x, g)});
    return story;
  }
  Cases skips() const {
    return {{.anomaly = Anomaly::poll_skip, .key = x, .values = {b, d}, .delta = 2, .ops = {begun_, middle_}},
            {.anomaly = Anomaly::poll_skip, .key = x, .values = {d, g}, .delta = 2, .ops = {middle_, end_}}};
  }
  uint64_t begun_ = 0, middle_ = 0, end_ = 0;
};

TEST_P(PollSkip, OverOffsetsThatOthersSaw) {
  const Story plain = tell({});
  EXPECT_EQ(plain.cases(Anomaly::poll_skip), skips());
  const Story without_x = tell({y});
  EXPECT_TRUE(without_x.cases(Anomaly::poll_skip).empty()) << "x was taken away";
  const Story with_x = tell({x, y});
  EXPECT_EQ(with_x.cases(Anomaly::poll_skip), skips());
}

INSTANTIATE_TEST_SUITE_P(Kinds, PollSkip, testing::Values(OpKind::assign, OpKind::subscribe));

TEST(PollSkip, IsAllowedOfSubscribers) {
  Story story;
  story.ok(0, {send(x, a, 0), send(x, b, 1), send(x, c, 2)});
  story.ok(1, {poll(x, {{0, a}})});
  story.ok(1, {poll(x, {{2, c}})});
  story.ok(2, {poll(x, {{1, b}})});
  EXPECT_EQ(story.report().count(Anomaly::poll_skip), 1u);
  EXPECT_FALSE(story.report().is_valid());
  EXPECT_TRUE(story.report({.is_subscribed = true, .is_polled_to_end = false}).is_valid());
}

Story six_sent_and_the_first_polled() {
  Story story;
  story.ok(0, {send(x, 0, 0), send(x, 1, 1), send(x, 2, 2), send(x, 3, 3), send(x, 4, 4), send(x, 5, 5)});
  story.ok(1, {poll(x, {{0, 0}})});
  return story;
}

TEST(PollSkip, AConsumerGoesBackAfterAnAbort) {
  Story story = six_sent_and_the_first_polled();
  story.failed(1, {poll(x, {{1, 1}, {2, 2}})});
  story.info(1, {poll(x, {{1, 1}, {2, 2}})});
  story.ok(1, {poll(x, {{1, 1}, {2, 2}})});
  EXPECT_EQ(story.report().text(), "");
}

TEST(PollSkip, AConsumerThatDoesNotGoBackSkips) {
  Story story = six_sent_and_the_first_polled();
  story.failed(1, {poll(x, {{1, 1}, {2, 2}})});
  const uint64_t second = story.info(1, {poll(x, {{3, 3}, {4, 4}})});
  const uint64_t third = story.ok(1, {poll(x, {{5, 5}})});
  EXPECT_EQ(
      story.cases(Anomaly::poll_skip),
      (Cases{{.anomaly = Anomaly::poll_skip, .key = x, .values = {0, 3}, .delta = 3, .ops = {3, second}},
             {.anomaly = Anomaly::poll_skip, .key = x, .values = {0, 5}, .delta = 5, .ops = {3, third}}}));
}

TEST(NonmonotonicPoll, AProcessGoesBack) {
  const auto tell = [](std::vector<Key> given) {
    Story story;
    story.ok(0, {send(x, a), send(x, b), send(x, c), send(x, d)});
    story.ok(0, {poll(x, {{1, a}, {2, b}, {3, c}})});
    if (!given.empty()) story.assign(0, given);
    story.ok(0, {poll(x, {{2, b}, {3, c}, {4, d}})});
    return story.cases(Anomaly::nonmonotonic_poll);
  };
  EXPECT_EQ(
      tell({}),
      (Cases{
          {.anomaly = Anomaly::nonmonotonic_poll, .key = x, .values = {c, b}, .delta = -1, .ops = {3, 5}}}));
  EXPECT_TRUE(tell({y}).empty());
  EXPECT_EQ(tell({x, y}).size(), 1u);
}

TEST(NonmonotonicSend, AProcessSendsToEarlierOffsets) {
  const auto tell = [](std::vector<Key> given, OpType type) {
    Story story;
    story.ok(0, {send(x, c, 3), send(x, d, 4)});
    if (!given.empty()) story.assign(0, given, OpKind::assign, type);
    story.ok(0, {send(x, a, 1), send(x, b, 2)});
    return story.cases(Anomaly::nonmonotonic_send);
  };
  EXPECT_EQ(
      tell({}, OpType::ok),
      (Cases{
          {.anomaly = Anomaly::nonmonotonic_send, .key = x, .values = {d, a}, .delta = -3, .ops = {1, 3}}}));
  EXPECT_TRUE(tell({y}, OpType::info).empty());
  EXPECT_EQ(tell({y}, OpType::fail).size(), 1u);
  EXPECT_EQ(tell({x, y}, OpType::ok).size(), 1u);
}

TEST(IntPollSkip, WithinOnePollAndBetweenTwoOfOneOperation) {
  Story story;
  story.info(1, {send(x, a), send(x, b), send(x, d)});
  const uint64_t one = story.ok(0, {poll(x, {{1, a}, {4, d}})});
  const uint64_t two = story.ok(2, {poll(x, {{1, a}}), poll(x, {{4, d}})});
  story.ok(3, {poll(x, {{2, b}})});
  story.tell(4, OpType::ok, {poll(x, {{1, a}, {4, d}})}, {x});  // x was rebalanced meanwhile
  EXPECT_EQ(
      story.cases(Anomaly::int_poll_skip),
      (Cases{{.anomaly = Anomaly::int_poll_skip, .key = x, .values = {a, d}, .delta = 2, .ops = {one}},
             {.anomaly = Anomaly::int_poll_skip, .key = x, .values = {a, d}, .delta = 2, .ops = {two}}}));
}

TEST(IntNonmonotonicPoll, GoingBackAndStayingWithinOneOperation) {
  Story story;
  story.info(1, {send(x, a), send(x, b), send(x, c)});
  const uint64_t back = story.ok(0, {poll(x, {{3, c}, {1, a}})});
  const uint64_t same = story.ok(2, {poll(x, {{2, b}, {3, c}}), poll(x, {{3, c}})});
  EXPECT_EQ(
      story.cases(Anomaly::int_nonmonotonic_poll),
      (Cases{
          {.anomaly = Anomaly::int_nonmonotonic_poll, .key = x, .values = {c, a}, .delta = -2, .ops = {back}},
          {.anomaly = Anomaly::int_nonmonotonic_poll, .key = x, .values = {c, c}, .ops = {same}}}));
}

TEST(IntSendSkip, AnotherWritersRecordLiesBetweenAndThatIsAllowed) {
  Story story;
  const uint64_t op = story.ok(0, {send(x, a, 1), send(x, c)});
  story.info(1, {send(x, b)});
  story.ok(2, {poll(x, {{2, b}, {3, c}})});
  EXPECT_EQ(
      story.cases(Anomaly::int_send_skip),
      (Cases{{.anomaly = Anomaly::int_send_skip, .key = x, .values = {a, c}, .delta = 2, .ops = {op}}}));
  EXPECT_TRUE(is_allowed(Anomaly::int_send_skip, {}));
}

TEST(IntNonmonotonicSend, OneOperationsRecordsLieInTheOtherOrder) {
  Story story;
  const uint64_t told = story.ok(0, {send(x, c, 3), send(x, a, 1)});
  const uint64_t inferred = story.info(2, {send(y, d), send(y, b)});
  story.info(1, {send(y, c)});
  story.ok(3, {poll(y, {{2, b}, {3, c}, {4, d}})});
  EXPECT_EQ(
      story.cases(Anomaly::int_nonmonotonic_send),
      (Cases{
          {.anomaly = Anomaly::int_nonmonotonic_send, .key = x, .values = {c, a}, .delta = -1, .ops = {told}},
          {.anomaly = Anomaly::int_nonmonotonic_send,
           .key = y,
           .values = {d, b},
           .delta = -2,
           .ops = {inferred}}}));
}

TEST(Report, KeepsSomeCasesAndCountsAll) {
  Story story;
  for (Value value = 0; value < 100; ++value) story.ok(0, {send(x, value, 0)});
  const Report report = story.report({});
  EXPECT_EQ(report.count(Anomaly::unseen), 100u);
  EXPECT_EQ(report.cases(Anomaly::unseen).size(), Report::cases_max);
  EXPECT_NE(report.text().find("unseen                       100  FORBIDDEN\n"), std::string::npos)
      << report.text();
}

}  // namespace
}  // namespace kt::sim
