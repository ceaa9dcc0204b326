#include "libbroker/fault/fault_stream.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/fault/bytes_of_frames.h"
#include "tests/unit/net/fakes.h"

namespace kt::fault {
namespace {

constexpr int16_t produce = 0, fetch = 1, metadata = 3;
const Fault lose_a_request{.id = 1,
                           .kind = Fault::Kind::lose,
                           .a = {clients},
                           .b = {1},
                           .is_one_way = true,
                           .frames = Fault::Frames::requests,
                           .count = 1};

/// Whoever uses the connection.
struct User final : Stream::Handler {
  std::span<std::byte> read_buffer() override { return is_full ? std::span<std::byte>() : std::span(buffer); }
  void on_read(size_t count) override { got.append(reinterpret_cast<const char*>(buffer.data()), count); }
  void on_drained() override { ++drained; }
  void on_closed(std::string_view reason) override {
    closed = std::string(reason);
    if (when_closed) when_closed();
  }
  std::array<std::byte, 16> buffer{};
  std::string got;
  std::optional<std::string> closed;
  std::function<void()> when_closed;
  int drained = 0;
  bool is_full = false;
};

/// Node 1's end of a connection: to node 0, or, accepted, to a client.
class FaultStreamTest : public testing::Test {
 protected:
  void connect(std::optional<int32_t> peer) {
    stream_ = std::make_unique<FaultStream>(FaultServices{board_, clock_, 7}, loop_,
                                            std::make_unique<net::FakeStream>(wire_), peer);
    stream_->start(user_);
  }
  void order(std::vector<Fault> faults) {
    board_.set({.version = 2, .node = 1, .ports = {}, .faults = std::move(faults), .clock = {}, .seed = {}});
    loop_.run_posted();
  }
  void advance_ms(int64_t ms) {
    for (; ms > 0; --ms) {
      clock_.advance_ms(1);
      loop_.advance_ms(1);
    }
  }
  void send(const std::string& text) {
    stream_->send({Slice::copy(text)});
    loop_.run_posted();
  }

