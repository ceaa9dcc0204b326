#include "libbroker/net/server_connection.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "tests/unit/net/fakes.h"

namespace kt::net {
namespace {

/// Keeps what arrives until the test answers it.
class Desk final : public Dispatcher {
 public:
  void on_request(ServerConnection& from, Slice frame, Reply reply) override {
    arrived.emplace_back(frame.text());
    if (on_next) on_next(from);
    if (answers_at_once) {
      reply(pieces_of("re:" + std::string(frame.text())));
    } else {
      replies.push_back(std::move(reply));
    }
  }
  void on_answered(ServerConnection&) override { ++answered; }
  void on_closed(ServerConnection&, std::string_view reason) override { closed = reason; }

  std::string answer_to_word(std::string_view four_bytes) override {
    return word.empty() ? "" : word + "(" + std::string(four_bytes) + ")";
  }

  std::string word;
  bool answers_at_once = false;
  std::function<void(ServerConnection&)> on_next;
  std::vector<std::string> arrived;
  std::vector<Reply> replies;
  size_t answered = 0;
  std::string closed;
};

class ServerConnectionTest : public testing::Test {
 protected:
  ServerConnectionTest() { open({}); }
  void open(const ServerLimits& limits) {
    connection_.reset();
    wire_ = {};
    home_ = std::make_unique<ServerLoop>(loop_, budget_, desk_, limits);
    connection_ = std::make_unique<ServerConnection>(*home_, std::make_unique<FakeStream>(wire_));
    connection_->start();
  }
  void request(std::string_view body) { wire_.deliver(framed(body)); }
  void answer(size_t index, std::string_view body) {
    desk_.replies[index](pieces_of(body));
    loop_.run_posted();
  }