  net::FakeLoop loop_;
  ManualClock clock_;
  net::FakeWire wire_;
  Board board_{Orders{.version = 1, .node = 1, .ports = {}, .faults = {}, .clock = {}, .seed = {}}};
  User user_;
  std::unique_ptr<FaultStream> stream_;
};

TEST_F(FaultStreamTest, PassesEverythingWhereNothingIsWrong) {
  connect(0);
  send(request(fetch, 1, "f", "x"));
  EXPECT_EQ(wire_.sent, request(fetch, 1, "f", "x"));
  wire_.deliver(answer(1, std::string(100, 'a')));
  EXPECT_EQ(user_.got, answer(1, std::string(100, 'a')));
}

TEST_F(FaultStreamTest, HoldsWhatIsSentOverALinkThatIsCutUntilItIsHealed) {
  connect(0);
  const std::string first = request(fetch, 1, "f", "x"), second = request(fetch, 2, "f", "y");
  send(first.substr(0, 9));  // the cut comes in the middle
  order({{.id = 1, .kind = Fault::Kind::cut, .a = {0}, .b = {1}}});
  send(first.substr(9) + second);
  wire_.deliver(answer(1, "abc"));
  advance_ms(10'000);
  EXPECT_EQ(wire_.sent, first.substr(0, 9));
  EXPECT_EQ(user_.got, "");
  EXPECT_GT(stream_->unsent_bytes(), 0u);
  order({});
  EXPECT_EQ(wire_.sent, first + second);
  EXPECT_EQ(user_.got, answer(1, "abc"));
  EXPECT_EQ(stream_->unsent_bytes(), 0u);
  EXPECT_GE(user_.drained, 1);
  send(request(fetch, 3, "f", ""));
  EXPECT_TRUE(wire_.sent.ends_with(request(fetch, 3, "f", "")));
}

TEST_F(FaultStreamTest, ACutOneWayLetsTheOtherPass) {
  connect(0);
  order({{.id = 1, .kind = Fault::Kind::cut, .a = {1}, .b = {0}, .is_one_way = true}});
  send(request(fetch, 1, "f", ""));
  wire_.deliver(answer(1, "x"));
  EXPECT_EQ(wire_.sent, "");
  EXPECT_EQ(user_.got, answer(1, "x"));
}

TEST_F(FaultStreamTest, ACutOfOneApiHoldsItAndWhatComesBehindIt) {
  connect(0);
  order({{.id = 1, .kind = Fault::Kind::cut, .a = {1}, .b = {0}, .apis = {fetch}}});
  send(request(metadata, 1, "f", "") + request(fetch, 2, "f", "") + request(metadata, 3, "f", ""));
  EXPECT_EQ(wire_.sent, request(metadata, 1, "f", ""));
  order({});
  EXPECT_EQ(wire_.sent,
            request(metadata, 1, "f", "") + request(fetch, 2, "f", "") + request(metadata, 3, "f", ""));
}

TEST_F(FaultStreamTest, SlowIsLaterAndInOrder) {
  connect(0);
  order({{.id = 1, .kind = Fault::Kind::slow, .a = {1}, .b = {0}, .delay_ms = 50, .jitter_ms = 20}});
  std::string all;
  for (int32_t id = 1; id <= 20; ++id) {
    all += request(fetch, id, "f", "body");
    send(request(fetch, id, "f", "body"));
  }
  advance_ms(29);
  EXPECT_EQ(wire_.sent, "");
  advance_ms(45);
  EXPECT_EQ(wire_.sent, all);
}

TEST_F(FaultStreamTest, ThrottleIsSoManyBytesASecond) {
  connect(0);
  order({{.id = 1, .kind = Fault::Kind::throttle, .a = {1}, .b = {0}, .bytes_per_second = 1000}});
  for (int32_t id = 1; id <= 10; ++id) send(request(fetch, id, "f", std::string(85, 'x')));  // 100 bytes each
  advance_ms(510);
  EXPECT_GE(wire_.sent.size(), 500u);
  EXPECT_LE(wire_.sent.size(), 600u);  // a part of a frame is on its way before its time is paid for
  advance_ms(500);
  EXPECT_EQ(wire_.sent.size(), 1000u);
}

TEST_F(FaultStreamTest, ALostAnswerEndsTheConnectionOfAClient) {
  connect(std::nullopt);
  order({{.id = 1,
          .kind = Fault::Kind::lose,
          .a = {1},
          .b = {clients},
          .is_one_way = true,
          .frames = Fault::Frames::answers,
          .apis = {produce},
          .count = 1}});
  wire_.deliver(request(metadata, 1, "me", "") + request(produce, 2, "me", "r"));
  EXPECT_EQ(user_.got, request(metadata, 1, "me", "") + request(produce, 2, "me", "r"));
  send(answer(1, "m"));
  EXPECT_EQ(wire_.sent, answer(1, "m"));
  EXPECT_FALSE(user_.closed);
  send(answer(2, "p"));
  EXPECT_EQ(wire_.sent, answer(1, "m"));
  EXPECT_TRUE(wire_.is_destroyed);
  EXPECT_EQ(user_.closed, "the lab lost a frame");
}

TEST_F(FaultStreamTest, LosesAsManyAsItWasToldOver) {
  order({lose_a_request});
  EXPECT_TRUE(board_.spend(lose_a_request, 1));
  connect(std::nullopt);
  wire_.deliver(request(produce, 2, "me", "r"));
  EXPECT_EQ(user_.got, request(produce, 2, "me", "r"));
}

TEST_F(FaultStreamTest, FaultsOfClientsLeaveNodesAlone) {
  connect(std::nullopt);
  order({{.id = 1, .kind = Fault::Kind::cut, .a = {1}, .b = {clients}}});
  wire_.deliver(request(fetch, 1, "broker-1-fetcher-0", "x"));
  EXPECT_EQ(user_.got, request(fetch, 1, "broker-1-fetcher-0", "x"));
}

TEST_F(FaultStreamTest, AFaultOfOneClientLeavesOthersAlone) {
  connect(std::nullopt);
  order({{.id = 1, .kind = Fault::Kind::cut, .a = {1}, .b = {clients}, .client = "you"}});
  wire_.deliver(request(produce, 1, "me", "x"));
  EXPECT_EQ(user_.got, request(produce, 1, "me", "x"));
}

TEST_F(FaultStreamTest, TheEndOfTheOtherSideIsHeardOnceTheLinkIsWhole) {
  connect(0);
  order({{.id = 1, .kind = Fault::Kind::cut, .a = {0}, .b = {1}}});
  wire_.deliver(answer(1, "late"));
  wire_.handler->on_closed("it closed");
  loop_.run_posted();
  EXPECT_FALSE(user_.closed);
  order({});
  EXPECT_EQ(user_.got, answer(1, "late"));
  EXPECT_EQ(user_.closed, "it closed");
}

// As a client's connection does: what happens then is not the business of a stream that is no more.
TEST_F(FaultStreamTest, WhoHearsOfTheEndMayDestroyIt) {
  connect(0);
  user_.when_closed = [this] { stream_.reset(); };
  order({{.id = 1, .kind = Fault::Kind::cut, .a = {0}, .b = {1}}});
  wire_.handler->on_closed("it closed");
  order({});
  EXPECT_EQ(user_.closed, "it closed");
  EXPECT_FALSE(stream_);
}

TEST_F(FaultStreamTest, HalfAHeadDoesNotHideTheEnd) {
  connect(std::nullopt);
  order({{.id = 1, .kind = Fault::Kind::slow, .a = {clients}, .b = {1}, .delay_ms = 1}});
  wire_.deliver(request(produce, 1, "me", "x").substr(0, 7));
  wire_.handler->on_closed("it closed");
  loop_.run_posted();
  EXPECT_EQ(user_.closed, "it closed");
}

TEST_F(FaultStreamTest, WhatACutHoldsBackIsLostOnceItIsHealed) {
  connect(std::nullopt);
  order({lose_a_request, {.id = 2, .kind = Fault::Kind::cut, .a = {clients}, .b = {1}}});
  wire_.deliver(request(produce, 2, "me", "r"));
  EXPECT_FALSE(user_.closed);
  order({lose_a_request});
  EXPECT_EQ(user_.got, "");
  EXPECT_EQ(user_.closed, "the lab lost a frame");
}

TEST_F(FaultStreamTest, WhatIsHealedLosesNothingMore) {
  order({lose_a_request});
  EXPECT_TRUE(board_.spend(lose_a_request, 1));
  order({});
  EXPECT_FALSE(board_.spend(lose_a_request, 1));  // by a connection that has not heard of it
}

TEST_F(FaultStreamTest, WhoDoesNotReadIsNotGivenMore) {
  connect(0);
  order({{.id = 1, .kind = Fault::Kind::slow, .a = {0}, .b = {1}, .delay_ms = 1}});
  stream_->pause_reading(true);
  user_.is_full = true;
  EXPECT_TRUE(wire_.is_paused);
  user_.is_full = false;
  stream_->pause_reading(false);
  wire_.deliver(answer(1, std::string(200, 'x')));
  EXPECT_EQ(user_.got, "");
  advance_ms(3);
  EXPECT_EQ(user_.got, answer(1, std::string(200, 'x')));
}

}  // namespace
}  // namespace kt::fault