  FakeLoop loop_;
  MemoryBudget budget_{1 << 20};
  Desk desk_;
  FakeWire wire_;
  std::unique_ptr<ServerLoop> home_;
  std::unique_ptr<ServerConnection> connection_;
};

TEST_F(ServerConnectionTest, AnswersInArrivalOrderWhicheverIsReadyFirst) {
  for (const char* body : {"a", "b", "c"}) request(body);
  EXPECT_EQ(desk_.arrived, (std::vector<std::string>{"a", "b", "c"}));
  answer(2, "C");
  answer(1, "B");
  EXPECT_EQ(wire_.sent, "");
  answer(0, "A");
  EXPECT_EQ(wire_.sent, framed("A") + framed("B") + framed("C"));
  EXPECT_EQ(wire_.sends, 1u);
}

TEST_F(ServerConnectionTest, TellsOfEachRequestOnceItAndThoseBeforeAreDone) {
  for (const char* body : {"a", "b", "c"}) request(body);
  answer(1, "B");
  EXPECT_EQ(desk_.answered, 0u);
  desk_.replies[0].without_answer();
  loop_.run_posted();
  EXPECT_EQ(desk_.answered, 2u);
  answer(2, "C");
  EXPECT_EQ(desk_.answered, 3u);
}

TEST_F(ServerConnectionTest, OneReadOfManyRequestsIsOneWrite) {
  desk_.answers_at_once = true;
  std::string requests, answers;
  for (int i = 0; i < 100; ++i) {
    requests += framed(std::to_string(i));
    answers += framed("re:" + std::to_string(i));
  }
  wire_.deliver(requests);
  EXPECT_EQ(wire_.sent, answers);
  EXPECT_EQ(wire_.sends, 1u);
}

TEST_F(ServerConnectionTest, AnswersOfOneTurnFromElsewhereAreOneWrite) {
  for (const char* body : {"a", "b"}) request(body);
  desk_.replies[0](pieces_of("A"));
  desk_.replies[1](pieces_of("B"));
  EXPECT_EQ(wire_.sends, 0u);
  loop_.run_posted();
  EXPECT_EQ(wire_.sent, framed("A") + framed("B"));
  EXPECT_EQ(wire_.sends, 1u);
}

TEST_F(ServerConnectionTest, CutAtEveryByteThePipelineIsTheSame) {
  desk_.answers_at_once = true;
  const std::string requests = framed("one") + framed("two") + framed("three");
  for (size_t cut = 0; cut <= requests.size(); ++cut) {
    open({});
    wire_.deliver(requests.substr(0, cut));
    wire_.deliver(requests.substr(cut));
    EXPECT_EQ(wire_.sent, framed("re:one") + framed("re:two") + framed("re:three"));
  }
}

TEST_F(ServerConnectionTest, The33rdWaits) {
  std::string requests;
  for (int i = 0; i < 34; ++i) requests += framed(std::to_string(i));
  wire_.deliver(requests);
  EXPECT_EQ(desk_.arrived.size(), 32u);
  EXPECT_EQ(connection_->open_requests(), 32u);
  EXPECT_TRUE(wire_.is_paused);
  answer(1, "second");  // not the next in order: its place stays taken
  EXPECT_EQ(desk_.arrived.size(), 32u);
  answer(0, "first");
  EXPECT_EQ(desk_.arrived.size(), 34u);
  EXPECT_EQ(desk_.arrived.back(), "33");
}

TEST_F(ServerConnectionTest, ARequestMayHaveNoAnswer) {
  for (const char* body : {"a", "b", "c"}) request(body);
  answer(2, "C");
  desk_.replies[0].without_answer();
  desk_.replies[1].without_answer();
  loop_.run_posted();
  EXPECT_EQ(wire_.sent, framed("C"));
  EXPECT_EQ(connection_->open_requests(), 0u);
}

TEST_F(ServerConnectionTest, ADroppedReplyCloses) {
  request("a");
  desk_.replies.clear();
  EXPECT_EQ(desk_.closed, "");
  loop_.run_posted();
  EXPECT_EQ(desk_.closed, "a request was dropped unanswered");
  EXPECT_TRUE(wire_.is_destroyed);
}

TEST_F(ServerConnectionTest, AnExceptionCloses) {
  desk_.on_next = [](ServerConnection&) { throw std::length_error("a string of -2 bytes"); };
  request("a");
  loop_.run_posted();
  EXPECT_EQ(desk_.closed, "a string of -2 bytes");
}

TEST_F(ServerConnectionTest, ABadFrameClosesAndNothingFollows) {
  wire_.deliver(std::string("\xff\xff\xff\xff", 4) + framed("after"));
  loop_.run_posted();
  EXPECT_EQ(desk_.closed, "a frame of -1 bytes, the limit is 104857600");
  EXPECT_TRUE(desk_.arrived.empty());
  EXPECT_EQ(home_->counters.bad_frames.get(), 1u);
}

TEST_F(ServerConnectionTest, AWordOfAnotherProtocolIsAnsweredInKind) {
  desk_.word = "imok";
  wire_.peer_takes = 2;
  wire_.deliver("ruok\n");
  loop_.run_posted();
  EXPECT_EQ(desk_.closed, "");
  wire_.drain();
  loop_.run_posted();
  EXPECT_EQ(wire_.sent, "imok(ruok)");
  EXPECT_EQ(desk_.closed, "a frame of 1920298859 bytes, the limit is 104857600");
}

TEST_F(ServerConnectionTest, AWordAfterARequestIsJustABadFrame) {
  desk_.word = "imok";
  desk_.answers_at_once = true;
  wire_.deliver(framed("a"));
  wire_.deliver("ruok");
  loop_.run_posted();
  EXPECT_EQ(wire_.sent, framed("re:a"));
  EXPECT_NE(desk_.closed, "");
}

TEST_F(ServerConnectionTest, AFrameLimitMayBeRaisedLater) {
  connection_->set_frame_bytes_max(10);
  desk_.on_next = [](ServerConnection& connection) { connection.set_frame_bytes_max(20); };
  request("0123456789");
  request("0123456789abcdef");
  EXPECT_EQ(desk_.arrived.size(), 2u);
  wire_.deliver(framed(std::string(21, 'x')));
  loop_.run_posted();
  EXPECT_EQ(desk_.closed, "a frame of 21 bytes, the limit is 20");
}

TEST_F(ServerConnectionTest, RepliesOutliveTheirConnection) {
  request("a");
  request("b");
  Loop* const loop = desk_.replies[0].loop();
  EXPECT_EQ(loop, &loop_);
  connection_.reset();
  desk_.replies[0](pieces_of("A"));
  desk_.replies.clear();
  loop_.run_posted();
  EXPECT_EQ(wire_.sent, "");
}

TEST_F(ServerConnectionTest, ThePeerClosing) {
  request("a");
  wire_.handler->on_closed("connection reset by peer");
  EXPECT_EQ(desk_.closed, "");  // never from inside a call
  loop_.run_posted();
  EXPECT_EQ(desk_.closed, "connection reset by peer");
  answer(0, "A");
}

TEST_F(ServerConnectionTest, AMutedConnectionBeginsNothingUntilItsTime) {
  desk_.answers_at_once = true;
  desk_.on_next = [&](ServerConnection& connection) {
    connection.mute(100);
    connection.mute(40);
    desk_.on_next = nullptr;
  };
  wire_.deliver(framed("a") + framed("b"));
  EXPECT_EQ(wire_.sent, framed("re:a"));  // answered first, then muted
  EXPECT_TRUE(wire_.is_paused);
  loop_.advance_ms(99);
  EXPECT_EQ(desk_.arrived.size(), 1u);
  loop_.advance_ms(1);
  EXPECT_EQ(wire_.sent, framed("re:a") + framed("re:b"));
  EXPECT_FALSE(wire_.is_paused);
}

TEST_F(ServerConnectionTest, ABarrierHoldsTheNextRequestUntilItIsAnswered) {
  desk_.on_next = [&](ServerConnection& connection) {
    if (desk_.arrived.size() == 2) connection.hold_until_answered();
  };
  wire_.deliver(framed("a") + framed("barrier") + framed("c"));
  EXPECT_EQ(desk_.arrived.size(), 2u);
  answer(0, "A");
  EXPECT_EQ(desk_.arrived.size(), 2u);
  answer(1, "B");
  EXPECT_EQ(desk_.arrived.size(), 3u);
}

TEST_F(ServerConnectionTest, ABarrierAnsweredAtOnceHoldsNothing) {
  desk_.answers_at_once = true;
  desk_.on_next = [&](ServerConnection& connection) { connection.hold_until_answered(); };
  wire_.deliver(framed("a") + framed("b"));
  EXPECT_EQ(wire_.sent, framed("re:a") + framed("re:b"));
}

TEST_F(ServerConnectionTest, APeerThatDoesNotReadIsNotServed) {
  open({.unsent_bytes_max = 100});
  desk_.answers_at_once = true;
  wire_.peer_takes = 10;
  request(std::string(60, 'a'));
  EXPECT_FALSE(wire_.is_paused);
  request(std::string(60, 'b'));
  EXPECT_TRUE(wire_.is_paused);
  request("c");
  EXPECT_EQ(desk_.arrived.size(), 2u);
  wire_.drain();
  wire_.read();
  EXPECT_EQ(desk_.arrived.size(), 3u);
  EXPECT_TRUE(wire_.sent.ends_with(framed("re:c")));
}

TEST_F(ServerConnectionTest, AnswersThatWaitForAnEarlierOneCountAsUnsent) {
  open({.unsent_bytes_max = 100});
  for (const char* body : {"a", "b"}) request(body);
  answer(1, std::string(100, 'B'));
  request("c");
  EXPECT_EQ(desk_.arrived.size(), 2u);
  answer(0, "A");
  wire_.read();
  EXPECT_EQ(desk_.arrived.size(), 3u);
}

TEST_F(ServerConnectionTest, AFloodOfSmallRequestsLeavesTheOthersTheirTurn) {
  open({.turn_requests_max = 10});
  desk_.answers_at_once = true;
  std::string requests;
  for (int i = 0; i < 25; ++i) requests += framed(std::to_string(i));
  wire_.deliver(requests);
  EXPECT_EQ(desk_.arrived.size(), 10u);
  EXPECT_TRUE(wire_.is_paused);
  loop_.run_posted();
  EXPECT_EQ(desk_.arrived.size(), 25u);
  EXPECT_EQ(wire_.sends, 3u);
  EXPECT_FALSE(wire_.is_paused);
}

TEST_F(ServerConnectionTest, OverBudgetNoFrameIsBegunButABegunOneIsFinished) {
  wire_.deliver(framed("half of it").substr(0, 9));
  budget_.charge(1 << 20);
  wire_.deliver(framed("half of it").substr(9));
  EXPECT_EQ(desk_.arrived.size(), 1u);
  request("b");
  EXPECT_EQ(desk_.arrived.size(), 1u);
  EXPECT_TRUE(wire_.is_paused);
  budget_.release(1 << 20);
  loop_.run_posted();
  EXPECT_FALSE(wire_.is_paused);
  wire_.read();
  EXPECT_EQ(desk_.arrived.size(), 2u);
}

TEST_F(ServerConnectionTest, AnIdleConnectionIsClosed) {
  open({.idle_ms_max = 1000});
  loop_.advance_ms(800);
  request("a");
  loop_.advance_ms(10'000);
  EXPECT_EQ(desk_.closed, "");  // a request is open
  answer(0, "A");
  loop_.advance_ms(999);
  EXPECT_EQ(desk_.closed, "");
  loop_.advance_ms(251);
  EXPECT_EQ(desk_.closed, "idle for too long");
  EXPECT_EQ(home_->counters.idle_closed.get(), 1u);
}

// A consumer far away takes a large answer for longer than the idle time, and has nothing to say meanwhile.
TEST_F(ServerConnectionTest, APeerThatTakesItsAnswerSlowlyIsNotIdle) {
  open({.idle_ms_max = 1000});
  desk_.answers_at_once = true;
  wire_.peer_takes = 0;
  request(std::string(100, 'a'));
  for (int i = 0; i < 50; ++i) {
    loop_.advance_ms(250);
    ASSERT_EQ(desk_.closed, "") << i;
    wire_.sent += wire_.unsent.substr(0, 1);
    wire_.unsent.erase(0, 1);
  }
  loop_.advance_ms(1250);
  EXPECT_EQ(desk_.closed, "idle for too long") << "it has stopped";
}

TEST_F(ServerConnectionTest, ANegativeIdleLimitIsNone) {
  open({.idle_ms_max = -1});
  loop_.advance_ms(int64_t{1} << 40);
  EXPECT_EQ(desk_.closed, "");
}

TEST_F(ServerConnectionTest, AStalledFrameIsClosed) {
  wire_.deliver(framed("slow").substr(0, 6));
  loop_.advance_ms(29'000);
  wire_.deliver("o");  // progress
  loop_.advance_ms(30'000);
  EXPECT_EQ(desk_.closed, "");
  loop_.advance_ms(31'000);
  EXPECT_EQ(desk_.closed, "a frame was begun and not continued");
}

TEST_F(ServerConnectionTest, TimeInWhichWeDidNotReadDoesNotStallAFrame) {
  wire_.deliver(framed("a") + framed("slow").substr(0, 6));
  connection_->mute(59'999);
  desk_.replies[0].without_answer();
  loop_.advance_ms(60'000);
  EXPECT_EQ(desk_.closed, "");
}

TEST_F(ServerConnectionTest, ClosesOnceAnsweredAndTaken) {
  desk_.on_next = [&](ServerConnection& connection) {
    connection.close_when_answered("authentication failed");
  };
  wire_.peer_takes = 3;
  wire_.deliver(framed("a") + framed("b"));
  answer(0, "denied");
  EXPECT_EQ(desk_.closed, "");
  wire_.drain();
  loop_.run_posted();
  EXPECT_EQ(desk_.closed, "authentication failed");
  EXPECT_EQ(wire_.sent, framed("denied"));
  EXPECT_EQ(desk_.arrived.size(), 1u);
}

TEST_F(ServerConnectionTest, CountsWhatItDoes) {
  desk_.answers_at_once = true;
  request("abc");
  request("d");
  EXPECT_EQ(home_->counters.requests.get(), 2u);
  EXPECT_EQ(home_->counters.responses.get(), 2u);
  EXPECT_EQ(home_->counters.received_bytes.get(), 12u);
  EXPECT_EQ(home_->counters.sent_bytes.get(), 18u);
  EXPECT_EQ(home_->counters.open.get(), 1u);
  connection_.reset();
  EXPECT_EQ(home_->counters.open.get(), 0u);
}

TEST(ReplyTest, ToAnyone) {
  std::string got;
  Reply reply = Reply::to([&](auto bytes) { got = bytes ? text_of(*bytes) : "none"; });
  EXPECT_TRUE(reply);
  reply(pieces_of("hello"));
  EXPECT_FALSE(reply);
  EXPECT_EQ(got, "hello");
  Reply::to([&](auto bytes) { got = bytes ? text_of(*bytes) : "none"; }).without_answer();
  EXPECT_EQ(got, "none");
}

}  // namespace
}  // namespace kt::net
